/** One line to the hub for all tabs, in the best way this browser has. */

import { TabLines, type TabChannel } from './tab-line';
import type { Line, LineEvents, LineOwner, Platform, Resume } from './types';
import { openByWorker } from './worker-line';

type OpenOwn = (resume: Resume, events: LineEvents) => Line;

export function lineOpener(openOwn: OpenOwn): Platform['openLine'] {
  if (typeof SharedWorker !== 'undefined') {
    return (resume: Resume, events: LineEvents, owner: LineOwner) =>
      openByWorker(resume, events, owner, openOwn);
  }
  if (typeof BroadcastChannel !== 'undefined') {
    const tabs = new TabLines(openOwn, new BroadcastChannel('rappel-line') as TabChannel);
    return (resume, events, owner) => tabs.openLine(resume, events, owner);
  }
  return (resume, events) => openOwn(resume, events);
}
