import { beforeEach, describe, expect, test } from 'vitest';
import { HubApi } from '../api/hub';
import type { NotificationItem } from '../api/types';
import { heldMemory, ScriptedPlatform } from '../testing/platform';
import { notification } from '../testing/samples';
import { Inbox } from './inbox.svelte';
import { canSnooze, Popups } from './popups.svelte';

const NOW = Date.parse('2026-11-23T08:31:00.000Z');

let platform: ScriptedPlatform;
let memory = heldMemory();
let shown: string[];
let failures: unknown[];

/** A page that is opened while the hub has these rows, oldest first. */
function open(...rows: NotificationItem[]): Promise<{ popups: Popups; inbox: Inbox }> {
  return openIn(1, ...rows);
}

async function openIn(
  epoch: number,
  ...rows: NotificationItem[]
): Promise<{ popups: Popups; inbox: Inbox }> {
  const api = new HubApi(platform);
  const inbox = new Inbox(api);
  const seq = rows.at(-1)?.seq ?? 0;
  platform.answerWith('GET /api/notifications', (request) => {
    const query = new URL(request.path, 'http://hub').searchParams;
    const before = Number(query.get('before') ?? Infinity);
    const page = rows.filter((row) => row.seq < before).slice(-Number(query.get('limit')));
    const body = { notifications: page.toReversed(), unread_count: rows.length, seq, change: seq };
    return { status: 200, body };
  });
  await inbox.load();
  const popups = new Popups({
    api,
    inbox,
    memory,
    onShown: (item) => shown.push(item.id),
    onFailure: (thrown) => failures.push(thrown),
  });
  await popups.start('hub.camille', epoch, NOW);
  return { popups, inbox };
}

function arrive(
  { popups, inbox }: { popups: Popups; inbox: Inbox },
  item: NotificationItem,
  replayed = false,
): void {
  inbox.receive(item, 1, false);
  popups.receive(item, replayed, NOW);
}

const ids = (items: NotificationItem[]): string[] => items.map((item) => item.id);

beforeEach(() => {
  platform = new ScriptedPlatform();
  memory = heldMemory();
  shown = [];
  failures = [];
});

describe('a popup', () => {
  test('appears once, however often its row comes', async () => {
    const page = await open();
    arrive(page, notification(1));
    arrive(page, notification(1), true);
    expect(ids(page.popups.open)).toEqual(['n1']);
    expect(shown).toEqual(['n1']);
  });

  test('does not appear for what was missed or is withdrawn', async () => {
    const page = await open();
    arrive(page, notification(1, { outcome: 'missed' }));
    arrive(page, notification(2, { withdrawn_at: '2026-11-23T08:30:30.000Z' }));
    expect(page.popups.open).toEqual([]);
    expect(shown).toEqual([]);
    expect(ids(page.popups.away), 'the card has what was missed').toEqual(['n1']);
  });

  test('is one of three, the newest, while the others wait', async () => {
    const page = await open();
    for (const seq of [1, 2, 3, 4, 5]) arrive(page, notification(seq, { event_id: `e${seq}` }));
    expect(ids(page.popups.visible)).toEqual(['n5', 'n4', 'n3']);
    expect(page.popups.hidden).toBe(2);
  });

  test('is alone on a small screen, and the card waits for it', async () => {
    const page = await open();
    page.popups.small = true;
    arrive(page, notification(1), true);
    arrive(page, notification(2), true);
    expect(ids(page.popups.card)).toEqual(['n2', 'n1']);
    expect(page.popups.hidden).toBe(0);
    arrive(page, notification(3));
    arrive(page, notification(4));
    expect(ids(page.popups.visible)).toEqual(['n4']);
    expect(page.popups.card).toEqual([]);
    expect(page.popups.hidden, 'one popup and two on the card').toBe(3);
  });

  test('is not closed by being read, but by being acted on anywhere', async () => {
    const page = await open();
    for (const seq of [1, 2, 3, 4]) arrive(page, notification(seq));
    page.popups.update(notification(1, { is_read: true }));
    expect(page.popups.open).toHaveLength(4);
    page.popups.update(notification(2, { dismissed_at: '2026-11-23T08:31:00.000Z' }));
    page.popups.update(notification(3, { snoozed_until: '2026-11-23T08:36:00.000Z' }));
    page.popups.update(notification(4, { withdrawn_at: '2026-11-23T08:31:00.000Z' }));
    expect(ids(page.popups.open)).toEqual(['n1']);
  });

  test.each(['cancelled', 'moved', 'unassigned'])(
    'makes way for the news that its event is %s',
    async (type) => {
      const page = await open();
      arrive(page, notification(1));
      arrive(page, notification(2, { event_id: 'other' }));
      arrive(page, notification(3, { notification_type: type }));
      expect(ids(page.popups.open)).toEqual(['n3', 'n2']);
    },
  );

  test('stays when news of its event that was put off is told again', async () => {
    const page = await open();
    arrive(page, notification(2));
    arrive(page, notification(3, { notification_type: 'moved', parent_id: 'n1' }));
    expect(ids(page.popups.open)).toEqual(['n3', 'n2']);
  });

  test('comes back after a reload, and is not announced again', async () => {
    const page = await open();
    arrive(page, notification(1));
    const again = await open(notification(1));
    expect(ids(again.popups.open)).toEqual(['n1']);
    expect(again.popups.away).toEqual([]);
    expect(shown).toEqual(['n1']);
  });

  test('closes at once, and comes back when the hub could not be told', async () => {
    const page = await open();
    arrive(page, notification(1));
    const acted = page.popups.gotIt(notification(1));
    expect(page.popups.open).toEqual([]);
    await acted;
    expect(failures).toHaveLength(1);
    expect(ids(page.popups.open)).toEqual(['n1']);
  });

  test('stays closed when the hub says that it no longer applies', async () => {
    platform.answer('POST /api/notifications/n1/snooze', { error: { code: 'gone' } }, 409);
    const page = await open();
    arrive(page, notification(1));
    await page.popups.snooze(page.popups.open[0]!, 5);
    expect(page.popups.open).toEqual([]);
    expect(failures).toHaveLength(1);
  });
});

