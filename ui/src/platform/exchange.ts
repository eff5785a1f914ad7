/**
 * One line to the hub for all tabs of a browser. Each tab has its own place in the person's history;
 * the exchange brings a tab that attaches to where the line is, or says that it cannot.
 *
 * It runs in a worker that the tabs share or, where there is none, in one of the tabs.
 */

import type { ClientFrame, HubFrame } from '../api/types';
import type { Line, LineEnd, LineEvents, LineOwner, Resume } from './types';

/** Frames kept for tabs that attach a little behind the line. */
const KEPT = 200;
/** A line that was heard of this recently is alive, whatever a tab suspects. */
const ALIVE_MS = 15_000;

type Established = Extract<HubFrame, { type: 'connection_established' }>;
type Watched = Extract<ClientFrame, { type: 'watch_events' }>;

type Place = { seq: number; change: number };

/** A tab, and where it was when it attached; null where it wants what is new only. */
type Tab = LineEvents & { watched: Watched | null; from: Place | null };

export class Exchange {
  #line: Line | null = null;
  #device = '';
  #heardAt = 0;
  #established: Established | null = null;
  #aheadMs = 0;
  /** What holds until it is told otherwise, by its type: who waits at the door, what ails the hub. */
  #standing = new Map<HubFrame['type'], HubFrame>();
  /** The latest frames, with the place in the history before the first of them. */
  #kept: HubFrame[] = [];
  #keptFrom: Place = { seq: 0, change: 0 };
  /** From where the line was asked to replay. */
  #openedFrom: Resume = { since: null, lastId: null, changesSince: null };
  #at = { seq: 0, change: 0, lastId: null as string | null, unread: 0 };
  #tabs = new Set<Tab>();

  constructor(
    private readonly openLine: (resume: Resume, events: LineEvents) => Line,
    private readonly now: () => number = Date.now,
  ) {}

