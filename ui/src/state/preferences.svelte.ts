/** How I want things: what the hub keeps of me, and what only this device knows. */

import type { HubApi } from '../api/hub';
import type { Me, Person, Preferences as Changes } from '../api/types';
import { CATALOGUES, preferredLocale, type Words } from '../i18n';
import type { Locale } from '../time/format';
import { localZone } from '../time/zone';
import type { Memory } from './memory';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'rappel.device';

export class Preferences {
  /** Who is signed in, or null while nobody is. */
  me = $state.raw<Me | null>(null);
  theme = $state<Theme>('system');
  sound = $state(true);
  /** The language before anybody is signed in. */
  guess = $state<Locale>('fr');

  constructor(
    private readonly api: HubApi,
    private readonly memory: Memory,
    languages: readonly string[],
  ) {
    this.guess = preferredLocale(languages);
    const kept = memory.read(KEY);
    if (typeof kept !== 'object' || kept === null) return;
    if ('sound' in kept) this.sound = kept.sound === true;
    if ('theme' in kept && (kept.theme === 'light' || kept.theme === 'dark')) this.theme = kept.theme;
  }

  get locale(): Locale {
    if (this.me === null) return this.guess;
    return this.me.locale ?? this.me.office.locale;
  }

  get words(): Words {
    return CATALOGUES[this.locale];
  }

  /** The zone in which I see times. */
  get zone(): string {
    return this.me === null ? localZone() : (this.me.time_zone ?? this.me.office.time_zone);
  }

  /** When I am reminded, in minutes before, where an event says nothing. */
  get reminders(): number[] {
    return this.me === null ? [] : (this.me.reminders ?? this.me.office.reminders);
  }

  async update(changes: Changes): Promise<void> {
    const person = await this.api.updateMe(changes);
    if (this.me !== null) this.me = { ...this.me, ...person };
  }

  /** Another name for me; only who looks after the office may choose it. */
  async rename(name: string): Promise<Person> {
    if (this.me === null) throw new Error('BUG: nobody is signed in');
    const person = await this.api.updatePerson(this.me.id, { name });
    this.me = { ...this.me, ...person };
    return person;
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.#keep();
  }

  setSound(sound: boolean): void {
    this.sound = sound;
    this.#keep();
  }

  #keep(): void {
    this.memory.write(KEY, { theme: this.theme, sound: this.sound });
  }
}
