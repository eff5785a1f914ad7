/** The app in a browser: fetch and WebSocket to the hub it was served by, signed in by cookie. */

import { lineOpener } from './shared-line';
import { openSocket } from './socket';
import type { HubAnswer, HubRequest, Platform } from './types';

const CALL_TIMEOUT_MS = 20_000;

export function browserPlatform(): Platform {
  return { call, openLine: lineOpener(openSocket), desktop: null };
}

async function call(request: HubRequest): Promise<HubAnswer> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (request.body !== undefined) headers['Content-Type'] = 'application/json';
  if (request.ifMatch !== undefined) headers['If-Match'] = `"${request.ifMatch}"`;
  if (request.idempotencyKey !== undefined) headers['Idempotency-Key'] = request.idempotencyKey;

  const response = await fetch(request.path, {
    method: request.method,
    headers,
    body: request.body === undefined ? null : JSON.stringify(request.body),
    credentials: 'same-origin',
    cache: 'no-store',
    signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
  });
  const text = await response.text();
  return { status: response.status, body: parse(text) };
}

/** A proxy's error page is an answer without a body that means anything to the app. */
function parse(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
