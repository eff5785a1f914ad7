import { beforeEach, describe, expect, test } from 'vitest';
import { HubApi } from '../api/hub';
import type { NotificationItem } from '../api/types';
import { ScriptedPlatform } from '../testing/platform';
import { notification } from '../testing/samples';
import { Inbox } from './inbox.svelte';

let platform: ScriptedPlatform;
let inbox: Inbox;

function holds(items: NotificationItem[], unread = items.length): void {
  const seq = items[0]?.seq ?? 0;
  platform.answer('GET /api/notifications', {
    notifications: items,
    unread_count: unread,
    seq,
    change: seq,
  });
}

const seqs = (): number[] => inbox.items.map((item) => item.seq);

beforeEach(() => {
  platform = new ScriptedPlatform();
  inbox = new Inbox(new HubApi(platform));
});

describe('an inbox', () => {
  test('resumes after the last row it has, named by its id', async () => {
    holds([notification(2), notification(1)]);
    await inbox.load();
    expect(inbox.resume()).toEqual({ since: 2, lastId: 'n2', changesSince: 2 });
    inbox.receive(notification(3, { change: 5 }), 3, false);
    expect(inbox.resume()).toEqual({ since: 3, lastId: 'n3', changesSince: 5 });
  });

  test('asks again for changes that a broken line may have kept from it', async () => {
    holds([notification(1)]);
    await inbox.load();
    inbox.receive(notification(2, { change: 5 }), 2, true);
    expect(inbox.resume()).toEqual({ since: 2, lastId: 'n2', changesSince: 1 });
    inbox.update(notification(1, { change: 4, withdrawn_at: '2026-11-23T08:00:00.000Z' }), 1);
    expect(inbox.resume().changesSince).toBe(4);
  });

  test('is not current when one was told and another read meanwhile', async () => {
    holds([notification(1)]);
    await inbox.load();
    expect(await inbox.isCurrent()).toBe(true);
    holds([notification(2)], 1);
    expect(await inbox.isCurrent(), 'as many are unread as before').toBe(false);
  });

  test('keeps its order and takes each row once, whatever comes twice', async () => {
    holds([notification(3), notification(1)]);
    await inbox.load();
    inbox.receive(notification(2), 3, false);
    inbox.receive(notification(2), 3, false);
    expect(seqs()).toEqual([3, 2, 1]);
  });

  test('believes the later change, whichever arrives first', async () => {
    holds([notification(1)]);
    await inbox.load();
    inbox.update(notification(1, { change: 9, is_read: true }), 0);
    inbox.settle(notification(1, { change: 8, is_read: false }));
    expect(inbox.items[0]?.is_read).toBe(true);
    expect(inbox.unread).toBe(0);
  });

  test('leaves no hole for a row that is older than the pages at hand', async () => {
    holds([notification(9)]);
    await inbox.load();
    inbox.update(notification(2, { change: 12, is_read: true }), 1);
    expect(seqs()).toEqual([9]);
    expect(inbox.resume().changesSince).toBe(12);
  });

  test('reads everything at once, as another device did', async () => {
    holds([notification(2), notification(1)]);
    await inbox.load();
    inbox.allRead(0, 4);
    expect(inbox.items.every((item) => item.is_read)).toBe(true);
    expect(inbox.unread).toBe(0);
  });

  test('reads one and leaves the other', async () => {
    holds([notification(2), notification(1)]);
    platform.answer('POST /api/notifications/n2/read', { unread_count: 1 });
    await inbox.load();
    await inbox.markRead('n2');
    expect(inbox.items.map((item) => item.is_read)).toEqual([true, false]);
    expect(inbox.unread).toBe(1);
  });

  test('fetches page after page back to where a device left off', async () => {
    const all = Array.from({ length: 120 }, (_, index) => notification(120 - index));
    platform.answerWith('GET /api/notifications', ({ path }) => {
      const before = Number(new URLSearchParams(path.split('?')[1]).get('before') ?? Infinity);
      const page = all.filter((item) => item.seq < before).slice(0, 50);
      return {
        status: 200,
        body: { notifications: page, unread_count: 120, seq: 120, change: 120 },
      };
    });
    await inbox.load();
    await inbox.reachBack(35, 0);
    expect(seqs().at(-1)).toBe(21);
    expect(inbox.hasMore).toBe(true);
  });
});
