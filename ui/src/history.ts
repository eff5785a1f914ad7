/** The history of a notification as lines to read: what happened, and when. */

import type { NotificationHistory, NotificationItem, ReminderFate } from './api/types';
import type { Words } from './i18n';

/** One thing that happened. */
export type Line = {
  atMs: number;
  /** The time is to be shown to the millisecond: it says how punctual it was. */
  precise: boolean;
  text: string;
};

/** Writes a time as it is shown in the midst of a sentence. */
export type Clock = (instantMs: number) => string;

/** What happened, in its order. `here` is the device that asks. */
export function timeline(
  history: NotificationHistory,
  item: NotificationItem,
  here: string,
  clock: Clock,
  words: Words['history'],
): Line[] {
  const lines: Line[] = [];
  const add = (at: string | null, text: string, precise = false): void => {
    if (at !== null) lines.push({ atMs: Date.parse(at), precise, text });
  };
  const device = (one: { device_id: string; name: string }): string =>
    one.device_id === here ? words.thisDevice : words.device(one.name);

  if (history.due_at !== history.created_at) add(history.due_at, words.due, true);
  if (history.outcome === 'missed') add(history.created_at, words.missed, true);
  else {
    const told = item.parent_id === null ? words.told : words.toldAgain;
    const wasDue = history.due_at !== history.created_at;
    add(history.created_at, wasDue ? words.punctual(told, history.late_by_ms) : told, wasDue);
  }
  const seen = new Set(history.seen.map((one) => one.device_id));
  for (const one of history.received) {
    if (!seen.has(one.device_id)) add(one.at, words.received(device(one)));
  }
  for (const one of history.seen) add(one.at, words.seen(device(one)));
  add(history.read_at, words.read);
  for (const snooze of history.snoozes) {
    add(snooze.snoozed_at, words.snoozed(clock(Date.parse(snooze.due_at))));
    if (snooze.state === 'fired') add(snooze.told_at, words.toldAgain);
    if (snooze.state === 'collapsed') add(snooze.due_at, words.snoozeCollapsed);
    if (snooze.state === 'missed') add(snooze.due_at, words.missed);
  }
  add(history.dismissed_at, words.dismissed);
  add(history.withdrawn_at, words.withdrawn);
  return lines.toSorted((one, other) => one.atMs - other.atMs);
}

/** What became of a reminder, after its offset and the time it was due. `self` is the notification
 * in whose history it stands, if it stands in one. */
export function fate(
  reminder: ReminderFate,
  self: string | null,
  clock: Clock,
  words: Words['history'],
): string {
  const told = reminder.told_at === null ? null : clock(Date.parse(reminder.told_at));
  switch (reminder.state) {
    case 'pending':
      return words.pending;
    case 'fired':
      if (reminder.told_by !== null && reminder.told_by === self) return words.firedHere;
      return told === null ? words.told : words.firedAt(told);
    case 'collapsed':
      if (reminder.told_by !== null && reminder.told_by === self) return words.collapsedHere;
      return told === null ? words.collapsed : words.collapsedAt(told);
    case 'skipped':
      return words.skipped;
    case 'missed':
      return words.fateMissed;
    case 'cancelled':
      return words.cancelled;
  }
}
