import { expect, test } from 'vitest';
import { Front, type Channel } from './front.svelte';

/** Tabs that hear one another as those of one browser do. */
function browser(): () => Channel {
  const all: Channel[] = [];
  return () => {
    const channel: Channel = {
      onmessage: null,
      postMessage: (data) => {
        for (const other of all) {
          if (other !== channel) other.onmessage?.(new MessageEvent('message', { data }));
        }
      },
    };
    all.push(channel);
    return channel;
  };
}

test('popups are in one tab: the one opened last, until another takes over', () => {
  const open = browser();
  const [first, second] = [new Front(), new Front()];
  const page = new EventTarget();
  first.start(open, Object.assign(page, { document }) as unknown as Window);
  expect(first.here).toBe(true);
  second.start(open);
  expect([first.here, second.here]).toEqual([false, true]);
  page.dispatchEvent(new Event('focus'));
  expect([first.here, second.here]).toEqual([true, false]);
});

test('a tab that closes leaves its place to one that is looked at', () => {
  const open = browser();
  const [first, second] = [new Front(), new Front()];
  const page = new EventTarget();
  first.start(open);
  second.start(open, Object.assign(page, { document }) as unknown as Window);
  expect(first.here).toBe(false);
  page.dispatchEvent(new Event('pagehide'));
  expect(first.here).toBe(true);
});
