/** An event while it is being written: what the fields hold, what is wrong, what to send. */

import type { Contact, EventInput, EventItem, EventPatch } from '../api/types';
import type { Words } from '../i18n';
import { addDays, daysBetween, wallAt } from '../time/zone';

/** What a day or time field holds: empty when nothing is typed, null when it cannot be read. */
export type Entry = string | null;

export type RemindersChoice = 'own' | 'none' | 'chosen';

/** The fields that messages stand at. */
export type DraftField =
  | 'title'
  | 'day'
  | 'start'
  | 'end'
  | 'endDay'
  | 'zone'
  | 'location'
  | 'contactName'
  | 'contactPhone'
  | 'contactEmail'
  | 'comment'
  | 'assignees'
  | 'reminders'
  | 'status';

const DEFAULT_MINUTES = 60;
const MINUTES_OF_DAY = 24 * 60;
const SLOT_MS = 30 * 60_000;

/** Fields whose meaning depends on one another: changing one sends all. */
const TIMES = ['all_day', 'starts_at', 'ends_at', 'starts_on', 'ends_on', 'time_zone'] as const;

/** Where the hub's name for a field is shown. */
const PLACES: Record<string, DraftField> = {
  title: 'title',
  starts_at: 'start',
  starts_on: 'day',
  ends_at: 'end',
  ends_on: 'endDay',
  time_zone: 'zone',
  location: 'location',
  contact: 'contactName',
  'contact.name': 'contactName',
  'contact.phone': 'contactPhone',
  'contact.email': 'contactEmail',
  comment: 'comment',
  assignees: 'assignees',
  reminders: 'reminders',
  reminder_days: 'reminders',
  status: 'status',
};

export class Draft {
  title = $state('');
  allDay = $state(false);
  day = $state<Entry>('');
  start = $state<Entry>('');
  end = $state<Entry>('');
  endDay = $state<Entry>('');
  zone = $state('');
  location = $state('');
  contactName = $state('');
  contactPhone = $state('');
  contactEmail = $state('');
  comment = $state('');
  assignees = $state.raw<string[]>([]);
  /** Of a timed event; whole days have no times of everybody's own. */
  remindersChoice = $state<RemindersChoice>('own');
  minutes = $state.raw<number[]>([]);
  daysChoice = $state<'none' | 'chosen'>('chosen');
  days = $state.raw<number[]>([]);
  visibility = $state<EventItem['visibility']>('team');
  status = $state<EventItem['status']>('planned');

  wrong = $state<Partial<Record<DraftField, string>>>({});

  #contactId: string | null = null;
  /** The start that the end was last set against. */
  #settled = { day: '', time: '' };
  #original: EventInput = {};

  /** A new event of mine, in the next half hour but one. */
  static blank(me: string, zone: string, nowMs: number, ownMinutes: number[]): Draft {
    const draft = new Draft();
    const slot = Math.ceil((nowMs + SLOT_MS / 2) / SLOT_MS) * SLOT_MS;
    const start = wallAt(slot, zone);
    const end = shifted(start.day, start.time, DEFAULT_MINUTES);
    draft.zone = zone;
    draft.day = start.day;
    draft.start = start.time;
    draft.endDay = end.day;
    draft.end = end.time;
    draft.assignees = [me];
    draft.minutes = ownMinutes;
    draft.days = [0];
    draft.#begin();
    return draft;
  }

  /** An event as it stands, in its own zone. */
  static of(event: EventItem, ownMinutes: number[]): Draft {
    const draft = new Draft();
    draft.title = event.title;
    draft.allDay = event.all_day;
    draft.zone = event.time_zone;
    if (event.starts_at !== null) {
      const start = wallAt(Date.parse(event.starts_at), event.time_zone);
      const end = event.ends_at === null ? null : wallAt(Date.parse(event.ends_at), event.time_zone);
      draft.day = start.day;
      draft.start = start.time;
      draft.endDay = end?.day ?? start.day;
      draft.end = end?.time ?? '';
    } else {
      draft.day = event.starts_on ?? '';
      draft.endDay = event.ends_on ?? draft.day;
    }
    draft.location = event.location ?? '';
    draft.contactName = event.contact?.name ?? '';
    draft.contactPhone = event.contact?.phone ?? '';
    draft.contactEmail = event.contact?.email ?? '';
    draft.#contactId = event.contact?.id ?? null;
    draft.comment = event.comment ?? '';
    draft.assignees = event.assignees;
    const { reminders, reminder_days } = event;
    draft.remindersChoice = reminders === null ? 'own' : reminders.length === 0 ? 'none' : 'chosen';
    draft.minutes = reminders?.length ? reminders : ownMinutes;
    draft.daysChoice = event.all_day && reminder_days.length === 0 ? 'none' : 'chosen';
    draft.days = reminder_days.length > 0 ? reminder_days : [0];
    draft.visibility = event.visibility;
    draft.status = event.status;
    draft.#begin();
    return draft;
  }

