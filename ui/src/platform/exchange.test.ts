import { beforeEach, describe, expect, test } from 'vitest';
import type { HubFrame, NotificationItem } from '../api/types';
import { ScriptedLine } from '../testing/platform';
import { notification } from '../testing/samples';
import { Exchange } from './exchange';
import type { LineEnd, Resume } from './types';

let lines: ScriptedLine[];
let exchange: Exchange;
let now: number;

const at = (seq: number, change = seq): Resume => ({ since: seq, lastId: `n${seq}`, changesSince: change });
const news = (item: NotificationItem): HubFrame => ({
  type: 'event_notification',
  notification: item,
  unread_count: item.seq,
});

/** A tab, with what it was told. */
function tab(resume: Resume, device = 'd1', suspect = false) {
  const told: string[] = [];
  const ends: LineEnd[] = [];
  const line = exchange.attach(
    resume,
    {
      onFrame: (frame) =>
        told.push(frame.type === 'event_notification' ? frame.notification.id : frame.type),
      onEnd: (end) => ends.push(end),
    },
    { device, suspect },
  );
  return { told, ends, line };
}

const last = (): ScriptedLine => lines.at(-1) as ScriptedLine;

beforeEach(() => {
  lines = [];
  now = 0;
  exchange = new Exchange(
    (resume, events) => {
      const line = new ScriptedLine(resume, events);
      lines.push(line);
      return line;
    },
    () => now,
  );
});

describe('an exchange', () => {
  test('has one line for all tabs, and each hears everything once', () => {
    const first = tab(at(2));
    last().establish(2);
    last().push(news(notification(3)));
    const second = tab(at(2));
    const third = tab(at(3));
    last().push(news(notification(4)));
    expect(lines).toHaveLength(1);
    expect(first.told).toEqual(['connection_established', 'n3', 'n4']);
    expect(second.told, 'it was behind by one').toEqual(['connection_established', 'n3', 'n4']);
    expect(third.told).toEqual(['connection_established', 'n4']);
  });

  test('says so to a tab that is too far behind to be brought up', () => {
    tab(at(5));
    last().establish(5);
    expect(tab(at(3)).told).toEqual(['connection_established', 'snapshot_required']);
  });

  test('says so to a tab that attached while the line opened further on', () => {
    const first = tab(at(5));
    const second = tab(at(3));
    last().establish(6);
    last().push(news(notification(6)));
    expect(first.told).toEqual(['connection_established', 'n6']);
    expect(second.told).toEqual(['connection_established', 'snapshot_required', 'n6']);
  });

  test('tells a tab that comes late who waits at the door, and what ails the hub', () => {
    tab(at(0));
    last().establish();
    last().push({ type: 'join_requests', requests: [] });
    last().push({ type: 'hub_trouble', trouble: 'disk_full' });
    expect(tab(at(0)).told).toEqual(['connection_established', 'join_requests', 'hub_trouble']);
  });

  test('takes up where it was when the line seems dead, and only then', () => {
    const first = tab(at(2));
    last().establish(2);
    last().push(news(notification(3)));
    tab(at(3), 'd1', true);
    expect(lines, 'it was heard a moment ago').toHaveLength(1);
    now = 60_000;
    tab(at(3), 'd1', true);
    expect(lines).toHaveLength(2);
    expect(lines[0]?.closed).toBe(true);
    expect(last().resume).toEqual({ since: 3, lastId: 'n3', changesSince: 3 });
    last().establish(4);
    last().push(news(notification(4)));
    expect(first.told.at(-1)).toBe('n4');
  });

  test('watches all that any tab looks at', () => {
    const first = tab(at(0));
    const second = tab(at(0));
    last().establish();
    first.line.send({ type: 'watch_events', from: '2026-11-02', to: '2026-11-03' });
    second.line.send({ type: 'watch_events', from: '2026-11-01', to: '2026-11-02' });
    expect(last().sent.at(-1)).toEqual({ type: 'watch_events', from: '2026-11-01', to: '2026-11-03' });
  });

  test('lasts as long as a tab listens', () => {
    const [first, second] = [tab(at(0)), tab(at(0))];
    last().establish();
    first.line.close();
    expect(last().closed).toBe(false);
    second.line.close();
    expect([last().closed, exchange.idle]).toEqual([true, true]);
    tab(at(0));
    expect(lines).toHaveLength(2);
  });

  test('ends for all at once, as the line did', () => {
    const tabs = [tab(at(0)), tab(at(0))];
    last().establish();
    last().end('refused');
    expect(tabs.map(({ ends }) => ends)).toEqual([['refused'], ['refused']]);
  });

  test('is never somebody else’s', () => {
    const before = tab(at(0), 'd1');
    last().establish();
    const after = tab(at(0), 'd2');
    expect(before.ends).toEqual(['replaced']);
    expect(lines).toHaveLength(2);
    last().establish();
    expect(after.told).toEqual(['connection_established']);
    expect(before.told).toEqual(['connection_established']);
  });
});
