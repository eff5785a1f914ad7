import { describe, expect, test } from 'vitest';
import { event } from '../testing/samples';
import { byDay, daysOf, endMs, mayEdit, nameOf, nextOf } from './event';

const PARIS = 'Europe/Paris';
const allDay = { all_day: true, starts_at: null, ends_at: null };

describe('the days of an event', () => {
  test('are those of whoever looks', () => {
    const late = event({ starts_at: '2026-11-23T22:30:00Z', ends_at: '2026-11-23T23:30:00Z' });
    expect(daysOf(late, PARIS)).toEqual({ first: '2026-11-23', last: '2026-11-24' });
    expect(daysOf(late, 'Asia/Tokyo')).toEqual({ first: '2026-11-24', last: '2026-11-24' });
  });

  test('do not include one that begins as the event ends', () => {
    const evening = event({ starts_at: '2026-11-23T20:00:00Z', ends_at: '2026-11-23T23:00:00Z' });
    expect(daysOf(evening, PARIS).last).toBe('2026-11-23');
  });

  test('are the same everywhere for whole days', () => {
    const trip = event({ ...allDay, starts_on: '2026-11-23', ends_on: '2026-11-25' });
    expect(daysOf(trip, 'Asia/Tokyo')).toEqual({ first: '2026-11-23', last: '2026-11-25' });
    expect(endMs(trip, PARIS)).toBe(Date.parse('2026-11-25T23:00:00Z'));
  });
});

describe('days', () => {
  test('begin with what lasts all day and hold what goes on from before', () => {
    const days = byDay(
      [
        event({ id: 'ten' }),
        event({ ...allDay, id: 'day', starts_on: '2026-11-23', ends_on: '2026-11-23' }),
        event({ ...allDay, id: 'trip', starts_on: '2026-11-20', ends_on: '2026-11-24' }),
        event({ id: 'later', starts_at: '2026-11-25T09:00:00Z', ends_at: null }),
      ],
      PARIS,
      '2026-11-23',
    );
    expect(days.map(({ day, events }) => [day, events.map(({ id }) => id)])).toEqual([
      ['2026-11-23', ['trip', 'day', 'ten']],
      ['2026-11-25', ['later']],
    ]);
  });
});

describe('the next event', () => {
  const at = (time: string): number => Date.parse(`2026-11-23T${time}:00Z`);
  const second = event({ id: 'e2', starts_at: '2026-11-23T09:12:00Z', ends_at: null });

  test('is the next to start, or the one that has only just started', () => {
    expect(nextOf([second, event()], PARIS, at('08:00'))?.id).toBe('e1');
    expect(nextOf([event(), second], PARIS, at('09:05'))?.id).toBe('e1');
    expect(nextOf([event(), second], PARIS, at('09:07'))?.id, 'the next is close').toBe('e2');
    expect(nextOf([event()], PARIS, at('09:10'))).toBeNull();
  });

  test('is neither done, nor cancelled, nor a whole day', () => {
    const others = [
      event({ status: 'done' }),
      event({ status: 'cancelled' }),
      event({ ...allDay, starts_on: '2026-11-24', ends_on: '2026-11-24' }),
    ];
    expect(nextOf(others, PARIS, at('08:00'))).toBeNull();
  });
});

test('an event is called by the first thing that names it', () => {
  const contact = { id: null, name: 'Marie Dupont', phone: null, email: null };
  expect(nameOf(event({ title: '', contact, comment: 'Plans' }))).toBe('Marie Dupont');
  expect(nameOf(event({ title: '', comment: 'Plans\nCasques' }))).toBe('Plans');
  expect(nameOf(event({ title: '' }))).toBe('');
});

test('an event is changed by its creator and by whoever looks after the office', () => {
  expect(mayEdit(event(), { id: 'camille', role: 'member' })).toBe(true);
  expect(mayEdit(event(), { id: 'marc', role: 'member' })).toBe(false);
  expect(mayEdit(event(), { id: 'marc', role: 'admin' })).toBe(true);
  expect(mayEdit(event({ busy: true }), { id: 'marc', role: 'admin' })).toBe(false);
});
