import { describe, expect, test } from 'vitest';
import {
  addDays,
  allZones,
  daysBetween,
  instantOf,
  presentName,
  sameClock,
  startOfDay,
  wallAt,
  zoneCity,
} from './zone';

const at = (text: string): number => Date.parse(text);

describe('wallAt', () => {
  test('shows an instant on the clocks of each zone', () => {
    const instant = at('2026-11-23T23:30:00Z');
    expect(wallAt(instant, 'Europe/Paris')).toEqual({ day: '2026-11-24', time: '00:30' });
    expect(wallAt(instant, 'America/New_York')).toEqual({ day: '2026-11-23', time: '18:30' });
    expect(wallAt(instant, 'Asia/Kathmandu')).toEqual({ day: '2026-11-24', time: '05:15' });
  });
});

describe('instantOf', () => {
  test.each([
    ['an ordinary time', '2026-11-23', '10:00', 'Europe/Paris', '2026-11-23T09:00:00Z'],
    ['the hours after the clocks go forward', '2026-03-29', '03:30', 'Europe/Paris', '2026-03-29T01:30:00Z'],
    ['a time in a gap, by the clock that is left', '2026-03-29', '02:30', 'Europe/Paris', '2026-03-29T01:30:00Z'],
    ['the first of two in an overlap', '2026-10-25', '02:30', 'Europe/Paris', '2026-10-25T00:30:00Z'],
    ['a zone far to the east', '2026-01-01', '00:15', 'Pacific/Kiritimati', '2025-12-31T10:15:00Z'],
  ])('reads %s', (_, day, time, zone, expected) => {
    expect(new Date(instantOf({ day, time }, zone)).toISOString()).toBe(
      new Date(expected).toISOString(),
    );
  });
});

test('a day begins where it begins, also when the clocks change in it', () => {
  expect(startOfDay('2026-03-29', 'Europe/Paris')).toBe(at('2026-03-28T23:00:00Z'));
  expect(startOfDay('2026-03-30', 'Europe/Paris')).toBe(at('2026-03-29T22:00:00Z'));
});

test('days are counted on the calendar', () => {
  expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
  expect(addDays('2028-03-01', -1)).toBe('2028-02-29');
  expect(daysBetween('2026-03-28', '2026-03-30')).toBe(2);
});

test('zones with other names may have the same clock', () => {
  const instant = at('2026-11-23T09:00:00Z');
  expect(sameClock(instant, 'Europe/Paris', 'Europe/Berlin')).toBe(true);
  expect(sameClock(instant, 'Europe/Paris', 'Europe/London')).toBe(false);
});

test('a zone has the name of today, once', () => {
  const zones = allZones('Asia/Calcutta', 'Europe/Kiev');
  expect(zones).toEqual(expect.arrayContaining(['Asia/Kolkata', 'Europe/Kyiv', 'Europe/Paris']));
  expect(zones).not.toContain('Asia/Calcutta');
  expect(zones).not.toContain('Europe/Kiev');
  expect(zoneCity('America/Godthab')).toBe('Nuuk');
  expect(presentName('Europe/Paris')).toBe('Europe/Paris');
});

test('a zone is called by its city', () => {
  expect(zoneCity('America/Argentina/Buenos_Aires')).toBe('Buenos Aires');
  expect(zoneCity('UTC')).toBe('UTC');
});
