/** The app in a browser: fetch and WebSocket to the hub it was served by, signed in by cookie. */

import type { ClientFrame, HubFrame } from '../api/types';
import type { HubAnswer, HubRequest, Line, LineEvents, Platform, Resume } from './types';

/** Not authenticated, revoked, or the origin refused. */
const POLICY_VIOLATION = 1008;

const CALL_TIMEOUT_MS = 20_000;

export function browserPlatform(): Platform {
  return { call, openLine, desktop: null };
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

function openLine(resume: Resume, events: LineEvents): Line {
  const socket = new WebSocket(lineAddress(window.location, resume));
  let over = false;

  socket.addEventListener('message', (message: MessageEvent<unknown>) => {
    if (over || typeof message.data !== 'string') return;
    events.onFrame(JSON.parse(message.data) as HubFrame);
  });
  socket.addEventListener('close', (close) => {
    if (over) return;
    over = true;
    events.onEnd(close.code === POLICY_VIOLATION ? 'refused' : 'lost');
  });

  return {
    send(frame: ClientFrame) {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
    },
    close() {
      over = true;
      socket.close();
    },
  };
}

/** The WebSocket's address beside a page, with the cursors it resumes from. */
export function lineAddress(page: Pick<Location, 'protocol' | 'host'>, resume: Resume): string {
  const query = new URLSearchParams();
  if (resume.since !== null) query.set('since', String(resume.since));
  if (resume.lastId !== null) query.set('last_id', resume.lastId);
  if (resume.changesSince !== null) query.set('changes_since', String(resume.changesSince));
  const scheme = page.protocol === 'https:' ? 'wss:' : 'ws:';
  return `${scheme}//${page.host}/ws/notifications/?${query.toString()}`;
}
