/** Who is in the office. */

import type { HubApi } from '../api/hub';
import type { Person } from '../api/types';

export class People {
  all = $state.raw<Person[]>([]);

  #byId = $derived(new Map(this.all.map((person) => [person.id, person])));

  constructor(private readonly api: HubApi) {}

  async load(): Promise<void> {
    this.all = await this.api.people();
  }

  find(id: string): Person | undefined {
    return this.#byId.get(id);
  }

  /** Those who can be given an event, by name. */
  get active(): Person[] {
    return this.all
      .filter((person) => person.active)
      .toSorted((one, other) => one.name.localeCompare(other.name));
  }

  put(person: Person): void {
    this.all = [...this.all.filter((one) => one.id !== person.id), person];
  }
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
