import { describe, expect, test } from 'vitest';
import type { NotificationHistory, ReminderFate } from './api/types';
import { fate, timeline } from './history';
import { en } from './i18n/en';
import { fr } from './i18n/fr';
import { notification } from './testing/samples';
import { clockOf } from './time/format';

const clock = (ms: number): string => clockOf(ms, 'Europe/Paris', 'minute', 'en');

function history(changes: Partial<NotificationHistory> = {}): NotificationHistory {
  return {
    notification_id: 'n1',
    due_at: '2026-11-23T08:30:00.000Z',
    created_at: '2026-11-23T08:30:00.004Z',
    late_by_ms: 4,
    outcome: 'fired',
    received: [],
    seen: [],
    read_at: null,
    dismissed_at: null,
    withdrawn_at: null,
    parent_id: null,
    snoozes: [],
    reminders: [],
    ...changes,
  };
}

const device = (id: string, at: string): NotificationHistory['seen'][number] => ({
  device_id: id,
  name: `${id}’s name`,
  kind: 'browser',
  at,
});

/** What is read, with the seconds. */
function told(changes: Partial<NotificationHistory>, item = notification(1)): string[] {
  return timeline(history(changes), item, 'd1', clock, en.history).map(
    ({ atMs, precise, text }) =>
      `${clockOf(atMs, 'Europe/Paris', precise ? 'millisecond' : 'second', 'en')} ${text}`,
  );
}

describe('a history', () => {
  test('says when it was due, sent, and seen on which device', () => {
    expect(
      told({
        received: [device('d1', '2026-11-23T08:30:00.050Z'), device('d2', '2026-11-23T08:30:01.000Z')],
        seen: [device('d1', '2026-11-23T08:30:12.000Z')],
        dismissed_at: '2026-11-23T08:30:20.000Z',
      }),
    ).toEqual([
      '09:30:00.000 Due',
      '09:30:00.004 Sent, on time',
      '09:30:01 Received on “d2’s name”, not seen yet',
      '09:30:12 Seen on this device',
      '09:30:20 Closed with “Got it”',
    ]);
  });

  test('says how late', () => {
    const late = (ms: number): string | undefined => told({ late_by_ms: ms })[1];
    expect(late(2_000)).toContain('on time');
    expect(late(2_001)).toContain('2\u00a0s late');
    expect(late(12 * 60_000)).toContain('12\u00a0min late');
  });

  test('of a notice has nothing that was due', () => {
    const at = '2026-11-23T08:30:00.000Z';
    expect(told({ due_at: at, created_at: at, late_by_ms: 0 })).toEqual(['09:30:00 Sent']);
  });

  test('of what was missed does not say that it was sent', () => {
    expect(told({ outcome: 'missed' })).toEqual(['09:30:00.000 Due', '09:30:00.004 Missed']);
  });

  test('says when it was put off and what came of that', () => {
    expect(
      told({
        snoozes: [
          {
            snoozed_at: '2026-11-23T08:31:00.000Z',
            due_at: '2026-11-23T08:36:00.000Z',
            state: 'fired',
            told_at: '2026-11-23T08:36:00.003Z',
            told_by: 'n2',
          },
        ],
      }).slice(2),
    ).toEqual(['09:31:00 Put off until 09:36', '09:36:00 Told again']);
    expect(told({}, notification(2, { parent_id: 'n1' }))[1]).toContain('Told again, on time');
  });

  test('says that what was put off no longer applies, where that came first', () => {
    expect(
      told({
        withdrawn_at: '2026-11-23T08:32:00.000Z',
        snoozes: [
          {
            snoozed_at: '2026-11-23T08:31:00.000Z',
            due_at: '2026-11-23T08:41:00.000Z',
            state: 'cancelled',
            told_at: null,
            told_by: null,
          },
        ],
      }).slice(2),
    ).toEqual(['09:31:00 Put off until 09:41', '09:32:00 No longer applies']);
  });
});

describe('the fate of a reminder', () => {
  const reminder = (changes: Partial<ReminderFate>): ReminderFate => ({
    minutes_before: 30,
    days_before: null,
    due_at: '2026-11-23T08:30:00.000Z',
    state: 'pending',
    told_at: null,
    told_by: null,
    ...changes,
  });
  const said = (changes: Partial<ReminderFate>): string =>
    fate(reminder(changes), 'n1', clock, fr.history);

  test('names this notification, or the time of another', () => {
    const at = '2026-11-23T08:57:00.000Z';
    expect(said({ state: 'fired', told_at: at, told_by: 'n1' })).toBe('celui-ci');
    expect(said({ state: 'fired', told_at: at, told_by: 'n2' })).toBe('envoyé à 09:57');
    expect(said({ state: 'collapsed', told_at: at, told_by: 'n1' })).toBe('dit par celui-ci');
    expect(said({ state: 'collapsed', told_at: at, told_by: 'n2' })).toBe('dit par celui de 09:57');
  });

  test('is said also where it is no longer known who told it', () => {
    const states = ['pending', 'fired', 'collapsed', 'skipped', 'missed', 'cancelled'] as const;
    expect(new Set(states.map((state) => said({ state }))).size).toBe(states.length);
  });
});

test('a time is as precise as it is asked for, and written as in its language', () => {
  const at = Date.parse('2026-11-23T08:30:07.042Z');
  expect(clockOf(at, 'Europe/Paris', 'minute', 'fr')).toBe('09:30');
  expect(clockOf(at, 'Europe/Paris', 'second', 'fr')).toBe('09:30:07');
  expect(clockOf(at, 'Europe/Paris', 'millisecond', 'fr')).toBe('09:30:07,042');
  expect(clockOf(at, 'Europe/Paris', 'millisecond', 'en')).toBe('09:30:07.042');
});
