import { describe, expect, test } from 'vitest';
import { fr } from '../i18n/fr';
import { event } from '../testing/samples';
import { Draft } from './draft.svelte';

const WRONG = fr.event.wrong;
const NOON = Date.parse('2026-11-22T11:00:00Z');

function blank(): Draft {
  const draft = Draft.blank('camille', 'Europe/Paris', NOON, [30, 5]);
  draft.title = 'Visite de chantier';
  return draft;
}

describe('a new event', () => {
  test('begins soon, lasts an hour and is mine', () => {
    const draft = Draft.blank('camille', 'Europe/Paris', NOON, [30, 5]);
    expect(draft.dirty).toBe(false);
    expect(draft.toInput()).toMatchObject({
      starts_at: '2026-11-22T12:30:00',
      ends_at: '2026-11-22T13:30:00',
      time_zone: 'Europe/Paris',
      assignees: ['camille'],
      reminders: null,
    });
  });

  test('begins on the next day when it is late', () => {
    const late = Date.parse('2026-11-22T22:30:00Z');
    const draft = Draft.blank('camille', 'Europe/Paris', late, []);
    expect(draft.toInput()).toMatchObject({
      starts_at: '2026-11-23T00:00:00',
      ends_at: '2026-11-23T01:00:00',
    });
  });

  test('needs something to be called by', () => {
    const draft = blank();
    draft.title = ' ';
    expect(draft.check(WRONG)).toBe(false);
    expect(draft.wrong).toEqual({ title: WRONG.nothing });
    draft.contactName = 'Marie Dupont';
    expect(draft.check(WRONG)).toBe(true);
  });
});

describe('times', () => {
  test('keep the length when the start moves', () => {
    const draft = blank();
    draft.start = '23:30';
    draft.settleStart();
    expect([draft.endDay, draft.end]).toEqual(['2026-11-23', '00:30']);
    draft.day = '2026-12-01';
    draft.settleStart();
    expect(draft.endDay).toBe('2026-12-02');
  });

  test('keep the length although the start could not be read for a while', () => {
    const draft = blank();
    draft.start = null;
    draft.day = '2026-11-30';
    draft.settleStart();
    draft.start = '14:00';
    draft.settleStart();
    expect([draft.endDay, draft.end]).toEqual(['2026-11-30', '15:00']);
  });

  test('say where they cannot be read', () => {
    const draft = blank();
    draft.day = null;
    draft.start = null;
    draft.end = null;
    expect(draft.check(WRONG)).toBe(false);
    expect(draft.wrong).toEqual({ day: WRONG.date, start: WRONG.time, end: WRONG.time });
    expect(draft.dirty).toBe(true);
  });

  test('need no end', () => {
    const draft = blank();
    draft.end = '';
    expect(draft.check(WRONG)).toBe(true);
    expect(draft.toInput().ends_at).toBeNull();
  });

  test('that end before they start may mean the next day', () => {
    const draft = blank();
    draft.end = '02:00';
    expect(draft.check(WRONG)).toBe(false);
    expect(draft.wrong).toEqual({ end: WRONG.endBeforeStart });
    expect(draft.looksOvernight).toBe(true);
    draft.endNextDay();
    expect(draft.check(WRONG)).toBe(true);
    expect(draft.toInput().ends_at).toBe('2026-11-23T02:00:00');
  });

  test('are those of the event’s own zone', () => {
    const draft = Draft.of(event({ time_zone: 'America/New_York' }), []);
    expect([draft.day, draft.start, draft.end]).toEqual(['2026-11-23', '04:00', '05:00']);
  });

  test('are not sent for whole days', () => {
    const draft = blank();
    draft.setAllDay(true);
    draft.endDay = '2026-11-24';
    expect(draft.toInput()).toMatchObject({
      all_day: true,
      starts_on: '2026-11-22',
      ends_on: '2026-11-24',
      reminder_days: [0],
    });
    expect(draft.toInput()).not.toHaveProperty('starts_at');
    expect(draft.toInput()).not.toHaveProperty('reminders');
    draft.daysChoice = 'none';
    expect(draft.toInput().reminder_days).toEqual([]);
  });
});

describe('a change', () => {
  test('sends only what differs', () => {
    const draft = Draft.of(event({ location: 'Ici', contact: null }), [30]);
    expect(draft.dirty).toBe(false);
    draft.location = ' ';
    draft.contactName = 'Marie Dupont';
    expect(draft.toPatch()).toEqual({
      location: null,
      contact: { id: null, name: 'Marie Dupont', phone: null, email: null },
    });
  });

  test('of one time sends all of them, with their zone', () => {
    const draft = Draft.of(event(), []);
    draft.end = '12:00';
    expect(draft.toPatch()).toEqual({
      all_day: false,
      starts_at: '2026-11-23T10:00:00',
      ends_at: '2026-11-23T12:00:00',
      time_zone: 'Europe/Paris',
    });
  });

  test('tells no reminders from everybody’s own', () => {
    const none = Draft.of(event({ reminders: [] }), [30, 5]);
    expect(none.remindersChoice).toBe('none');
    none.remindersChoice = 'own';
    expect(none.toPatch()).toEqual({ reminders: null });
    none.remindersChoice = 'chosen';
    expect(none.toPatch()).toEqual({ reminders: [30, 5] });
  });

  test('keeps the contact’s identity', () => {
    const contact = { id: 'c-17', name: 'Marie', phone: null, email: null };
    const draft = Draft.of(event({ contact }), []);
    draft.contactPhone = '+33 6';
    expect(draft.toPatch()).toEqual({ contact: { ...contact, phone: '+33 6' } });
  });
});

describe('what the hub refuses', () => {
  test('stands at the field it names', () => {
    const draft = blank();
    expect(draft.takeWrong('contact.email', WRONG)).toBe(true);
    expect(draft.wrong).toEqual({ contactEmail: WRONG.refused.contactEmail });
    expect(draft.takeWrong('assignees[2]', WRONG)).toBe(true);
    expect(draft.wrong).toEqual({ assignees: WRONG.refused.assignees });
  });

  test('has no field when there is none for it', () => {
    expect(blank().takeWrong('visibility_of_moon', WRONG)).toBe(false);
    expect(blank().takeWrong(null, WRONG)).toBe(false);
  });
});