  /** A tab wants to listen from where it is. */
  attach(resume: Resume, events: LineEvents, owner: LineOwner): Line {
    const tab: Tab = { ...events, watched: null, from: placeOf(resume) };
    if (this.#line !== null && owner.device !== this.#device) this.#end('replaced');
    const dead = owner.suspect && this.now() - this.#heardAt > ALIVE_MS;
    this.#tabs.add(tab);
    if (this.#line === null) {
      this.#device = owner.device;
      this.#open(resume);
    } else if (dead) {
      for (const other of this.#tabs) if (other !== tab) other.from = { ...this.#at };
      this.#open(this.#resume());
    } else if (this.#established !== null) {
      this.#bring(tab, resume);
    }
    return {
      send: (frame) => this.#send(tab, frame),
      close: () => this.#leave(tab),
    };
  }

  /** Whether nobody listens any more. */
  get idle(): boolean {
    return this.#tabs.size === 0;
  }

  /** Ends the line for every tab. */
  end(): void {
    this.#end('lost');
  }

  #open(resume: Resume): void {
    this.#line?.close();
    this.#established = null;
    this.#standing.clear();
    this.#heardAt = this.now();
    this.#openedFrom = resume;
    const line = this.openLine(resume, {
      onFrame: (frame) => {
        if (this.#line === line) this.#received(frame);
      },
      onEnd: (end) => {
        if (this.#line === line) this.#end(end);
      },
    });
    this.#line = line;
  }

  #received(frame: HubFrame): void {
    this.#heardAt = this.now();
    if (frame.type === 'connection_established') {
      this.#established = frame;
      this.#aheadMs = Date.parse(frame.now) - this.now();
      // What comes up to this place is replayed to all; the tabs know what they have.
      const { since, lastId } = this.#openedFrom;
      this.#at = {
        seq: frame.seq,
        change: frame.change,
        lastId: since === frame.seq ? lastId : null,
        unread: frame.unread_count,
      };
      this.#keptFrom = { seq: frame.seq, change: frame.change };
      this.#kept = [];
    } else if (frame.type === 'join_requests' || frame.type === 'hub_trouble') {
      this.#standing.set(frame.type, frame);
    } else {
      this.#keep(frame);
    }
    for (const tab of [...this.#tabs]) tab.onFrame(frame);
    if (frame.type !== 'connection_established') return;
    this.#watch();
    const opened = placeOf(this.#openedFrom);
    for (const tab of [...this.#tabs]) {
      // What is replayed begins after this tab's place: it would miss what is between.
      if (isBehind(tab.from, opened)) tab.onFrame({ type: 'snapshot_required' });
    }
  }

  #keep(frame: HubFrame): void {
    if (frame.type === 'event_notification' || frame.type === 'notification_updated') {
      const { id, seq, change } = frame.notification;
      if (seq >= this.#at.seq) this.#at = { ...this.#at, seq, lastId: id };
      this.#at = {
        ...this.#at,
        change: Math.max(this.#at.change, change),
        unread: frame.unread_count,
      };
      this.#kept.push(frame);
    } else if (frame.type === 'unread_count_updated') {
      this.#at = {
        ...this.#at,
        change: Math.max(this.#at.change, frame.change),
        unread: frame.unread_count,
      };
      this.#kept.push(frame);
    }
    if (this.#kept.length <= KEPT) return;
    this.#kept = [];
    this.#keptFrom = { seq: this.#at.seq, change: this.#at.change };
  }

  /** Tells a tab that attaches late what the line has told the others. */
  #bring(tab: Tab, resume: Resume): void {
    const { seq, change, unread } = this.#at;
    tab.onFrame({
      ...(this.#established as Established),
      seq,
      change,
      unread_count: unread,
      now: new Date(this.now() + this.#aheadMs).toISOString(),
    });
    for (const frame of this.#standing.values()) tab.onFrame(frame);
    if (resume.since === null) return;
    const known = { seq: resume.since, change: resume.changesSince ?? change };
    const from = this.#keptFrom;
    if (known.seq > seq || known.change > change) {
      // The tab has heard of something over another way that is still on its way here.
      return;
    }
    if (known.seq < from.seq || known.change < from.change) {
      if (known.seq !== seq || known.change !== change) tab.onFrame({ type: 'snapshot_required' });
      return;
    }
    for (const frame of this.#kept) if (isBeyond(frame, known)) tab.onFrame(frame);
  }

  #resume(): Resume {
    const { seq, change, lastId } = this.#at;
    return { since: seq, lastId, changesSince: change };
  }

  #send(tab: Tab, frame: ClientFrame): void {
    if (frame.type !== 'watch_events') {
      this.#line?.send(frame);
      return;
    }
    tab.watched = frame;
    this.#watch();
  }

  /** The hub keeps one range for a line: all that any tab looks at. */
  #watch(): void {
    const ranges = [...this.#tabs].flatMap(({ watched }) => watched ?? []);
    const from = ranges.map((range) => range.from).toSorted()[0];
    const to = ranges.map((range) => range.to).toSorted().at(-1);
    if (from !== undefined && to !== undefined) {
      this.#line?.send({ type: 'watch_events', from, to });
    }
  }

  #leave(tab: Tab): void {
    this.#tabs.delete(tab);
    if (this.#tabs.size > 0) return;
    this.#line?.close();
    this.#line = null;
    this.#established = null;
  }

  #end(end: LineEnd): void {
    this.#line?.close();
    this.#line = null;
    this.#established = null;
    const tabs = [...this.#tabs];
    this.#tabs.clear();
    for (const tab of tabs) tab.onEnd(end);
  }
}

function placeOf({ since, changesSince }: Resume): Place | null {
  return since === null ? null : { seq: since, change: changesSince ?? 0 };
}

function isBehind(place: Place | null, other: Place | null): boolean {
  if (place === null || other === null) return false;
  return place.seq < other.seq || place.change < other.change;
}

function isBeyond(frame: HubFrame, known: { seq: number; change: number }): boolean {
  switch (frame.type) {
    case 'event_notification':
      return frame.notification.seq > known.seq;
    case 'notification_updated':
      return frame.notification.change > known.change;
    case 'unread_count_updated':
      return frame.change > known.change;
    default:
      return false;
  }
}
