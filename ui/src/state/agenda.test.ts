import { beforeEach, describe, expect, test } from 'vitest';
import { HubApi } from '../api/hub';
import type { EventItem } from '../api/types';
import { ScriptedPlatform } from '../testing/platform';
import { event } from '../testing/samples';
import { Agenda } from './agenda.svelte';

let platform: ScriptedPlatform;
let agenda: Agenda;

function holds(...events: EventItem[]): void {
  platform.answer('GET /api/events', { events, next_cursor: null });
}

const ids = (): string[] => agenda.ahead.map((one) => one.id);

function queries(): URLSearchParams[] {
  return platform.asked.map(({ path }) => new URLSearchParams(path.split('?')[1]));
}

beforeEach(() => {
  platform = new ScriptedPlatform();
  agenda = new Agenda({
    api: new HubApi(platform),
    me: () => ({ id: 'camille' }),
    zone: () => 'Europe/Paris',
    today: () => '2026-11-23',
  });
});

describe('the agenda', () => {
  test('asks from where my day begins, for mine first', async () => {
    holds(event());
    await agenda.load();
    expect(ids()).toEqual(['e1']);
    const [list] = queries();
    expect(list?.get('from')).toBe('2026-11-22T23:00:00.000Z');
    expect(list?.get('assignee')).toBe('camille');
    await agenda.choose('all');
    expect(queries().at(-2)?.has('assignee')).toBe(false);
  });

  test('keeps what it had when the hub is gone, and says so', async () => {
    holds(event());
    await agenda.load();
    platform.unplug();
    await agenda.load();
    expect(ids()).toEqual(['e1']);
    expect(agenda.failure).not.toBeNull();
  });

  test('puts a changed event in its new place', async () => {
    const other = event({ id: 'e2', starts_at: '2026-11-23T12:00:00.000Z', ends_at: null });
    holds(event(), other);
    await agenda.load();
    const moved = { starts_at: '2026-11-24T09:00:00.000Z', ends_at: '2026-11-24T10:00:00.000Z' };
    platform.answer('GET /api/events/e1', event(moved));
    await agenda.changed('e1');
    expect(ids()).toEqual(['e2', 'e1']);
  });

  test('drops what is no longer mine, and what is gone', async () => {
    holds(event(), event({ id: 'e2' }));
    await agenda.load();
    platform.answer('GET /api/events/e1', event({ assignees: ['marc'] }));
    await agenda.changed('e1');
    expect(ids()).toEqual(['e2']);
    expect(agenda.mineNext.map((one) => one.id)).toEqual(['e2']);
    platform.answer('GET /api/events/e2', { error: { code: 'not_found' } }, 404);
    await agenda.changed('e2');
    expect(ids()).toEqual([]);
  });

  test('waits for the page on which a far event stands', async () => {
    platform.answer('GET /api/events', { events: [event()], next_cursor: 'next' });
    await agenda.load();
    agenda.put(event({ id: 'far', starts_at: '2027-11-23T09:00:00.000Z', ends_at: null }));
    expect(ids()).toEqual(['e1']);
    holds(event(), event({ id: 'far', starts_at: '2027-11-23T09:00:00.000Z', ends_at: null }));
    await agenda.loadMore();
    expect(ids()).toEqual(['e1', 'far']);
    expect(agenda.hasMore).toBe(false);
  });

  test('lists what goes on today under today, not among the past', async () => {
    const trip = event({
      all_day: true,
      starts_at: null,
      ends_at: null,
      starts_on: '2026-11-21',
      ends_on: '2026-11-24',
    });
    holds(trip, event({ id: 'past', starts_at: '2026-11-20T09:00:00.000Z', ends_at: null }));
    await agenda.showPast();
    expect(agenda.behind.map((one) => one.id)).toEqual(['past']);
    agenda.put(trip);
    expect(ids()).toEqual(['e1']);
  });
});
