import { beforeEach, describe, expect, test, vi } from 'vitest';
import { notification } from '../testing/samples';
import { Reach } from './reach.svelte';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

class Shown {
  static permission: NotificationPermission = 'default';
  static all: Shown[] = [];
  static requestPermission = vi.fn(async () => (Shown.permission = 'granted'));

  onclick: () => void = () => undefined;
  onclose: () => void = () => undefined;
  close = vi.fn(() => this.onclose());

  constructor(
    readonly title: string,
    readonly options: NotificationOptions,
  ) {
    Shown.all.push(this);
  }
}

const opened: string[] = [];
const focus = vi.fn();

function browser(changes: Record<string, unknown> = {}): Reach {
  const page = {
    isSecureContext: true,
    focus,
    document: { visibilityState: 'hidden' },
    navigator: { userAgent: FIREFOX },
    Notification: Shown,
    ...changes,
  };
  return new Reach({ open: (item) => opened.push(item.id) }, page as never);
}

beforeEach(() => {
  Shown.permission = 'default';
  Shown.all = [];
  opened.length = 0;
});

describe('how far a browser reaches', () => {
  test('is the page, until its person allows more by a click', async () => {
    const reach = browser();
    expect([reach.level, reach.cause]).toEqual(['page', 'askable']);
    await reach.allow();
    expect([reach.level, reach.cause]).toEqual(['system', 'granted']);
  });

  test('is the page where the browser cannot or may not do more, and says why', () => {
    expect(browser({ isSecureContext: false, Notification: undefined }).cause).toBe('insecure');
    expect(browser({ Notification: undefined }).cause).toBe('unable');
    expect(browser({ navigator: { userAgent: 'Mozilla/5.0 (iPhone; …)' } }).cause).toBe('phone');
    Shown.permission = 'denied';
    expect(browser().cause).toBe('denied');
  });
});

describe('a notification of the system', () => {
  beforeEach(() => {
    Shown.permission = 'granted';
  });

  test('is shown where nobody sees the page, once for each', () => {
    browser({ document: { visibilityState: 'visible' } }).show(notification(1));
    expect(Shown.all).toEqual([]);
    browser().show(notification(1));
    const [shown] = Shown.all;
    expect(shown?.title).toBe('Rappel événement\u00a0: Visite de chantier');
    expect(shown?.options).toEqual({
      body: 'Votre événement commence dans 30 minutes (23/11/2026 à 10:00)',
      tag: 'n1',
    });
  });

  test('leads to its event', () => {
    browser().show(notification(1));
    Shown.all[0]?.onclick();
    expect(opened).toEqual(['n1']);
    expect(focus).toHaveBeenCalled();
    expect(Shown.all[0]?.close).toHaveBeenCalled();
  });

  test('goes when it is acted on elsewhere', () => {
    const reach = browser();
    reach.show(notification(1));
    reach.show(notification(2));
    reach.keepOnly([notification(2)]);
    expect(Shown.all.map(({ close }) => close.mock.calls.length)).toEqual([1, 0]);
  });
});
