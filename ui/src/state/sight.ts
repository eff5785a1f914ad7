/**
 * Which notifications have been before somebody's eyes on this device: what shows them was in view,
 * of a page that is not hidden. Each is said to the hub once; what cannot be said at once is said
 * when the line is back, with how long ago it was.
 */

import type { Attachment } from 'svelte/attachments';
import type { ClientFrame } from '../api/types';

/** Of what shows a notification, so much has to be in view. */
const IN_VIEW = 0.5;
/** Notifications that one frame may name. */
const AT_ONCE = 500;

export type SightNeeds = {
  /** Answers whether there was a line to say it over. */
  send(frame: ClientFrame): boolean;
};

export class Sight {
  #shows = new Map<Element, string>();
  #inView = new Set<Element>();
  #seen = new Set<string>();
  /** Seen and not said yet, with when. */
  #owed = new Map<string, number>();
  #observer: IntersectionObserver;

  constructor(
    private readonly needs: SightNeeds,
    private readonly page: Document = document,
    Observer: typeof IntersectionObserver = IntersectionObserver,
  ) {
    this.#observer = new Observer((entries) => this.#moved(entries), { threshold: IN_VIEW });
    page.addEventListener('visibilitychange', () => this.#look());
  }

  /** Goes on the element by which one sees a notification. */
  of(id: string): Attachment {
    return (element) => {
      this.#shows.set(element, id);
      this.#observer.observe(element);
      return () => {
        this.#observer.unobserve(element);
        this.#shows.delete(element);
        this.#inView.delete(element);
      };
    };
  }

  /** The line is there: says what is owed. */
  flush(): void {
    const ids = [...this.#owed.keys()].slice(0, AT_ONCE);
    if (ids.length === 0) return;
    const now = performance.now();
    // Those seen at different times are said apart; after a short absence there are few.
    const since = this.#owed.get(ids[0]!)!;
    const together = ids.filter((id) => this.#owed.get(id) === since);
    const frame: ClientFrame = { type: 'seen', notification_ids: together };
    const agoMs = Math.round(now - since);
    if (!this.needs.send(agoMs > 0 ? { ...frame, ago_ms: agoMs } : frame)) return;
    for (const id of together) this.#owed.delete(id);
    this.flush();
  }

  #moved(entries: IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) this.#inView.add(target);
      else this.#inView.delete(target);
    }
    this.#look();
  }

  #look(): void {
    if (this.page.visibilityState !== 'visible') return;
    const now = performance.now();
    for (const element of this.#inView) {
      const id = this.#shows.get(element);
      if (id === undefined || this.#seen.has(id)) continue;
      this.#seen.add(id);
      this.#owed.set(id, now);
    }
    this.flush();
  }
}
