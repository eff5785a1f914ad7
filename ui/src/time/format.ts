/** Days and times as they are written on screen, in both languages. */

import { daysBetween, wallAt } from './zone';

export type Locale = 'fr' | 'en';

const TAG: Record<Locale, string> = { fr: 'fr-FR', en: 'en-GB' };

const formats = new Map<string, Intl.DateTimeFormat>();

function parts(
  day: string,
  locale: Locale,
  options: Intl.DateTimeFormatOptions,
): Partial<Record<Intl.DateTimeFormatPartTypes, string>> {
  const key = `${locale} ${JSON.stringify(options)}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(TAG[locale], { ...options, timeZone: 'UTC' });
    formats.set(key, format);
  }
  const found: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of format.formatToParts(Date.parse(`${day}T12:00:00Z`))) {
    found[type] = value;
  }
  return found;
}

/** « lun. 23 nov. », "Mon 23 Nov"; with the year when it is not that of `today`. */
export function shortDay(day: string, locale: Locale, today: string): string {
  const { weekday, day: number, month } = parts(day, locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
  });
  // English abbreviates September to four letters in this locale, and to three everywhere else.
  const shortMonth = locale === 'en' ? month?.slice(0, 3) : month;
  return `${weekday} ${number} ${shortMonth}${yearWhenOther(day, today)}`;
}

/** « lundi 23 novembre », "Monday 23 November"; with the year when it is not that of `today`. */
export function longDay(day: string, locale: Locale, today: string): string {
  const { weekday, day: number, month } = parts(day, locale, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
  });
  return `${weekday} ${number} ${month}${yearWhenOther(day, today)}`;
}

function yearWhenOther(day: string, today: string): string {
  return day.slice(0, 4) === today.slice(0, 4) ? '' : ` ${Number(day.slice(0, 4))}`;
}

/** « lundi », "Monday". */
export function weekday(day: string, locale: Locale): string {
  return parts(day, locale, { weekday: 'long' }).weekday ?? '';
}

/** 23/11/2026, the same in both languages. */
export function numericDay(day: string): string {
  const [year, month, number] = day.split('-');
  return `${number}/${month}/${year}`;
}

/** 10:00, on the clocks of `zone`. */
export function timeOf(instantMs: number, zone: string): string {
  return wallAt(instantMs, zone).time;
}

/** 10:00, 10:00:07, or 10:00:07,042 (in English with a point), on the clocks of `zone`. */
export function clockOf(
  instantMs: number,
  zone: string,
  precision: 'minute' | 'second' | 'millisecond',
  locale: Locale,
): string {
  const minute = timeOf(instantMs, zone);
  if (precision === 'minute') return minute;
  const ms = ((instantMs % 60_000) + 60_000) % 60_000;
  const second = `${minute}:${String(Math.floor(ms / 1_000)).padStart(2, '0')}`;
  if (precision === 'second') return second;
  return `${second}${locale === 'fr' ? ',' : '.'}${String(ms % 1_000).padStart(3, '0')}`;
}

/** « lun. 23 nov., 10:00 », "Mon 23 Nov, 10:00". */
export function shortMoment(instantMs: number, zone: string, locale: Locale, nowMs: number): string {
  const { day, time } = wallAt(instantMs, zone);
  return `${shortDay(day, locale, wallAt(nowMs, zone).day)}, ${time}`;
}

/** How far a day is from today, for those that have a name of their own. */
export function nearDay(day: string, today: string): 'yesterday' | 'today' | 'tomorrow' | null {
  const distance = daysBetween(today, day);
  if (distance === 0) return 'today';
  if (distance === 1) return 'tomorrow';
  return distance === -1 ? 'yesterday' : null;
}

/** The whole minutes that are left, rounded up: never says less than there is. */
export function minutesUntil(instantMs: number, nowMs: number): number {
  return Math.ceil((instantMs - nowMs) / 60_000);
}

/** The whole minutes gone by, rounded down. */
export function minutesSince(instantMs: number, nowMs: number): number {
  return Math.floor((nowMs - instantMs) / 60_000);
}

/** "Camille or Hugo". */
export function anyOf(names: string[], locale: Locale): string {
  return new Intl.ListFormat(locale, { type: 'disjunction' }).format(names);
}
