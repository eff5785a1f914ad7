/** The app in a browser: fetch and WebSocket to the hub it was served by, signed in by cookie. */

import { lineOpener } from './shared-line';
import { openSocket } from './socket';
import type { HubAnswer, HubRequest, Platform } from './types';

const CALL_TIMEOUT_MS = 20_000;

export function browserPlatform(): Platform {
  return { call, openLine: lineOpener(openSocket), desktop: null, files: { download, upload } };
}

async function call(request: HubRequest, patienceMs = CALL_TIMEOUT_MS): Promise<HubAnswer> {
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
    signal: AbortSignal.timeout(patienceMs),
  });
  const text = await response.text();
  return { status: response.status, body: parse(text) };
}

function download(path: string): void {
  const link = document.createElement('a');
  link.href = path;
  link.download = '';
  document.body.append(link);
  link.click();
  link.remove();
}

/** `fetch` does not tell how much has gone. */
function upload(path: string, file: Blob, onProgress: (share: number) => void): Promise<HubAnswer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    request.setRequestHeader('Content-Type', 'application/vnd.sqlite3');
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => resolve({ status: request.status, body: parse(request.responseText) });
    request.onerror = () => reject(new TypeError('the file did not arrive'));
    request.send(file);
  });
}

/** A proxy's error page is an answer without a body that means anything to the app. */
function parse(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
