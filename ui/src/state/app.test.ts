import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { HubError } from '../api/hub';
import type { Me, NotificationItem } from '../api/types';
import type { DesktopState } from '../platform/types';
import { heldMemory, ScriptedPlatform } from '../testing/platform';
import { camille, event, notification } from '../testing/samples';
import { App } from './app.svelte';

let platform: ScriptedPlatform;
let app: App;

function office(...rows: NotificationItem[]): void {
  officeOf(camille(), ...rows);
}

function officeOf(me: Me, ...rows: NotificationItem[]): void {
  const seq = rows.length;
  platform
    .answer('GET /api/me', me)
    .answer('GET /api/people', { people: [camille()] })
    .answer('GET /api/events', { events: [event()], next_cursor: null })
    .answer('GET /api/notifications', {
      notifications: rows.toReversed(),
      unread_count: seq,
      seq,
      change: seq,
    });
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-23T08:00:00Z') });
  window.history.replaceState(null, '', '/');
  // Each test is a browser of its own: its tabs hear nothing of another's.
  vi.stubGlobal('BroadcastChannel', undefined);
  platform = new ScriptedPlatform();
  app = new App(platform, heldMemory());
});

afterEach(() => {
  app.session.stop();
  app.clock.stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('starting', () => {
  test('asks for an invitation where nobody is signed in', async () => {
    platform.answer('GET /api/me', { error: { code: 'unauthenticated' } }, 401);
    await app.start();
    expect(app.stage).toBe('signed_out');
    expect(app.wasSignedIn).toBe(false);
    expect(platform.lines).toEqual([]);
  });

  test('waits for a hub that is away, and comes in when it is back', async () => {
    await app.start();
    expect(app.stage).toBe('unreachable');
    office();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(app.stage).toBe('ready');
  });

  test('shows the events even where no line can be had', async () => {
    office();
    await app.start();
    platform.line.end('lost');
    expect(app.agenda.loaded).toBe(false);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(app.agenda.loaded).toBe(true);
  });

  test('listens from where the list ended', async () => {
    office(notification(1), notification(2));
    await app.start();
    expect(app.stage).toBe('ready');
    expect(platform.line.resume).toEqual({ since: 2, lastId: 'n2', changesSince: 2 });
    platform.line.establish(2, 2);
    expect(platform.line.sent[0]).toMatchObject({ type: 'watch_events' });
    expect(platform.line.sent[1]).toEqual({ type: 'ack', seq: 2 });
  });
});

describe('a frame', () => {
  beforeEach(async () => {
    office();
    await app.start();
    platform.line.establish();
    await vi.waitFor(() => expect(app.agenda.loaded).toBe(true));
  });

  test('with news is a popup, a row and a receipt', () => {
    platform.line.push({
      type: 'event_notification',
      notification: notification(1),
      unread_count: 1,
    });
    expect(app.popups.visible.map((item) => item.id)).toEqual(['n1']);
    expect(app.inbox.unread).toBe(1);
    expect(app.announced?.id).toBe('n1');
    expect(platform.line.sent.at(-1)).toEqual({ type: 'ack', seq: 1 });
  });

  test('of trouble is shown until the hub says that it is over, or another line begins without', () => {
    platform.line.push({ type: 'hub_trouble', trouble: 'disk_full' });
    expect(app.hubTrouble).toBe('disk_full');
    platform.line.push({ type: 'hub_trouble', trouble: null });
    expect(app.hubTrouble).toBe(null);
    platform.line.push({ type: 'hub_trouble', trouble: 'storage' });
    platform.line.end('lost');
    vi.advanceTimersByTime(1_000);
    platform.line.establish();
    expect(app.hubTrouble).toBe(null);
  });

  test('with news moves the clock on to when it came', () => {
    const at = '2026-11-23T08:00:05.000Z';
    platform.line.push({
      type: 'event_notification',
      notification: notification(1, { created_at: at }),
      unread_count: 1,
    });
    expect(app.clock.now).toBe(Date.parse(at));
  });

  test('from before the line was back goes on the card', () => {
    platform.line.end('lost');
    vi.advanceTimersByTime(1_000);
    platform.line.establish(1, 1);
    platform.line.push({
      type: 'event_notification',
      notification: notification(1, { created_at: '2026-11-23T07:59:00.000Z' }),
      unread_count: 1,
    });
    expect(app.popups.visible).toEqual([]);
    expect(app.popups.away.map((item) => item.id)).toEqual(['n1']);
  });

  test('about a change elsewhere closes the popup here', () => {
    const item = notification(1);
    platform.line.push({ type: 'event_notification', notification: item, unread_count: 1 });
    platform.line.push({
      type: 'notification_updated',
      notification: { ...item, change: 2, is_read: true, dismissed_at: '2026-11-23T08:00:01.000Z' },
      unread_count: 0,
    });
    expect(app.popups.visible).toEqual([]);
    expect(app.inbox.unread).toBe(0);
  });

  test('about a deleted event takes it from the agenda', () => {
    expect(app.agenda.ahead).toHaveLength(1);
    platform.line.push({ type: 'event_deleted', event_id: 'e1' });
    expect(app.agenda.ahead).toEqual([]);
    expect(app.lastChange).toEqual({ id: 'e1', revision: null });
  });

  test('that asks for the clock is answered with this device\'s own, not the hub\'s', () => {
    platform.line.establish(0, 0); // the hub says another time than this device has
    vi.setSystemTime(Date.parse('2026-11-24T09:30:00Z'));
    platform.line.push({ type: 'clock_wanted' });
    expect(platform.line.sent.at(-1)).toEqual({ type: 'clock', now: '2026-11-24T09:30:00.000Z' });
  });

  test('that says the cursor is unknown fetches everything again', async () => {
    office(notification(1, { id: 'restored', created_at: '2026-11-23T07:00:00.000Z' }));
    platform.line.push({ type: 'snapshot_required' });
    await vi.waitFor(() => expect(platform.lines).toHaveLength(2));
    expect(app.popups.away.map((item) => item.id)).toEqual(['restored']);
    expect(platform.line.resume.since).toBe(1);
  });
});

describe('a hub that was restored from a backup', () => {
  /** The hub goes back to these rows, and the line comes back. */
  async function restored(...rows: NotificationItem[]): Promise<void> {
    const me = camille({ name: 'Camille M.' });
    officeOf({ ...me, office: { ...me.office, epoch: 2 } }, ...rows);
    platform.line.end('lost');
    await vi.advanceTimersByTimeAsync(1_000);
    const before = platform.lines.length;
    platform.line.establish(rows.length, rows.length, 2);
    await vi.waitFor(() => expect(platform.lines.length).toBe(before + 1));
  }

  beforeEach(async () => {
    office(notification(1));
    await app.start();
    platform.line.establish(1, 1);
    const news = { type: 'event_notification', unread_count: 2 } as const;
    platform.line.push({ ...news, notification: notification(2) });
    platform.line.push({ ...news, notification: notification(3, { event_id: 'e3' }) });
    expect(app.popups.open.map((item) => item.id)).toEqual(['n3', 'n2']);
  });

  test('is noticed by its epoch, though the numbers would fit', async () => {
    await restored(notification(1), notification(2), notification(3, { id: 'other' }));
    expect(app.inbox.items.map((item) => item.id)).toEqual(['other', 'n2', 'n1']);
    expect(platform.line.resume).toEqual({ since: 3, lastId: 'other', changesSince: 3 });
    platform.line.establish(3, 3, 2);
    expect(app.stage).toBe('ready');
    expect(app.preferences.me?.name, 'who I am may be another, too').toBe('Camille M.');
    expect(app.toasts.items).toEqual([]);
    expect(platform.lines, 'once is enough').toHaveLength(3);
  });

  test('shows nothing twice that comes again under another number', async () => {
    await restored(notification(1));
    platform.line.establish(1, 1, 2);
    platform.line.push({
      type: 'event_notification',
      notification: notification(2, { id: 'n3', event_id: 'e3' }),
      unread_count: 2,
    });
    expect(app.popups.open.map((item) => item.id)).toEqual(['n3', 'n2']);
    expect(app.popups.away).toEqual([]);
    expect(app.inbox.items.map((item) => item.id)).toEqual(['n3', 'n1']);
  });

  test('says nothing more on a line that began in another history', async () => {
    const me = camille();
    officeOf({ ...me, office: { ...me.office, epoch: 2 } }, notification(1));
    platform.line.end('lost');
    await vi.advanceTimersByTimeAsync(1_000);
    platform.line.establish(1, 1, 2);
    const { line } = platform;
    line.push({ type: 'unread_count_updated', unread_count: 0, change: 99 });
    line.push({ type: 'event_notification', notification: notification(9), unread_count: 9 });
    await vi.waitFor(() => expect(platform.line).not.toBe(line));
    expect(line.closed).toBe(true);
    expect(platform.line.resume).toEqual({ since: 1, lastId: 'n1', changesSince: 1 });
    expect(app.popups.open.map((item) => item.id)).not.toContain('n9');
  });

  test('that no longer knows this device asks it to sign in', async () => {
    platform.answer('GET /api/me', { error: { code: 'unauthorized' } }, 401);
    platform.line.end('lost');
    await vi.advanceTimersByTimeAsync(1_000);
    platform.line.establish(1, 1, 2);
    await vi.waitFor(() => expect(app.stage).toBe('signed_out'));
  });
});

test('a device that is revoked goes back to the door', async () => {
  office();
  await app.start();
  platform.line.establish();
  platform.line.end('refused');
  expect(app.stage).toBe('signed_out');
  expect(app.wasSignedIn).toBe(true);
});

test('a hub that is one no longer leads to where the office is', async () => {
  platform.answer('GET /api/me', { error: { code: 'hub_moved' } }, 503);
  platform.answer('GET /api/hub/epoch', { moved: { epoch: 2, addresses: ['192.168.1.24:7710'] } });
  await app.start();
  await vi.waitFor(() => expect(app.stage).toBe('moved'));
  expect(app.movedTo).toEqual({ computer: null, address: '192.168.1.24:7710', follows: false });
});

describe('while the hub of another computer is away', () => {
  const kept = '2026-11-23T07:55:00.000Z';
  const standing: DesktopState = {
    stage: 'ready',
    role: 'joined',
    contact: { state: 'open' },
    syncedAt: kept,
    moved: null,
    asking: null,
    joined: { name: 'Bureau', address: '192.168.1.10:7710', copyOf: null },
    accountName: 'camille',
    locale: 'fr',
    timeZone: 'Europe/Paris',
    hubAddress: null,
    settings: { openToLan: false, paused: false, startAtLogin: false, keepAwake: false, language: null },
    sharing: null,
    popups: { available: true, problem: null },
    pendingPath: null,
  };
  let state: DesktopState;
  let changed: () => void;

  beforeEach(async () => {
    state = standing;
    const desktop = {
      state: () => Promise.resolve(state),
      onNavigate: () => undefined,
      onStateChanged: (listener: () => void) => (changed = listener),
    };
    Object.assign(platform, { desktop });
    office();
    await app.start();
  });

  async function stands(contact: DesktopState['contact'], syncedAt: string | null): Promise<void> {
    state = { ...standing, contact, syncedAt };
    changed();
    await vi.advanceTimersByTimeAsync(0);
  }

  const away: DesktopState['contact'] = { state: 'away', since: kept, why: 'silent' };

  test('says until when what it shows was up to date', async () => {
    expect(app.keptUntil).toBeNull();
    await stands(away, kept);
    expect(app.keptUntil).toBe(Date.parse(kept));
    await stands({ state: 'open' }, kept);
    expect(app.keptUntil).toBeNull();
    await stands(away, null);
    expect(app.keptUntil, 'nothing is kept, so nothing is shown').toBeNull();
  });

  test('lists what the desktop told by itself, and what the hub made of it', async () => {
    office(notification(1));
    await stands(away, kept);
    expect(app.inbox.items).toHaveLength(1);
    office(notification(1), notification(2));
    await stands({ state: 'open' }, kept);
    expect(app.inbox.items).toHaveLength(2);
  });

  test('explains why a change is refused', () => {
    const refused = new HubError(503, 'hub_away', 'away');
    expect(app.explain(refused)).toBe(app.words.failure.hubAway);
  });
});
