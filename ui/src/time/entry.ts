/** Days and times as people type them. Each reader answers null for what it cannot read. */

import { addDays } from './zone';

const WORDS: Record<string, number> = {
  "aujourd'hui": 0,
  today: 0,
  demain: 1,
  tomorrow: 1,
};

/**
 * A day typed as 23/11/2026, 23/11, 23.11.26, 23 11 or 2026-11-23, « demain » or "tomorrow".
 * Without a year it is the next such day from `today` on.
 */
export function readDay(typed: string, today: string): string | null {
  const text = typed.trim().toLowerCase().replace('’', "'");
  const word = WORDS[text];
  if (word !== undefined) return addDays(today, word);

  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  if (iso !== null) return dayFrom(Number(iso[1]), Number(iso[2]), Number(iso[3]));

  const local = /^(\d{1,2})[/.\- ](\d{1,2})(?:[/.\- ](\d{2}|\d{4}))?$/.exec(text);
  if (local === null) return null;
  const [, number, month, year] = local;
  if (year !== undefined) {
    const full = year.length === 2 ? 2000 + Number(year) : Number(year);
    return dayFrom(full, Number(month), Number(number));
  }
  const thisYear = Number(today.slice(0, 4));
  const day = dayFrom(thisYear, Number(month), Number(number));
  return day !== null && day < today ? dayFrom(thisYear + 1, Number(month), Number(number)) : day;
}

function dayFrom(year: number, month: number, number: number): string | null {
  const day = `${pad(year, 4)}-${pad(month, 2)}-${pad(number, 2)}`;
  const parsed = Date.parse(`${day}T00:00:00Z`);
  // 31/02 parses in no engine, or into March: either way it is not the day that was typed.
  if (Number.isNaN(parsed) || new Date(parsed).toISOString().slice(0, 10) !== day) return null;
  return day;
}

/** A time typed as 10:00, 10h, 10h30, 10.30, 1030, 930, 9 or 10 30; also 2pm. */
export function readTime(typed: string): string | null {
  const text = typed.trim().toLowerCase();
  const found =
    /^(\d{1,2})(?:\s*[:h.]\s*|\s+)(\d{2})$/.exec(text) ??
    /^(\d{1,2})\s*h?$/.exec(text) ??
    /^(\d{1,2})(\d{2})$/.exec(text);
  if (found !== null) return timeFrom(Number(found[1]), Number(found[2] ?? 0));

  const half = /^(\d{1,2})(?:[:.](\d{2}))?\s*([ap])\.?m\.?$/.exec(text);
  if (half === null) return null;
  const hour = Number(half[1]);
  if (hour < 1 || hour > 12) return null;
  return timeFrom((hour % 12) + (half[3] === 'p' ? 12 : 0), Number(half[2] ?? 0));
}

function timeFrom(hour: number, minute: number): string | null {
  return hour > 23 || minute > 59 ? null : `${pad(hour, 2)}:${pad(minute, 2)}`;
}

function pad(value: number, length: number): string {
  return String(value).padStart(length, '0');
}