describe('what came while nobody was there', () => {
  test('is nothing on a device’s first visit', async () => {
    const page = await open(notification(1), notification(2));
    expect(page.popups.away).toEqual([]);
    expect(page.popups.open).toEqual([]);
  });

  test('is one card on the next', async () => {
    await open(notification(1));
    const page = await open(notification(1), notification(2), notification(3));
    expect(ids(page.popups.away)).toEqual(['n3', 'n2']);
    expect(page.popups.open).toEqual([]);
    expect(shown).toEqual([]);
  });

  test('leaves out what is read, settled, withdrawn or too old', async () => {
    await open();
    const page = await open(
      notification(1, { created_at: '2026-11-10T08:00:00.000Z' }),
      notification(2, { is_read: true }),
      notification(3, { dismissed_at: '2026-11-23T08:31:00.000Z' }),
      notification(4, { withdrawn_at: '2026-11-23T08:31:00.000Z' }),
      notification(5, { snoozed_until: '2026-11-23T08:36:00.000Z' }),
      notification(6),
    );
    expect(ids(page.popups.away)).toEqual(['n6']);
  });

  test('is told by a hub that slept as it wakes, on one card', async () => {
    const page = await open();
    for (const seq of [1, 2, 3]) arrive(page, notification(seq, { outcome: 'missed' }));
    arrive(page, notification(4, { outcome: 'missed', is_read: true }));
    expect(ids(page.popups.away), 'what was read elsewhere is no news').toEqual(['n3', 'n2', 'n1']);
    expect(shown).toEqual([]);
  });

  test('tells on the card what was missed, which never pops up', async () => {
    await open();
    const page = await open(notification(1, { outcome: 'missed' }));
    arrive(page, notification(2, { outcome: 'missed' }), true);
    expect(ids(page.popups.away)).toEqual(['n2', 'n1']);
    expect(page.popups.open).toEqual([]);
    expect(shown).toEqual([]);
  });

  test('reaches back seven days after an absence of ten, however much came', async () => {
    await open(notification(1, { created_at: '2026-11-13T08:00:00.000Z' }));
    const dayOf = (seq: number): string => String(13 + Math.floor((seq - 1) / 20)).padStart(2, '0');
    const came = Array.from({ length: 200 }, (_, index) =>
      notification(index + 1, { created_at: `2026-11-${dayOf(index + 1)}T09:00:00.000Z` }),
    );
    const page = await open(...came);
    const oldest = page.popups.away.at(-1);
    expect(oldest?.created_at).toBe('2026-11-16T09:00:00.000Z');
    expect(page.popups.away).toHaveLength(140);
    expect(new Set(ids(page.popups.away)).size).toBe(140);
  });

  test('is never on the card and on its own at once', async () => {
    const page = await open();
    arrive(page, notification(1));
    arrive(page, notification(2), true);
    const again = await open(notification(1), notification(2), notification(3));
    expect(ids(again.popups.open)).toEqual(['n1']);
    expect(ids(again.popups.away)).toEqual(['n3', 'n2']);
    await again.popups.afterSnapshot(1, NOW);
    arrive(again, notification(3), true);
    expect(ids(again.popups.open)).toEqual(['n1']);
    expect(ids(again.popups.away)).toEqual(['n3', 'n2']);
  });

  test('when it is one alone, can be put off as a popup can', async () => {
    await open();
    const page = await open(notification(1));
    platform.answer(
      'POST /api/notifications/n1/snooze',
      notification(1, { change: 9, is_read: true, snoozed_until: '2026-11-23T08:36:00.000Z' }),
    );
    await page.popups.snooze(page.popups.away[0]!, 5);
    expect(page.popups.away).toEqual([]);
    const again = await open(
      notification(1, { is_read: true, snoozed_until: '2026-11-23T08:36:00.000Z' }),
    );
    expect(again.popups.away).toEqual([]);
  });

  test('stays on the card when it is read, through a reload as well', async () => {
    await open();
    const page = await open(notification(1), notification(2));
    page.popups.update(notification(1, { is_read: true }));
    expect(ids(page.popups.away)).toEqual(['n2', 'n1']);
    const again = await open(notification(1, { is_read: true }), notification(2));
    expect(ids(again.popups.away), 'reading closes nothing').toEqual(['n2', 'n1']);
  });

  test('is no absence when the line was gone for a moment', async () => {
    const page = await open();
    const justNow = '2026-11-23T08:30:01.000Z';
    arrive(page, notification(1, { created_at: justNow }), true);
    arrive(page, notification(2, { created_at: justNow, is_read: true }), true);
    arrive(page, notification(3, { created_at: justNow, outcome: 'missed' }), true);
    expect(ids(page.popups.open), 'what has just come pops up all the same').toEqual(['n1']);
    expect(shown).toEqual(['n1']);
    expect(ids(page.popups.away)).toEqual(['n3']);
  });

  test('grows by what a lost line brings when it is back', async () => {
    const page = await open();
    arrive(page, notification(1), true);
    arrive(page, notification(2), true);
    expect(ids(page.popups.away)).toEqual(['n2', 'n1']);
    expect(page.popups.room, 'the card has a place among the three').toBe(2);
  });

  test('stays until it is acted on, through a reload', async () => {
    await open(notification(1));
    await open(notification(1), notification(2));
    const page = await open(notification(1), notification(2));
    expect(ids(page.popups.away)).toEqual(['n2']);
    platform.answer(
      'POST /api/notifications/n2/dismiss',
      notification(2, { change: 9, is_read: true, dismissed_at: '2026-11-23T08:32:00.000Z' }),
    );
    await page.popups.gotAllAway();
    expect(page.popups.away).toEqual([]);
    expect(page.inbox.items[0]?.is_read).toBe(true);
  });

  test('is told by ids when numbers start again', async () => {
    await open(notification(1), notification(2), notification(3));
    const page = await open(notification(1), notification(2, { id: 'other' }));
    expect(ids(page.popups.away)).toEqual(['other']);
  });

  test('is told by ids alone after the hub was restored', async () => {
    const page = await open(notification(1), notification(2));
    platform.answer('GET /api/notifications', {
      notifications: [notification(2, { id: 'new' }), notification(1)],
      unread_count: 2,
      seq: 2,
      change: 2,
    });
    await page.inbox.load();
    await page.popups.afterSnapshot(1, NOW);
    expect(ids(page.popups.away)).toEqual(['new']);
  });

  test('is on the card once, however often the hub is restored', async () => {
    const page = await open();
    const settled = { change: 2, is_read: true, dismissed_at: '2026-11-23T08:32:00.000Z' };
    platform
      .answer('GET /api/notifications', {
        notifications: [notification(1)],
        unread_count: 1,
        seq: 1,
        change: 1,
      })
      .answer('POST /api/notifications/n1/dismiss', notification(1, settled));
    await page.inbox.load();
    await page.popups.afterSnapshot(2, NOW);
    expect(ids(page.popups.away)).toEqual(['n1']);
    await page.popups.gotAllAway();
    await page.inbox.load();
    await page.popups.afterSnapshot(3, NOW);
    expect(page.popups.away, 'the hub has forgotten that it was acted on').toEqual([]);
  });

  test('is all of it, also where the numbers of a restored hub are lower than before', async () => {
    await openIn(1, notification(500));
    const rows = Array.from({ length: 80 }, (_, index) => notification(index + 1));
    const page = await openIn(2, ...rows);
    expect(page.popups.away).toHaveLength(80);
  });
});

test('only what is about an event still to come can be told again', () => {
  const types = ['30min_before', '1d_before', 'assigned', 'moved', 'unassigned', 'cancelled'];
  const can = types.filter((type) => canSnooze(notification(1, { notification_type: type })));
  expect(can).toEqual(['30min_before', '1d_before', 'assigned', 'moved']);
});
