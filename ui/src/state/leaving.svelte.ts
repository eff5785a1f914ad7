/** Somebody leaves the team: what they still had ahead goes to others, or to nobody. */

import type { HubApi } from '../api/hub';
import type { EventItem, Person } from '../api/types';

const PAGE = 500;

/** How the events are handed over. */
export type Way = 'one' | 'each' | 'nobody';

/** Nobody takes it. */
export const NOBODY = '';

export class Leaving {
  way = $state<Way>('one');
  /** Who takes all, by id. */
  successor = $state(NOBODY);
  /** Who takes which, by the event's id. */
  successors = $state<Record<string, string>>({});

  constructor(
    private readonly api: HubApi,
    readonly person: Person,
    /** What they have ahead and others may know of, by start. */
    readonly events: readonly EventItem[],
  ) {}

  /** Looks up what somebody has ahead. */
  static async of(api: HubApi, person: Person, nowMs: number): Promise<Leaving> {
    const events: EventItem[] = [];
    const query = {
      assignee: person.id,
      from: new Date(nowMs).toISOString(),
      status: 'planned' as const,
      limit: PAGE,
    };
    let cursor: string | null = null;
    do {
      const page = await api.events(cursor === null ? query : { ...query, cursor });
      events.push(...page.events.filter((event) => !event.busy));
      cursor = page.next_cursor;
    } while (cursor !== null);
    return new Leaving(api, person, events);
  }

  /** Whether it is known for each event who takes it. */
  get decided(): boolean {
    return this.way !== 'one' || this.successor !== NOBODY;
  }

  /** They leave first, so that nothing is told to them; then their events go where they shall. The
   * answer is how many could not. */
  async leave(): Promise<{ person: Person; failed: number }> {
    const person = await this.api.removePerson(this.person.id);
    let failed = 0;
    for (const event of this.events) {
      await this.#handOver(event).catch(() => (failed += 1));
    }
    return { person, failed };
  }

  async #handOver(event: EventItem): Promise<void> {
    const others = event.assignees.filter((id) => id !== this.person.id);
    const taker = this.#takerOf(event);
    const assignees = taker === NOBODY || others.includes(taker) ? others : [...others, taker];
    await this.api.updateEvent(event.id, { assignees }, event.revision);
  }

  #takerOf(event: EventItem): string {
    if (this.way === 'nobody') return NOBODY;
    return this.way === 'one' ? this.successor : (this.successors[event.id] ?? NOBODY);
  }
}
