/** The events ahead and behind, as far as they have been asked for, kept up to date. */

import { HubError, type EventQuery, type HubApi } from '../api/hub';
import { endMs, inOrder, isAssigned, startMs } from '../api/event';
import type { EventItem, Person } from '../api/types';
import { addDays, startOfDay } from '../time/zone';

const PAGE = 50;
const NEXT_PAGE = 20;
const FIRST_PAST_DAYS = 14;
const WATCHED_DAYS = 400;

export type Whose = 'mine' | 'all';

export type AgendaNeeds = {
  api: HubApi;
  me(): Pick<Person, 'id'>;
  zone(): string;
  today(): string;
};

export class Agenda {
  whose = $state<Whose>('mine');
  /** From today on. */
  ahead = $state.raw<EventItem[]>([]);
  /** Before today, when asked for. */
  behind = $state.raw<EventItem[]>([]);
  /** Mine alone, the next few, whatever is listed. */
  mineNext = $state.raw<EventItem[]>([]);
  hasMore = $state(false);
  loaded = $state(false);
  failure = $state.raw<unknown>(null);
  pastShown = $state(false);
  pastDays = $state(FIRST_PAST_DAYS);

  #cursor: string | null = null;
  #generation = 0;

  constructor(private readonly needs: AgendaNeeds) {}

  async load(): Promise<void> {
    const generation = ++this.#generation;
    try {
      const [page, mine] = await Promise.all([
        this.needs.api.events({ ...this.#filter(), from: this.#startOfToday(), limit: PAGE }),
        this.#fetchMineNext(),
      ]);
      const behind = this.pastShown ? await this.#fetchBehind() : [];
      if (generation !== this.#generation) return;
      this.ahead = inOrder(page.events, this.needs.zone());
      this.#takeCursor(page.next_cursor);
      this.mineNext = mine;
      this.behind = behind;
      this.failure = null;
      this.loaded = true;
    } catch (thrown) {
      if (generation === this.#generation) this.failure = thrown;
    }
  }

  async choose(whose: Whose): Promise<void> {
    this.whose = whose;
    await this.load();
  }

  async loadMore(): Promise<void> {
    if (this.#cursor === null) return;
    const generation = this.#generation;
    const page = await this.needs.api.events({
      ...this.#filter(),
      from: this.#startOfToday(),
      limit: PAGE,
      cursor: this.#cursor,
    });
    if (generation !== this.#generation) return;
    this.ahead = this.#merged(this.ahead, page.events);
    this.#takeCursor(page.next_cursor);
  }

  async showPast(): Promise<void> {
    this.behind = await this.#fetchBehind();
    this.pastShown = true;
  }

  hidePast(): void {
    this.pastShown = false;
    this.behind = [];
    this.pastDays = FIRST_PAST_DAYS;
  }

  /** Reaches further back, each time twice as far. */
  async showEarlier(): Promise<void> {
    this.pastDays *= 2;
    this.behind = await this.#fetchBehind();
  }

  /** The range in which changes matter here. */
  watched(): { from: string; to: string } {
    const { today, zone } = this.needs;
    return {
      from: new Date(startOfDay(addDays(today(), -this.pastDays), zone())).toISOString(),
      to: new Date(startOfDay(addDays(today(), WATCHED_DAYS), zone())).toISOString(),
    };
  }

  /** An event was created or changed somewhere. */
  async changed(id: string): Promise<void> {
    try {
      this.put(await this.needs.api.event(id));
    } catch (thrown) {
      if (thrown instanceof HubError && thrown.status === 404) this.remove(id);
    }
  }

  /** Puts an event where it now belongs, and takes it from where it does not. */
  put(event: EventItem): void {
    const zone = this.needs.zone();
    const startOfToday = Date.parse(this.#startOfToday());
    const over = endMs(event, zone) <= startOfToday;
    const listed = this.whose === 'all' || isAssigned(event, this.needs.me());
    const last = this.ahead.at(-1);
    const beyond =
      this.hasMore && last !== undefined && startMs(event, zone) > startMs(last, zone);

    this.ahead = this.#with(this.ahead, event, listed && !over && !beyond);
    const reachMs = startOfDay(addDays(this.needs.today(), -this.pastDays), zone);
    this.behind = this.#with(
      this.behind,
      event,
      this.pastShown && listed && over && endMs(event, zone) > reachMs,
    );
    this.mineNext = this.#with(this.mineNext, event, isAssigned(event, this.needs.me()) && !over);
  }

  remove(id: string): void {
    const others = (events: EventItem[]): EventItem[] => events.filter((event) => event.id !== id);
    this.ahead = others(this.ahead);
    this.behind = others(this.behind);
    this.mineNext = others(this.mineNext);
  }

  #with(events: EventItem[], event: EventItem, present: boolean): EventItem[] {
    const others = events.filter((one) => one.id !== event.id);
    return present ? inOrder([...others, event], this.needs.zone()) : others;
  }

  #merged(events: EventItem[], more: EventItem[]): EventItem[] {
    const known = new Set(more.map((event) => event.id));
    const kept = events.filter((event) => !known.has(event.id));
    return inOrder([...kept, ...more], this.needs.zone());
  }

  async #fetchMineNext(): Promise<EventItem[]> {
    const { events } = await this.needs.api.events({
      from: this.#startOfToday(),
      assignee: this.needs.me().id,
      status: 'planned',
      limit: NEXT_PAGE,
    });
    return inOrder(events, this.needs.zone());
  }

  async #fetchBehind(): Promise<EventItem[]> {
    const { today, zone } = this.needs;
    const from = new Date(startOfDay(addDays(today(), -this.pastDays), zone())).toISOString();
    const startOfToday = this.#startOfToday();
    const found: EventItem[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.needs.api.events({
        ...this.#filter(),
        from,
        to: startOfToday,
        limit: PAGE,
        ...(cursor === undefined ? {} : { cursor }),
      });
      found.push(...page.events);
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    // What goes on today is listed under today.
    const over = found.filter((event) => endMs(event, zone()) <= Date.parse(startOfToday));
    return inOrder(over, zone());
  }

  #filter(): EventQuery {
    return this.whose === 'mine' ? { assignee: this.needs.me().id } : {};
  }

  #startOfToday(): string {
    return new Date(startOfDay(this.needs.today(), this.needs.zone())).toISOString();
  }

  #takeCursor(cursor: string | null): void {
    this.#cursor = cursor;
    this.hasMore = cursor !== null;
  }
}
