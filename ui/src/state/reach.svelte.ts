/**
 * How far this browser reaches its person: in the page only, or by notifications of the system too,
 * which browsers show in a secure context and after they were allowed.
 */

import type { NotificationItem } from '../api/types';
import { isPhone } from '../device';
import type { Opened, Told } from '../service-worker';

/** Why it is as it is; only the first two reach beyond the page, the second on a phone. */
export type Cause =
  'granted' | 'awake' | 'askable' | 'phone_askable' | 'denied' | 'insecure' | 'unable' | 'phone';

/** A button of a notification, where the browser has such. */
export type Choice = { action: 'dismiss' | 'snooze'; title: string };

export type ReachNeeds = {
  /** Somebody clicked on the notification of this one. */
  open(item: NotificationItem): void;
  /** Somebody clicked on one that this page knows nothing of. */
  go(path: string): void;
  /** What can be answered to this one. */
  choices(item: NotificationItem): Choice[];
};

type Shown = Pick<Notification, 'close'> & { onclick: unknown; onclose: unknown };

type Page = Pick<Window, 'isSecureContext' | 'focus' | 'document' | 'navigator'> & {
  Notification?: typeof Notification | undefined;
};

export class Reach {
  cause = $state<Cause>('insecure');

  #shown = new Map<string, Shown>();
  /** By id, for a click that comes by way of the service worker. */
  #items = new Map<string, NotificationItem>();
  /** Shows notifications with buttons, and on phones; only over https, or on the hub's machine. */
  #worker: ServiceWorkerRegistration | null = null;

  constructor(
    private readonly needs: ReachNeeds,
    private readonly page: Page = window,
  ) {
    this.look();
  }

  get level(): 'system' | 'page' {
    return this.cause === 'granted' || this.cause === 'awake' ? 'system' : 'page';
  }

  /** Has the service worker stand by, where the browser has one. */
  async start(): Promise<void> {
    const { isSecureContext, navigator } = this.page;
    if (!isSecureContext || navigator.serviceWorker === undefined) return;
    navigator.serviceWorker.addEventListener('message', ({ data }: MessageEvent<Opened>) => {
      const item = this.#items.get(data.told.id);
      if (item === undefined) this.needs.go(data.told.path);
      else this.needs.open(item);
    });
    try {
      this.#worker = await navigator.serviceWorker.register('/sw.js');
    } catch {
      // Its own notifications are what the page has then.
    }
  }

  /** Looks again: it can be changed in the browser's own settings. */
  look(): void {
    this.cause = causeOf(this.page);
  }

  /** Asks the person, through the browser; only while a click is being handled. */
  async allow(): Promise<void> {
    await this.page.Notification?.requestPermission();
    this.look();
  }

  /** Shows a notification by the system, where nobody sees the page. */
  show(item: NotificationItem): void {
    const named = item.event.title || (item.event.contactName ?? '');
    const title = named === '' ? item.title : `${item.title}\u00a0: ${named}`;
    const body = [item.message.split(' - ')[0], item.event.location].filter(Boolean).join('\n');
    this.#items.set(item.id, item);
    const told = { id: item.id, path: `/events/${item.event_id}` };
    this.#put(told, title, body, this.needs.choices(item), () => this.needs.open(item));
  }

  /** Says one thing that leads to the page. */
  say(id: string, title: string): void {
    this.#put({ id, path: '/' }, title, '', [], () => undefined);
  }

  /** Closes what was acted on, here or elsewhere. */
  keepOnly(items: readonly { id: string }[]): void {
    const open = new Set(items.map(({ id }) => id));
    for (const [id, shown] of this.#shown) {
      if (!open.has(id)) shown.close();
    }
    for (const id of this.#items.keys()) {
      if (!open.has(id)) this.#items.delete(id);
    }
    void this.#worker?.getNotifications().then((all) => {
      for (const shown of all) if (!open.has(shown.tag)) shown.close();
    });
  }

  #put(told: Told, title: string, body: string, actions: Choice[], onClick: () => void): void {
    const { Notification } = this.page;
    const { id } = told;
    this.look();
    if (this.level !== 'system') return;
    if (this.page.document.visibilityState === 'visible') return;
    if (this.#worker !== null) {
      const options = { body, tag: id, data: told, actions, icon: '/icon-256.png' };
      this.#worker.showNotification(title, options).catch(() => (this.cause = 'unable'));
      return;
    }
    if (Notification === undefined) return;
    try {
      const shown: Shown = new Notification(title, { body, tag: id });
      this.#shown.set(id, shown);
      shown.onclose = () => this.#shown.delete(id);
      shown.onclick = () => {
        this.page.focus();
        shown.close();
        onClick();
      };
    } catch {
      // Some browsers have the word and not the thing.
      this.cause = 'unable';
    }
  }
}

function causeOf(page: Page): Cause {
  const phone = isPhone(page.navigator.userAgent);
  // Phones show notifications of a page by its service worker alone.
  const able = page.Notification !== undefined && (!phone || 'serviceWorker' in page.navigator);
  if (phone && !(page.isSecureContext && able)) return 'phone';
  if (!page.isSecureContext) return 'insecure';
  if (page.Notification === undefined) return 'unable';
  const { permission } = page.Notification;
  if (permission === 'granted') return phone ? 'awake' : 'granted';
  if (permission === 'denied') return 'denied';
  return phone ? 'phone_askable' : 'askable';
}
