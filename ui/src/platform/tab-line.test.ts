import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ScriptedLine } from '../testing/platform';
import { TabLines, type TabChannel } from './tab-line';
import type { LineEnd } from './types';

let lines: { tab: string; line: ScriptedLine }[];
let channels: { channel: TabChannel; asleep: boolean; missed: unknown[] }[];

beforeEach(() => {
  vi.useFakeTimers();
  lines = [];
  channels = [];
});

afterEach(() => {
  vi.useRealTimers();
});

/** A tab of the one browser, which hears the others but while it sleeps. */
function open(tab: string) {
  const page = new EventTarget();
  const mine = {
    asleep: false,
    missed: [] as unknown[],
    channel: {
      onmessage: null,
      postMessage(said: unknown) {
        for (const other of channels) {
          if (other === mine) continue;
          if (other.asleep) other.missed.push(said);
          else other.channel.onmessage?.(new MessageEvent('message', { data: said }));
        }
      },
    } as TabChannel,
  };
  channels.push(mine);
  const lineOf = (...[resume, events]: Parameters<ConstructorParameters<typeof TabLines>[0]>) => {
    const line = new ScriptedLine(resume, events);
    lines.push({ tab, line });
    return line;
  };
  const tabs = new TabLines(lineOf, mine.channel, page as unknown as Window);
  const told: string[] = [];
  const ends: LineEnd[] = [];
  const listen = async () => {
    tabs.openLine(
      { since: 0, lastId: null, changesSince: 0 },
      { onFrame: (frame) => told.push(frame.type), onEnd: (end) => ends.push(end) },
      { device: 'd1', suspect: false },
    );
    await vi.advanceTimersByTimeAsync(500);
  };
  const wake = () => {
    mine.asleep = false;
    for (const said of mine.missed.splice(0)) {
      mine.channel.onmessage?.(new MessageEvent('message', { data: said }));
    }
  };
  return { told, ends, listen, mine, wake, close: () => page.dispatchEvent(new Event('pagehide')) };
}

const held = (): string[] => lines.filter(({ line }) => !line.closed).map(({ tab }) => tab);
const establish = (): void => lines.at(-1)?.line.establish();

test('one tab holds the line, the others hear through it', async () => {
  const [first, second] = [open('first'), open('second')];
  await first.listen();
  establish();
  await second.listen();
  expect(held()).toEqual(['first']);
  lines.at(-1)?.line.push({ type: 'event_deleted', event_id: 'e1' });
  for (const tab of [first, second]) {
    expect(tab.told).toEqual(['connection_established', 'event_deleted']);
  }
});

test('a leader that closes leaves its place to another', async () => {
  const [first, second] = [open('first'), open('second')];
  await first.listen();
  establish();
  await second.listen();
  first.close();
  expect(second.ends).toEqual(['lost']);
  await second.listen();
  expect(held()).toEqual(['second']);
});

test('a leader that falls asleep is followed by another, and follows it when it wakes', async () => {
  const [first, second, third] = [open('first'), open('second'), open('third')];
  await first.listen();
  establish();
  await second.listen();
  first.mine.asleep = true;
  await third.listen();
  establish();
  expect(second.ends, 'whoever heard through the sleeper looks anew').toEqual(['lost']);
  first.wake();
  expect(first.ends).toEqual(['lost']);
  expect(held()).toEqual(['third']);
  await first.listen();
  expect(held()).toEqual(['third']);
});

test('of two that begin to lead at once one stays', async () => {
  const [first, second] = [open('first'), open('second')];
  first.mine.asleep = second.mine.asleep = true;
  await Promise.all([first.listen(), second.listen()]);
  expect(held(), 'neither has heard of the other').toHaveLength(2);
  first.wake();
  second.wake();
  expect(held()).toHaveLength(1);
  expect([...first.ends, ...second.ends]).toEqual(['lost']);
});
