/** Who is in the office. */

import type { HubApi } from '../api/hub';
import type { Person } from '../api/types';

/** In the order people look names up in: É with E, small with capital. */
const order = new Intl.Collator();

export class People {
  /** By name, those who left included. */
  all = $state.raw<Person[]>([]);

  #byId = $derived(new Map(this.all.map((person) => [person.id, person])));

  constructor(private readonly api: HubApi) {}

  async load(): Promise<void> {
    this.all = byName(await this.api.people());
  }

  /** Fetches again, for whoever came or left meanwhile; where that fails, what is at hand stays. */
  refresh(): void {
    this.load().catch(() => undefined);
  }

  find(id: string): Person | undefined {
    return this.#byId.get(id);
  }

  /** Those who can be given an event, by name. */
  get active(): Person[] {
    return this.all.filter((person) => person.active);
  }

  /** Those who are no longer of the office, by name. */
  get former(): Person[] {
    return this.all.filter((person) => !person.active);
  }

  /** These people's names in order; `former` stands for whoever is not known, and comes last. */
  names(ids: readonly string[], former: string): { id: string; name: string }[] {
    const known = byName(ids.flatMap((id) => this.find(id) ?? []));
    const unknown = ids.filter((id) => this.find(id) === undefined);
    return [...known, ...unknown.map((id) => ({ id, name: former }))];
  }

  put(person: Person): void {
    this.all = byName([...this.all.filter((one) => one.id !== person.id), person]);
  }
}

function byName(people: readonly Person[]): Person[] {
  return people.toSorted((one, other) => order.compare(one.name, other.name));
}

/** Up to two letters that stand for a person. */
export function initials(name: string): string {
  const words = name.split(/[\s-]+/).filter((word) => word !== '');
  const first = words[0] ?? '';
  const last = words.length > 1 ? (words.at(-1) ?? '') : '';
  return [first, last].map((word) => [...word][0] ?? '').join('').toUpperCase();
}

/** Whether what is typed occurs in a name, accents and case aside. */
export function nameMatches(name: string, typed: string): boolean {
  return plain(name).includes(plain(typed.trim()));
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{Diacritic}/gu, '').toLowerCase();
}
