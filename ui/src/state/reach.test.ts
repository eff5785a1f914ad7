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
  return new Reach(
    {
      open: (item) => opened.push(item.id),
      go: (path) => opened.push(path),
      choices: () => [{ action: 'dismiss', title: 'Got it' }],
    },
    page as never,
  );
}

/** A browser with a service worker, and what stands behind it. */
function withWorker(userAgent = FIREFOX) {
  const shown: { tag: string; close(): void }[] = [];
  const showNotification = vi.fn(async (_title: string, { tag }: { tag: string }) => {
    shown.push({ tag, close: vi.fn() });
  });
  let heard: (event: { data: unknown }) => void = () => undefined;
  const serviceWorker = {
    addEventListener: (_type: string, listener: typeof heard) => (heard = listener),
    register: vi.fn(async () => ({ showNotification, getNotifications: async () => shown })),
  };
  const reach = browser({ navigator: { userAgent, serviceWorker } });
  return { reach, shown, showNotification, say: (data: unknown) => heard({ data }) };
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

describe('with a service worker', () => {
  const PIXEL = 'Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36';

  beforeEach(() => {
    Shown.permission = 'granted';
  });

  test('a notification is shown by it, with its buttons', async () => {
    const { reach, showNotification } = withWorker();
    await reach.start();
    reach.show(notification(1));
    expect(Shown.all, 'and not twice').toEqual([]);
    const [title, options] = showNotification.mock.calls[0] ?? [];
    expect(title).toBe('Rappel événement\u00a0: Visite de chantier');
    expect(options).toMatchObject({
      tag: 'n1',
      data: { id: 'n1', path: `/events/${notification(1).event_id}` },
      actions: [{ action: 'dismiss', title: 'Got it' }],
    });
  });

  test('a click leads to the event, also of one that was shown before this page', async () => {
    const { reach, say } = withWorker();
    await reach.start();
    reach.show(notification(1));
    say({ kind: 'opened', told: { id: 'n1', path: '/events/e1' } });
    say({ kind: 'opened', told: { id: 'n9', path: '/events/e9' } });
    expect(opened).toEqual(['n1', '/events/e9']);
  });

  test('it goes when it is acted on elsewhere', async () => {
    const { reach, shown } = withWorker();
    await reach.start();
    reach.show(notification(1));
    reach.show(notification(2));
    reach.keepOnly([notification(2)]);
    await vi.waitFor(() => expect(shown[0]?.close).toHaveBeenCalled());
    expect(shown[1]?.close).not.toHaveBeenCalled();
  });

  test('a phone shows some too, as long as it is awake', () => {
    expect(withWorker(PIXEL).reach.cause).toBe('awake');
    expect(withWorker(PIXEL).reach.level).toBe('system');
    Shown.permission = 'default';
    expect(withWorker(PIXEL).reach.cause).toBe('phone_askable');
  });
});
