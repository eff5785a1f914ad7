/** What an event says of itself: when it is on my clocks, whose it is, what to call it. */

import { minutesUntil } from '../time/format';
import { addDays, dayAt, startOfDay } from '../time/zone';
import type { EventItem, Person } from './types';

/** An event without an end counts as so long, as it does for the reminders. */
const ASSUMED_MS = 60 * 60_000;

/** How long after its start an event is still the one to look at first. */
const LINGER_MS = 10 * 60_000;

/** When it starts; an all-day event, when its first day begins for whoever looks. */
export function startMs(event: EventItem, zone: string): number {
  if (event.starts_at !== null) return Date.parse(event.starts_at);
  return startOfDay(event.starts_on ?? dayAt(0, zone), zone);
}

/** When it is over; an all-day event, when its last day is. */
export function endMs(event: EventItem, zone: string): number {
  if (event.starts_at !== null) {
    return event.ends_at === null ? startMs(event, zone) + ASSUMED_MS : Date.parse(event.ends_at);
  }
  const last = event.ends_on ?? event.starts_on ?? dayAt(0, zone);
  return startOfDay(addDays(last, 1), zone);
}

/** Its first and last day on my calendar. */
export function daysOf(event: EventItem, zone: string): { first: string; last: string } {
  if (event.starts_on !== null) {
    return { first: event.starts_on, last: event.ends_on ?? event.starts_on };
  }
  const start = startMs(event, zone);
  const end = event.ends_at === null ? start : Date.parse(event.ends_at);
  // An event that ends at midnight is not one of the day that begins then.
  return { first: dayAt(start, zone), last: dayAt(Math.max(start, end - 1), zone) };
}

/** The first thing that names it; empty when nothing does. */
export function nameOf(event: Pick<EventItem, 'title' | 'contact' | 'comment'>): string {
  return event.title || event.contact?.name || event.comment?.split('\n')[0] || '';
}

/** Who creates an event may change it, and whoever looks after the office. */
export function mayEdit(event: EventItem, me: Pick<Person, 'id' | 'role'>): boolean {
  return !event.busy && (event.created_by === me.id || me.role === 'admin');
}

export function isAssigned(event: EventItem, me: Pick<Person, 'id'>): boolean {
  return !event.busy && event.assignees.includes(me.id);
}

/** In the order of a day: all-day ones first, then by start. */
export function inOrder(events: EventItem[], zone: string): EventItem[] {
  return events.toSorted(
    (one, other) =>
      daysOf(one, zone).first.localeCompare(daysOf(other, zone).first) ||
      Number(other.all_day) - Number(one.all_day) ||
      startMs(one, zone) - startMs(other, zone) ||
      nameOf(one).localeCompare(nameOf(other)),
  );
}

export type Day = { day: string; events: EventItem[] };

/** The events day by day. What began before `from` and goes on stands under `from`. */
export function byDay(events: EventItem[], zone: string, from: string | null = null): Day[] {
  const days = new Map<string, EventItem[]>();
  for (const event of inOrder(events, zone)) {
    const { first } = daysOf(event, zone);
    const day = from !== null && first < from ? from : first;
    days.set(day, [...(days.get(day) ?? []), event]);
  }
  return [...days]
    .map(([day, ofDay]) => ({ day, events: ofDay }))
    .toSorted((one, other) => one.day.localeCompare(other.day));
}

/** The one to look at first: the next to start, or the one that has only just started. */
export function nextOf(events: EventItem[], zone: string, nowMs: number): EventItem | null {
  const planned = events.filter((event) => event.status === 'planned' && !event.all_day);
  const soonest = inOrder(planned, zone).filter((event) => startMs(event, zone) + LINGER_MS > nowMs);
  const [first, second] = soonest;
  if (first === undefined) return null;
  // It gives way to one that is about to start.
  const begun = startMs(first, zone) <= nowMs;
  const nextIsClose = second !== undefined && minutesUntil(startMs(second, zone), nowMs) <= 5;
  return begun && second !== undefined && nextIsClose ? second : first;
}