  #begin(): void {
    this.#settled = { day: this.day ?? '', time: this.start ?? '' };
    this.#original = this.toInput();
  }

  /** Whether anything differs from what it began with. */
  get dirty(): boolean {
    return this.#unreadable || Object.keys(this.toPatch()).length > 0;
  }

  get #unreadable(): boolean {
    return [this.day, this.start, this.end, this.endDay].includes(null);
  }

  /** The start has been changed: the end follows, so that the event stays as long. */
  settleStart(): void {
    const before = this.#settled;
    const now = { day: this.day || before.day, time: this.start || before.time };
    this.#settled = now;
    if (!this.endDay || before.day === '') return;
    this.endDay = addDays(this.endDay, daysBetween(before.day, now.day));
    if (!this.end || before.time === '') return;
    const end = shifted(this.endDay, this.end, minutesOf(now.time) - minutesOf(before.time));
    this.endDay = end.day;
    this.end = end.time;
  }

  /** Between times and whole days: times that were never set get a first value. */
  setAllDay(allDay: boolean): void {
    this.allDay = allDay;
    if (allDay || this.start !== '') return;
    this.start = '09:00';
    this.end = '10:00';
    this.#settled = { day: this.day ?? '', time: this.start };
  }

  /** Whether it can be sent; what is wrong stands at its field. */
  check(words: Words['event']['wrong']): boolean {
    const wrong: Partial<Record<DraftField, string>> = {};
    const { day, start, end, endDay } = this;
    if (this.title.trim() === '' && this.comment.trim() === '' && this.contactName.trim() === '') {
      wrong.title = words.nothing;
    }
    if (!day) wrong.day = words.date;
    if (!endDay && (this.allDay || end !== '')) wrong.endDay = words.date;
    if (!this.allDay) {
      if (!start) wrong.start = words.time;
      if (end === null) wrong.end = words.time;
    }
    if (day && endDay && endDay < day) {
      wrong[this.allDay || this.endsAnotherDay ? 'endDay' : 'end'] = words.endBeforeStart;
    } else if (!this.allDay && day === endDay && start && end && end < start) {
      wrong.end = words.endBeforeStart;
    }
    this.wrong = wrong;
    return Object.keys(wrong).length === 0;
  }

  get endsAnotherDay(): boolean {
    return !!this.day && !!this.endDay && this.endDay !== this.day;
  }

  /** The end reads as before the start on the same day: most likely the next day is meant. */
  get looksOvernight(): boolean {
    const { start, end } = this;
    return !this.allDay && !this.endsAnotherDay && !!start && !!end && end < start;
  }

  endNextDay(): void {
    if (this.day) this.endDay = addDays(this.day, 1);
    this.wrong = { ...this.wrong, end: undefined };
  }

  /** Marks the field that the hub refuses; false when there is none of that name. */
  takeWrong(field: string | null, words: Words['event']['wrong']): boolean {
    if (field === null) return false;
    const place = PLACES[field] ?? PLACES[field.split(/[.[]/)[0] ?? ''];
    if (place === undefined) return false;
    this.wrong = { [place]: words.refused[place] };
    return true;
  }

  /** The whole event, as it is created. The fields have been checked. */
  toInput(): EventInput {
    return {
      title: this.title.trim(),
      ...this.#times(),
      time_zone: this.zone,
      location: orNull(this.location),
      comment: orNull(this.comment),
      contact: this.#contact(),
      assignees: this.assignees,
      ...(this.allDay
        ? { reminder_days: this.daysChoice === 'none' ? [] : this.days }
        : { reminders: this.#reminders() }),
      status: this.status,
      visibility: this.visibility,
    };
  }

  /** What differs from the event it began with. */
  toPatch(): EventPatch {
    const input = this.toInput();
    const keys = (Object.keys(input) as (keyof EventInput)[]).filter(
      (key) => !same(input[key], this.#original[key]),
    );
    if (TIMES.some((key) => keys.includes(key))) keys.push(...TIMES.filter((key) => key in input));
    return Object.fromEntries([...new Set(keys)].map((key) => [key, input[key]]));
  }

  #times(): Pick<EventInput, 'all_day' | 'starts_at' | 'ends_at' | 'starts_on' | 'ends_on'> {
    if (this.allDay) {
      return { all_day: true, starts_on: this.day, ends_on: this.endDay || this.day };
    }
    return {
      all_day: false,
      starts_at: `${this.day}T${this.start}:00`,
      ends_at: this.end === '' ? null : `${this.endDay}T${this.end}:00`,
    };
  }

  #reminders(): number[] | null {
    if (this.remindersChoice === 'own') return null;
    return this.remindersChoice === 'none' ? [] : this.minutes;
  }

  #contact(): Contact | null {
    const name = orNull(this.contactName);
    const phone = orNull(this.contactPhone);
    const email = orNull(this.contactEmail);
    if (name === null && phone === null && email === null) return null;
    return { id: this.#contactId, name, phone, email };
  }
}

function orNull(text: string): string | null {
  const trimmed = text.trim();
  return trimmed === '' ? null : trimmed;
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

function shifted(day: string, time: string, by: number): { day: string; time: string } {
  const total = minutesOf(time) + by;
  const days = Math.floor(total / MINUTES_OF_DAY);
  const rest = total - days * MINUTES_OF_DAY;
  const clock = [Math.floor(rest / 60), rest % 60].map((part) => String(part).padStart(2, '0'));
  return { day: addDays(day, days), time: clock.join(':') };
}
