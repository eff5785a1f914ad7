import { describe, expect, test } from 'vitest';
import {
  longDay,
  minutesSince,
  minutesUntil,
  nearDay,
  numericDay,
  shortDay,
  shortMoment,
  weekday,
} from './format';

const today = '2026-11-22';

describe('days', () => {
  test('are short in lists', () => {
    expect(shortDay('2026-11-23', 'fr', today)).toBe('lun. 23 nov.');
    expect(shortDay('2026-11-23', 'en', today)).toBe('Mon 23 Nov');
    expect(shortDay('2026-09-07', 'en', today)).toBe('Mon 7 Sep');
  });

  test('are written out in headings, with another year named', () => {
    expect(longDay('2026-11-23', 'fr', today)).toBe('lundi 23 novembre');
    expect(longDay('2027-01-06', 'en', today)).toBe('Wednesday 6 January 2027');
  });

  test('have names near today', () => {
    expect(nearDay('2026-11-21', today)).toBe('yesterday');
    expect(nearDay('2026-11-22', today)).toBe('today');
    expect(nearDay('2026-11-23', today)).toBe('tomorrow');
    expect(nearDay('2026-11-24', today)).toBeNull();
    expect(weekday('2026-11-26', 'fr')).toBe('jeudi');
  });

  test('are numbered alike in both languages', () => {
    expect(numericDay('2026-11-03')).toBe('03/11/2026');
  });
});

test('a moment is on the reader’s clock, in 24 hours', () => {
  const instant = Date.parse('2026-11-23T21:05:00Z');
  const now = Date.parse('2026-11-22T12:00:00Z');
  expect(shortMoment(instant, 'Europe/Paris', 'fr', now)).toBe('lun. 23 nov., 22:05');
  expect(shortMoment(instant, 'Asia/Tokyo', 'en', now)).toBe('Tue 24 Nov, 06:05');
});

test('what is left is rounded up and what has gone by is rounded down', () => {
  const start = 10 * 60_000;
  expect(minutesUntil(start, 1)).toBe(10);
  expect(minutesUntil(start, start - 1)).toBe(1);
  expect(minutesUntil(start, start)).toBe(0);
  expect(minutesSince(start, start + 119_999)).toBe(1);
});
