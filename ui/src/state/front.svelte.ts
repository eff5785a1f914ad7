/**
 * Which of this browser's tabs shows the popups: the one looked at last. So a notification pops up
 * once on a device, however many tabs are open, and is never left in a tab nobody looks at.
 */

type Said = { from: string; what: 'mine' | 'free' };

export type Channel = Pick<BroadcastChannel, 'postMessage' | 'close'> & {
  onmessage: ((event: MessageEvent<Said>) => void) | null;
};

export class Front {
  /** Whether this tab is the one. */
  here = $state(true);

  readonly #name = `${Date.now()}-${Math.random()}`;
  #channel: Channel | null = null;

  /** Begins to take part; `open` makes the channel that all tabs of this browser share. */
  start(open: () => Channel | null, page: Window = window): void {
    this.#channel = open();
    if (this.#channel === null) return;
    this.#channel.onmessage = ({ data }) => {
      if (data.from === this.#name) return;
      if (data.what === 'mine') this.here = false;
      else if (page.document.visibilityState === 'visible') this.#claim();
    };
    page.document.addEventListener('visibilitychange', () => {
      if (page.document.visibilityState === 'visible') this.#claim();
    });
    page.addEventListener('focus', () => this.#claim());
    page.addEventListener('pagehide', () => {
      if (this.here) this.#say('free');
    });
    this.#claim();
  }

  #claim(): void {
    this.here = true;
    this.#say('mine');
  }

  #say(what: Said['what']): void {
    this.#channel?.postMessage({ from: this.#name, what } satisfies Said);
  }
}

/** The channel between this browser's tabs, where there is such a thing. */
export function tabChannel(): Channel | null {
  return typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('rappel-front');
}
