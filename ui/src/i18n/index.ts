/** The two catalogues, and the choice between them. */

import type { Locale } from '../time/format';
import { en } from './en';
import { fr, type Words } from './fr';

export type { Words };

export const CATALOGUES: Record<Locale, Words> = { fr, en };

export function isLocale(value: unknown): value is Locale {
  return value === 'fr' || value === 'en';
}

/** The first of the languages asked for that there is a catalogue of; French, else. */
export function preferredLocale(languages: readonly string[]): Locale {
  for (const language of languages) {
    const code = language.slice(0, 2).toLowerCase();
    if (isLocale(code)) return code;
  }
  return 'fr';
}
