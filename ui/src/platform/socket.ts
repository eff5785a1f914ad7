/** A WebSocket to the hub that this page, or this worker, came from; signed in by cookie. */

import type { ClientFrame, HubFrame } from '../api/types';
import type { Line, LineEvents, Resume } from './types';

/** Not authenticated, revoked, or the origin refused. */
const POLICY_VIOLATION = 1008;

export function openSocket(resume: Resume, events: LineEvents): Line {
  const socket = new WebSocket(lineAddress(globalThis.location, resume));
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
