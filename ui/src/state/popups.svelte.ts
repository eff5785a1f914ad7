/**
 * The popups in the page. Each stays until it is acted on here or elsewhere; what came while this
 * device was away is one card, and so is what the hub could not tell in time.
 */

import { HubError, type HubApi } from '../api/hub';
import type { NotificationItem } from '../api/types';
import type { Inbox } from './inbox.svelte';
import type { Memory } from './memory';

const AT_MOST = 3;
const AT_MOST_SMALL = 1;
const AWAY_DAYS = 7;
/** More than come in the days that the card reaches back. */
const REMEMBERED = 1000;
const DAY_MS = 24 * 3_600_000;
/** What came so recently pops up although the line was down: its words are true to the minute. */
const FRESH_MS = 60_000;

/** Notices after which what an older popup says of the event is no longer true. */
const SUPERSEDING = new Set(['cancelled', 'moved', 'unassigned']);

type Kept = { epoch: number; seq: number; open: string[]; away: string[]; shown: string[] };

export type PopupsNeeds = {
  api: HubApi;
  inbox: Inbox;
  memory: Memory;
  /** A popup has just appeared. */
  onShown(item: NotificationItem): void;
  onFailure(thrown: unknown): void;
};

export class Popups {
  /** Those on screen or waiting for a place, newest first. */
  open = $state.raw<NotificationItem[]>([]);
  /** What came while this device was away, newest first. */
  away = $state.raw<NotificationItem[]>([]);

  /** The screen has little room: a single popup, so that the page can still be used. */
  small = $state(false);

  #shown = new Set<string>();
  #key = '';
  #epoch = 0;

  constructor(private readonly needs: PopupsNeeds) {}

  /** How many popups there is room for. */
  get room(): number {
    if (this.small) return AT_MOST_SMALL;
    return this.away.length > 0 ? AT_MOST - 1 : AT_MOST;
  }

  /** What is on the card, if there is room for it: on a small screen it waits for its turn. */
  get card(): NotificationItem[] {
    return this.small && this.open.length > 0 ? [] : this.away;
  }

  get visible(): NotificationItem[] {
    return this.open.slice(0, this.room);
  }

  get hidden(): number {
    return Math.max(0, this.open.length - this.room) + this.away.length - this.card.length;
  }

  /**
   * Takes up where this device left off: puts back what was on screen, and makes the card of what
   * came since, told by its id: numbers mean other rows once the hub was restored, which its epoch
   * says. The inbox is loaded. On a device's first visit nothing is new.
   */
  async start(owner: string, epoch: number, nowMs: number): Promise<void> {
    this.#key = `rappel.popups.${owner}`;
    this.#epoch = epoch;
    const { inbox } = this.needs;
    const kept = asKept(this.needs.memory.read(this.#key));
    this.#shown = new Set(kept?.shown);
    this.open = [];
    this.away = [];
    if (kept !== null) {
      await this.#reachBack(kept.epoch === epoch ? kept.seq : 0, nowMs);
      this.open = inbox.items.filter((item) => kept.open.includes(item.id) && stands(item));
      this.#putAway(
        inbox.items.filter((item) => kept.away.includes(item.id)),
        nowMs,
      );
      this.#addAway(
        inbox.items.filter((item) => !this.#shown.has(item.id)),
        nowMs,
      );
    }
    this.#remember(inbox.items);
    this.#keep();
  }

  /** The list was fetched anew, its numbers unlike those known: only the ids tell what is new. */
  async afterSnapshot(epoch: number, nowMs: number): Promise<void> {
    this.#epoch = epoch;
    await this.#reachBack(0, nowMs);
    const { items } = this.needs.inbox;
    const fresh = items.filter((item) => !this.#shown.has(item.id));
    const now = new Map(items.map((item) => [item.id, item]));
    const asNow = (item: NotificationItem): NotificationItem => now.get(item.id) ?? item;
    this.open = this.open.map(asNow).filter(stands);
    this.away = this.away.map(asNow).filter(stands);
    this.#addAway(fresh, nowMs);
    this.#remember(items);
    this.#keep();
  }

  #reachBack(seq: number, nowMs: number): Promise<void> {
    return this.needs.inbox.reachBack(seq, nowMs - AWAY_DAYS * DAY_MS);
  }

  #remember(items: readonly NotificationItem[]): void {
    for (const item of items.toReversed()) this.#shown.add(item.id);
  }

