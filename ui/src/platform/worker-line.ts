/** A tab's end of the line that a shared worker holds. */

import type { ClientFrame, HubFrame } from '../api/types';
import type { Line, LineEnd, LineEvents, LineOwner, Resume } from './types';

/** A worker that does not answer is not there: the tab then has a line of its own. */
const ANSWERS_WITHIN_MS = 4_000;

export type FromTab =
  | { kind: 'attach'; resume: Resume; owner: LineOwner }
  | { kind: 'send'; frame: ClientFrame }
  | { kind: 'leave' };

export type ToTab =
  | { kind: 'here' }
  | { kind: 'frame'; frame: HubFrame }
  | { kind: 'end'; end: LineEnd };

type OpenOwn = (resume: Resume, events: LineEvents) => Line;

export function openByWorker(
  resume: Resume,
  events: LineEvents,
  owner: LineOwner,
  openOwn: OpenOwn,
  page: Window = window,
): Line {
  const worker = new SharedWorker(new URL('./line-worker.ts', import.meta.url), {
    type: 'module',
    name: 'rappel-line',
  });
  const { port } = worker;
  let own: Line | null = null;
  let over = false;

  const tell = (said: FromTab): void => port.postMessage(said);
  const useOwn = (): void => {
    clearTimeout(patience);
    if (over || own !== null) return;
    leave();
    own = openOwn(resume, { onFrame: events.onFrame, onEnd: end });
  };
  const end = (why: LineEnd): void => {
    if (over) return;
    finish();
    events.onEnd(why);
  };
  const finish = (): void => {
    over = true;
    clearTimeout(patience);
    page.removeEventListener('pagehide', leave);
    page.removeEventListener('pageshow', back);
  };
  const leave = (): void => tell({ kind: 'leave' });
  // A page that was put away and comes back has left meanwhile.
  const back = (event: PageTransitionEvent): void => {
    if (event.persisted) end('lost');
  };

  const patience = setTimeout(useOwn, ANSWERS_WITHIN_MS);
  worker.addEventListener('error', useOwn);
  port.onmessage = ({ data }: MessageEvent<ToTab>) => {
    if (over || own !== null) return;
    if (data.kind === 'here') clearTimeout(patience);
    else if (data.kind === 'frame') events.onFrame(data.frame);
    else end(data.end);
  };
  page.addEventListener('pagehide', leave);
  page.addEventListener('pageshow', back);
  tell({ kind: 'attach', resume, owner });

  return {
    send(frame) {
      if (own !== null) own.send(frame);
      else tell({ kind: 'send', frame });
    },
    close() {
      finish();
      if (own !== null) own.close();
      else leave();
    },
  };
}
