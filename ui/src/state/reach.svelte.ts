/**
 * How far this browser reaches its person: in the page only, or by notifications of the system too,
 * which browsers show in a secure context and after they were allowed.
 */

import type { NotificationItem } from '../api/types';
import { isPhone } from '../device';

/** Why it is as it is; only the first reaches beyond the page. */
export type Cause = 'granted' | 'askable' | 'denied' | 'insecure' | 'unable' | 'phone';

export type ReachNeeds = {
  /** Somebody clicked on the notification of this one. */
  open(item: NotificationItem): void;
};

type Shown = Pick<Notification, 'close'> & { onclick: unknown; onclose: unknown };

type Page = Pick<Window, 'isSecureContext' | 'focus' | 'document' | 'navigator'> & {
  Notification?: typeof Notification | undefined;
};

export class Reach {
  cause = $state<Cause>('insecure');

  #shown = new Map<string, Shown>();

  constructor(
    private readonly needs: ReachNeeds,
    private readonly page: Page = window,
  ) {
    this.look();
  }

  get level(): 'system' | 'page' {
    return this.cause === 'granted' ? 'system' : 'page';
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
    this.#put(item.id, title, body, () => this.needs.open(item));
  }

  /** Says one thing that leads to the page. */
  say(id: string, title: string): void {
    this.#put(id, title, '', () => undefined);
  }

  /** Closes what was acted on, here or elsewhere. */
  keepOnly(items: readonly { id: string }[]): void {
    const open = new Set(items.map(({ id }) => id));
    for (const [id, shown] of this.#shown) {
      if (!open.has(id)) shown.close();
    }
  }

  #put(id: string, title: string, body: string, onClick: () => void): void {
    const { Notification } = this.page;
    this.look();
    if (this.cause !== 'granted' || Notification === undefined) return;
    if (this.page.document.visibilityState === 'visible') return;
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
  if (isPhone(page.navigator.userAgent)) return 'phone';
  if (!page.isSecureContext) return 'insecure';
  if (page.Notification === undefined) return 'unable';
  const { permission } = page.Notification;
  if (permission === 'granted') return 'granted';
  return permission === 'denied' ? 'denied' : 'askable';
}
