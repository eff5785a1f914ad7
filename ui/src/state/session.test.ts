import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ScriptedPlatform } from '../testing/platform';
import { retryDelay, Session } from './session.svelte';

let platform: ScriptedPlatform;
let session: Session;
let upToDate: boolean;
let asked: number;
let refused: number;
let since: number;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  platform = new ScriptedPlatform();
  upToDate = true;
  asked = 0;
  refused = 0;
  since = 7;
  session = new Session(platform, {
    resume: () => ({ since, lastId: null, changesSince: null }),
    onFrame: () => undefined,
    device: () => 'd1',
    onRefused: () => (refused += 1),
    onReplaced: () => undefined,
    upToDate: () => {
      asked += 1;
      return Promise.resolve(upToDate);
    },
  });
});

afterEach(() => {
  session.stop();
  vi.useRealTimers();
});

describe('a session', () => {
  test('comes back from where it was', () => {
    session.start();
    platform.line.establish();
    since = 9;
    platform.line.end('lost');
    expect(session.lostAt).not.toBeNull();
    vi.runOnlyPendingTimers();
    expect(platform.lines).toHaveLength(2);
    expect(platform.line.resume.since).toBe(9);
    platform.line.establish();
    expect(session.lostAt).toBeNull();
  });

  test('does not try again where it is refused', () => {
    session.start();
    platform.line.end('refused');
    vi.advanceTimersByTime(120_000);
    expect(refused).toBe(1);
    expect(platform.lines).toHaveLength(1);
  });

  test('waits no longer once the network is back', () => {
    session.start();
    for (let tries = 0; tries < 6; tries++) {
      platform.line.end('lost');
      vi.runOnlyPendingTimers();
    }
    platform.line.end('lost');
    const before = platform.lines.length;
    window.dispatchEvent(new Event('online'));
    expect(platform.lines).toHaveLength(before + 1);
  });

  test('doubts its line when the cable is pulled, and tries at once when it is put back', () => {
    session.start();
    platform.line.establish();
    const cut = platform.line;
    window.dispatchEvent(new Event('offline'));
    expect(cut.closed).toBe(true);
    expect(session.lostAt, 'it is not shown as if it stood').not.toBeNull();
    expect(platform.lines).toHaveLength(2);
    window.dispatchEvent(new Event('online'));
    expect(platform.lines, 'a try into nowhere is not waited for').toHaveLength(3);
    platform.line.establish();
    expect(session.lostAt).toBeNull();
  });

  test('is where it was when it needs no network to reach the hub', () => {
    session.start();
    platform.line.establish();
    window.dispatchEvent(new Event('offline'));
    platform.line.establish();
    expect(session.lostAt).toBeNull();
    window.dispatchEvent(new Event('online'));
    expect(platform.lines, 'a line that stands is left alone').toHaveLength(2);
  });

  test('replaces a line that was silent through a sleep, however open it looks', () => {
    session.start();
    platform.line.establish();
    const slept = platform.line;
    window.dispatchEvent(new Event('pageshow'));
    expect(platform.lines, 'a line just heard is trusted').toHaveLength(1);
    vi.setSystemTime(60_000);
    window.dispatchEvent(new Event('pageshow'));
    expect(slept.closed).toBe(true);
    expect(platform.lines).toHaveLength(2);
  });

  test('replaces its line after a sleep that the page was not told of', () => {
    session.start();
    platform.line.establish();
    vi.advanceTimersByTime(20_000);
    expect(platform.lines, 'timers that keep time tell of no sleep').toHaveLength(1);
    vi.setSystemTime(Date.now() + 600_000);
    vi.advanceTimersByTime(5_000);
    expect(platform.lines).toHaveLength(2);
    vi.setSystemTime(Date.now() - 7_200_000);
    vi.advanceTimersByTime(5_000);
    expect(platform.lines, 'a clock that was set back tells the hub\'s time anew').toHaveLength(3);
  });

  test('replaces a line over which something was missed', async () => {
    session.start();
    platform.line.establish();
    await vi.advanceTimersByTimeAsync(50_000);
    expect(platform.lines).toHaveLength(1);
    upToDate = false;
    await vi.advanceTimersByTimeAsync(50_000);
    expect(platform.lines).toHaveLength(2);
  });

  test('asks over another way why it gets no line: a browser does not say', () => {
    session.start();
    platform.line.establish();
    platform.line.end('lost');
    expect(asked, 'a line that is lost may come back').toBe(0);
    vi.advanceTimersByTime(1_000);
    platform.line.end('lost');
    expect(asked).toBe(1);
  });

  test('is quiet once stopped', () => {
    session.start();
    platform.line.end('lost');
    session.stop();
    vi.advanceTimersByTime(120_000);
    window.dispatchEvent(new Event('online'));
    expect(platform.lines).toHaveLength(1);
  });
});

test('tries spread out, and never further apart than half a minute', () => {
  expect(retryDelay(0, 0)).toBe(250);
  expect(retryDelay(0, 1)).toBe(500);
  expect(retryDelay(3, 1)).toBe(4_000);
  expect(retryDelay(50, 1)).toBe(30_000);
});
