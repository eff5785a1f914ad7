/** My notifications, newest first, kept as the hub has them, with the cursors to resume from. */

import type { HubApi } from '../api/hub';
import type { NotificationItem, NotificationList } from '../api/types';
import type { Resume } from '../platform/types';

const PAGE = 50;

export class Inbox {
  items = $state.raw<NotificationItem[]>([]);
  unread = $state(0);
  /** Whether there are older ones than those at hand. */
  hasMore = $state(false);
  loaded = $state(false);

  #seq = 0;
  #change = 0;

  constructor(private readonly api: HubApi) {}

  get seq(): number {
    return this.#seq;
  }

  /** Whether the hub has nothing newer than what is here. */
  async isCurrent(): Promise<boolean> {
    const list = await this.api.notifications(1);
    return list.seq === this.#seq && list.unread_count === this.unread;
  }

  resume(): Resume {
    const last = this.items.find((item) => item.seq === this.#seq);
    return { since: this.#seq, lastId: last?.id ?? null, changesSince: this.#change };
  }

  /** Fetches the newest page, in place of what was here, and takes its cursors. */
  async load(): Promise<void> {
    const list = await this.api.notifications(PAGE);
    this.items = list.notifications;
    this.unread = list.unread_count;
    this.hasMore = list.notifications.length === PAGE;
    this.#seq = list.seq;
    this.#change = list.change;
    this.loaded = true;
  }

  async loadOlder(): Promise<void> {
    const oldest = this.items.at(-1);
    if (oldest === undefined) return;
    const list: NotificationList = await this.api.notifications(PAGE, oldest.seq);
    this.hasMore = list.notifications.length === PAGE;
    for (const item of list.notifications) this.#put(item);
  }

  /** Brings everything newer than `seq` to hand, as far back as `notBefore`. */
  async reachBack(seq: number, notBefore: number): Promise<void> {
    const reached = (): boolean => {
      const oldest = this.items.at(-1);
      return oldest === undefined || oldest.seq <= seq || Date.parse(oldest.created_at) < notBefore;
    };
    while (this.hasMore && !reached()) await this.loadOlder();
  }

  /**
   * A notification came, or came again; `replayed` when it dates from while the line was down. After
   * such a one there may be earlier changes of older rows still to come: if the line breaks before
   * they do, they must be asked for again.
   */
  receive(item: NotificationItem, unread: number, replayed: boolean): void {
    this.#put(item);
    this.unread = unread;
    this.#seq = Math.max(this.#seq, item.seq);
    if (!replayed) this.#change = Math.max(this.#change, item.change);
  }

  /** One row's state changed, here or on another device. */
  update(item: NotificationItem, unread: number): void {
    const known = this.items.some((one) => one.id === item.id);
    // An old row beyond the pages at hand would leave a hole before it.
    if (known) this.#put(item);
    this.unread = unread;
    this.#change = Math.max(this.#change, item.change);
  }

  /** Everything was marked as read, up to that change. */
  allRead(unread: number, change: number): void {
    if (unread === 0) this.items = this.items.map((item) => ({ ...item, is_read: true }));
    this.unread = unread;
    this.#change = Math.max(this.#change, change);
  }

  async markRead(id: string): Promise<void> {
    const { unread_count } = await this.api.markRead(id);
    this.items = this.items.map((item) => (item.id === id ? { ...item, is_read: true } : item));
    this.unread = unread_count;
  }

  async markAllRead(): Promise<void> {
    const { unread_count } = await this.api.markAllRead();
    this.items = this.items.map((item) => ({ ...item, is_read: true }));
    this.unread = unread_count;
  }

  /** Takes the answer to a dismissal or a snooze, which bears the row as it now is. */
  settle(item: NotificationItem): void {
    const before = this.items.find((one) => one.id === item.id);
    if (before === undefined) return;
    if (!before.is_read && item.is_read) this.unread = Math.max(0, this.unread - 1);
    this.#put(item);
  }

  #put(item: NotificationItem): void {
    const others = this.items.filter((one) => one.id !== item.id);
    const known = this.items.find((one) => one.id === item.id);
    // Answers and frames travel separately: the later change is the truth, whichever comes first.
    const latest = known !== undefined && known.change > item.change ? known : item;
    const place = others.findIndex((one) => one.seq < latest.seq);
    this.items =
      place === -1 ? [...others, latest] : [...others.slice(0, place), latest, ...others.slice(place)];
  }
}
