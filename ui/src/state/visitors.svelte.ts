/** Those who ask to be let in, for whoever may decide about them. */

import type { HubApi } from '../api/hub';
import type { JoinRequest, Person } from '../api/types';

/** Who somebody is who is let in: somebody of the team, or somebody new. */
export type Newcomer = { person_id: string } | { name: string };

export class Visitors {
  /** In the order in which they came. */
  all = $state.raw<JoinRequest[]>([]);

  /** Whose knocking was told: once for each, however often the line comes back. */
  readonly #heard = new Set<string>();

  constructor(
    private readonly needs: {
      api: HubApi;
      /** Somebody has just come to the door. */
      onKnock(request: JoinRequest): void;
    },
  ) {}

  /** Those who wait are now these. */
  put(requests: JoinRequest[]): void {
    this.all = requests;
    for (const request of requests) {
      if (this.#heard.has(request.id)) continue;
      this.#heard.add(request.id);
      this.needs.onKnock(request);
    }
  }

  /** Those who wait at that time. */
  waiting(nowMs: number): JoinRequest[] {
    return this.all.filter((request) => Date.parse(request.expires_at) > nowMs);
  }

  async accept(request: JoinRequest, who: Newcomer): Promise<Person> {
    const person = await this.needs.api.acceptJoin(request.id, who);
    this.#gone(request);
    return person;
  }

  async decline(request: JoinRequest): Promise<void> {
    await this.needs.api.declineJoin(request.id);
    this.#gone(request);
  }

  /** The request is not there any more, whoever decided about it. */
  forget(request: JoinRequest): void {
    this.#gone(request);
  }

  #gone(request: JoinRequest): void {
    this.all = this.all.filter(({ id }) => id !== request.id);
  }
}
