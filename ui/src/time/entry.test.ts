import { describe, expect, test } from 'vitest';
import { readDay, readTime } from './entry';

const today = '2026-11-22';

describe('readDay', () => {
  test.each([
    ['23/11/2026', '2026-11-23'],
    ['23.11.26', '2026-11-23'],
    ['23-11-2026', '2026-11-23'],
    ['2026-11-23', '2026-11-23'],
    ['3 12', '2026-12-03'],
    [' demain ', '2026-11-23'],
    ['Aujourd’hui', '2026-11-22'],
    ['tomorrow', '2026-11-23'],
  ])('reads %j', (typed, day) => {
    expect(readDay(typed, today)).toBe(day);
  });

  test('without a year means the next such day', () => {
    expect(readDay('22/11', today)).toBe('2026-11-22');
    expect(readDay('21/11', today)).toBe('2027-11-21');
  });

  test.each(['', 'bientôt', '31/02/2026', '23/13/2026', '29/02/2027', '23/11/2026x'])(
    'does not read %j',
    (typed) => {
      expect(readDay(typed, today)).toBeNull();
    },
  );
});

describe('readTime', () => {
  test.each([
    ['10:00', '10:00'],
    ['9h', '09:00'],
    ['9h05', '09:05'],
    ['9 h 05', '09:05'],
    ['14.30', '14:30'],
    ['14 30', '14:30'],
    ['930', '09:30'],
    ['1430', '14:30'],
    ['7', '07:00'],
    ['2pm', '14:00'],
    ['12:15 am', '00:15'],
    ['12pm', '12:00'],
  ])('reads %j', (typed, time) => {
    expect(readTime(typed)).toBe(time);
  });

  test.each(['', 'midi', '24:00', '10:60', '25', '10:5', '13pm', '0pm', '12345'])(
    'does not read %j',
    (typed) => {
      expect(readTime(typed)).toBeNull();
    },
  );
});