  /** A notification came; `replayed` when it dates from while the line was down. */
  receive(item: NotificationItem, replayed: boolean, nowMs: number): void {
    // One that was put off and is told again is no news of its event.
    if (item.parent_id === null && SUPERSEDING.has(item.notification_type)) this.#supersede(item);
    const known = this.#shown.has(item.id);
    this.#shown.add(item.id);
    const fresh = !replayed || (!item.is_read && nowMs - Date.parse(item.created_at) < FRESH_MS);
    if (!known && stands(item)) {
      if (fresh && item.outcome === 'fired') {
        this.open = [item, ...this.open];
        this.needs.onShown(item);
      } else if (replayed || item.outcome === 'missed') {
        this.#addAway([item], nowMs);
      }
    }
    this.#keep();
  }

  /** A row changed, here or on another device: reading it closes nothing, acting on it does. */
  update(item: NotificationItem): void {
    const replace = (one: NotificationItem): NotificationItem => (one.id === item.id ? item : one);
    this.open = this.open.map(replace).filter(stands);
    this.away = this.away.map(replace).filter(stands);
    this.#keep();
  }

  gotIt(item: NotificationItem): Promise<void> {
    return this.#act([item], (id) => this.needs.api.dismiss(id));
  }

  gotAllAway(): Promise<void> {
    return this.#act(this.away, (id) => this.needs.api.dismiss(id));
  }

  snooze(item: NotificationItem, minutes: number): Promise<void> {
    return this.#act([item], (id) => this.needs.api.snooze(id, minutes));
  }

  /** Closes at once and tells the hub; what it does not take comes back. */
  async #act(
    items: readonly NotificationItem[],
    tell: (id: string) => Promise<NotificationItem>,
  ): Promise<void> {
    const ids = new Set(items.map((item) => item.id));
    const open = new Set(this.open.map((item) => item.id));
    const away = new Set(this.away.map((item) => item.id));
    this.open = this.open.filter((item) => !ids.has(item.id));
    this.away = this.away.filter((item) => !ids.has(item.id));
    for (const item of items) {
      try {
        this.needs.inbox.settle(await tell(item.id));
      } catch (thrown) {
        this.needs.onFailure(thrown);
        const stale = thrown instanceof HubError && (thrown.status === 404 || thrown.status === 409);
        if (stale) continue;
        if (open.has(item.id)) this.open = bySeq([item, ...this.open]);
        if (away.has(item.id)) this.away = bySeq([item, ...this.away]);
      }
    }
    this.#keep();
  }

  #supersede(notice: NotificationItem): void {
    const older = (item: NotificationItem): boolean =>
      item.event_id === notice.event_id && item.seq < notice.seq;
    this.open = this.open.filter((item) => !older(item));
    this.away = this.away.filter((item) => !older(item));
  }

  /** What nobody has seen anywhere goes on the card; what was missed is told there alone. */
  #addAway(items: NotificationItem[], nowMs: number): void {
    this.#putAway(
      items.filter((item) => !item.is_read),
      nowMs,
    );
  }

  #putAway(items: NotificationItem[], nowMs: number): void {
    const since = nowMs - AWAY_DAYS * DAY_MS;
    const known = new Set([...this.open, ...this.away].map((item) => item.id));
    const fresh = items.filter(
      (item) => !known.has(item.id) && stands(item) && Date.parse(item.created_at) >= since,
    );
    if (fresh.length > 0) this.away = bySeq([...fresh, ...this.away]);
  }

  #keep(): void {
    const shown = [...this.#shown].slice(-REMEMBERED);
    this.#shown = new Set(shown);
    this.needs.memory.write(this.#key, {
      epoch: this.#epoch,
      seq: this.needs.inbox.seq,
      open: this.open.map((item) => item.id),
      away: this.away.map((item) => item.id),
      shown,
    } satisfies Kept);
  }
}

/** Whether a popup of it may be on screen: nobody has acted on it and it still applies. */
function stands(item: NotificationItem): boolean {
  return item.dismissed_at === null && item.snoozed_until === null && item.withdrawn_at === null;
}

/** Only reminders, and what else is about an event still to come, can be told again. */
export function canSnooze(item: NotificationItem): boolean {
  const type = item.notification_type;
  return type.endsWith('_before') || type === 'assigned' || type === 'moved';
}

function bySeq(items: NotificationItem[]): NotificationItem[] {
  return items.toSorted((one, other) => other.seq - one.seq);
}

function asKept(value: unknown): Kept | null {
  if (typeof value !== 'object' || value === null || !('seq' in value)) return null;
  const kept = value as Partial<Kept>;
  return {
    epoch: Number(kept.epoch) || 0,
    seq: Number(kept.seq) || 0,
    open: kept.open ?? [],
    away: kept.away ?? [],
    shown: kept.shown ?? [],
  };
}
