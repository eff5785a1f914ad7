/**
 * What stands behind notifications of the system: it answers their buttons, and leads to the page.
 * It keeps no copy of the page and takes no calls of it: without the hub there is nothing to show.
 */

/** What a notification carries. */
export type Told = { id: string; path: string };
/** To a page: its person has clicked on a notification. */
export type Opened = { kind: 'opened'; told: Told };

/** As the popup's button says. */
const SNOOZE_MINUTES = 5;

type Tab = { focus(): Promise<unknown>; postMessage(said: Opened): void; url: string };

type Scope = {
  skipWaiting(): Promise<void>;
  clients: {
    claim(): Promise<void>;
    matchAll(which: { type: 'window'; includeUncontrolled: boolean }): Promise<Tab[]>;
    openWindow(path: string): Promise<unknown>;
  };
  addEventListener(type: 'install' | 'activate' | 'notificationclick', listener: (event: Event) => void): void;
};

type Lasting = Event & { waitUntil(until: Promise<unknown>): void };
type Click = Lasting & { action: string; notification: { data: Told | null; close(): void } };

const scope = globalThis as unknown as Scope;

scope.addEventListener('install', (event) => (event as Lasting).waitUntil(scope.skipWaiting()));
scope.addEventListener('activate', (event) => (event as Lasting).waitUntil(scope.clients.claim()));
scope.addEventListener('notificationclick', (event) => {
  const click = event as Click;
  click.notification.close();
  click.waitUntil(answer(click.action, click.notification.data));
});

async function answer(action: string, told: Told | null): Promise<void> {
  if (told === null) return open({ id: '', path: '/' });
  if (action === 'dismiss' && (await say(`/api/notifications/${told.id}/dismiss`))) return;
  const later = { minutes: SNOOZE_MINUTES };
  if (action === 'snooze' && (await say(`/api/notifications/${told.id}/snooze`, later))) return;
  // What could not be done here is done by hand.
  await open(told);
}

async function say(path: string, body?: unknown): Promise<boolean> {
  try {
    const answered = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
      credentials: 'same-origin',
    });
    return answered.ok;
  } catch {
    return false;
  }
}

async function open(told: Told): Promise<void> {
  const tabs = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const [tab] = tabs;
  if (tab === undefined) {
    await scope.clients.openWindow(told.path);
    return;
  }
  tab.postMessage({ kind: 'opened', told });
  await tab.focus();
}
