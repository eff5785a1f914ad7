/**
 * Instants and the wall clocks that show them. A day is `YYYY-MM-DD`, a wall time `HH:MM`; both
 * belong to a zone that is always named beside them.
 */

export type Wall = { day: string; time: string };

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Places that lists of zones may still hold under a name of the past. */
const RENAMED: Readonly<Record<string, string>> = {
  'Africa/Asmera': 'Africa/Asmara',
  'America/Godthab': 'America/Nuuk',
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
  'Europe/Kiev': 'Europe/Kyiv',
  'Pacific/Enderbury': 'Pacific/Kanton',
  'Pacific/Ponape': 'Pacific/Pohnpei',
  'Pacific/Truk': 'Pacific/Chuuk',
};

const clocks = new Map<string, Intl.DateTimeFormat>();

function clock(zone: string): Intl.DateTimeFormat {
  let found = clocks.get(zone);
  if (found === undefined) {
    found = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
    clocks.set(zone, found);
  }
  return found;
}

/** What the clocks of `zone` show at an instant. */
export function wallAt(instantMs: number, zone: string): Wall {
  const part: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of clock(zone).formatToParts(instantMs)) part[type] = value;
  return {
    day: `${part.year?.padStart(4, '0')}-${part.month}-${part.day}`,
    time: `${part.hour}:${part.minute}`,
  };
}

/** The day it is in `zone` at an instant. */
export function dayAt(instantMs: number, zone: string): string {
  return wallAt(instantMs, zone).day;
}

/**
 * The instant at which the clocks of `zone` show a wall time, near enough for asking and comparing:
 * in a gap the time after it, in an overlap the first. The hub alone decides for what is stored.
 */
export function instantOf(wall: Wall, zone: string): number {
  const asUtc = Date.parse(`${wall.day}T${wall.time}:00Z`);
  const before = asUtc - offsetAt(asUtc - DAY_MS, zone);
  if (shows(before, wall, zone)) return before;
  const after = asUtc - offsetAt(asUtc + DAY_MS, zone);
  return shows(after, wall, zone) ? after : before;
}

function shows(instantMs: number, wall: Wall, zone: string): boolean {
  const shown = wallAt(instantMs, zone);
  return shown.day === wall.day && shown.time === wall.time;
}

function offsetAt(instantMs: number, zone: string): number {
  const { day, time } = wallAt(instantMs, zone);
  const minute = Math.floor(instantMs / MINUTE_MS) * MINUTE_MS;
  return Date.parse(`${day}T${time}:00Z`) - minute;
}

/** When a day begins in `zone`. */
export function startOfDay(day: string, zone: string): number {
  return instantOf({ day, time: '00:00' }, zone);
}

/** The day `count` days later, or earlier when negative. */
export function addDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY_MS).toISOString().slice(0, 10);
}

/** How many days lie between two days; negative when `to` comes first. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);
}

/** Whether the two zones' clocks show the same at an instant. */
export function sameClock(instantMs: number, one: string, other: string): boolean {
  return one === other || offsetAt(instantMs, one) === offsetAt(instantMs, other);
}

/** The zone this machine is set to. */
export function localZone(): string {
  return presentName(Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC');
}

/** The name a zone has today, as far as this browser knows it. */
export function presentName(zone: string): string {
  const renamed = RENAMED[zone];
  return renamed !== undefined && isKnown(renamed) ? renamed : zone;
}

function isKnown(zone: string): boolean {
  try {
    clock(zone);
    return true;
  } catch {
    return false;
  }
}

/** Every zone that can be chosen, by its present name; those given are always among them. */
export function allZones(...always: string[]): string[] {
  const zones = [...Intl.supportedValuesOf('timeZone'), 'UTC', ...always];
  return [...new Set(zones.map(presentName))].sort();
}

/** The city a zone is named after, as people say it. */
export function zoneCity(zone: string): string {
  return (presentName(zone).split('/').at(-1) ?? zone).replaceAll('_', ' ');
}
