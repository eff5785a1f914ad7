/**
 * Which of this browser's tabs shows the popups: the one looked at last. So a notification pops up
 * once on a device, however many tabs are open, and is never left in a tab nobody looks at. A tab
 * that closes says so; one that does not answer is asleep or gone, and another takes its place.
 */

/** A tab's claim to be the one; the later turn is right, of two alike the greater name. */
type Claim = { turn: number; from: string };

type Said = { from: string } & (
  | { what: 'mine'; turn: number }
  | { what: 'free' }
  | { what: 'anybody' }
);

export type Channel = {
  postMessage(said: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
};

/** The tab in front answers within this time, or is not there. */
const ANSWERS_WITHIN_MS = 800;
/** Tabs that nobody looks at leave those that somebody does the first word. */
const HIDDEN_WAIT_MS = 300;

export class Front {
  /** Whether this tab is the one. */
  here = $state(true);

  readonly #name = `${Date.now()}-${Math.random()}`;
  #claim: Claim = { turn: 0, from: '' };
  #channel: Channel | null = null;
  #page: Window = window;
  #waiting: { act: () => void; timer: ReturnType<typeof setTimeout> }[] = [];

  /** Begins to take part; `open` makes the channel that all tabs of this browser share. */
  start(open: () => Channel | null, page: Window = window): void {
    this.#page = page;
    this.#channel = open();
    if (this.#channel === null) return;
    this.#channel.onmessage = ({ data }: MessageEvent<Said>) => this.#hear(data);
    page.document.addEventListener('visibilitychange', () => {
      if (this.#visible) this.#take();
    });
    page.addEventListener('focus', () => this.#take());
    page.addEventListener('pageshow', () => {
      if (this.#visible) this.#take();
    });
    page.addEventListener('pagehide', () => {
      if (!this.here) return;
      this.here = false;
      this.#say({ what: 'free' });
    });
    // One that is opened behind the others waits until it is looked at, unless there are none.
    this.here = false;
    if (this.#visible) this.#take();
    else this.whenHere(() => undefined);
  }

  /** Does something in the one tab that is in front: here, or not. */
  whenHere(act: () => void): void {
    if (this.here || this.#channel === null) return act();
    const wait = ANSWERS_WITHIN_MS + (this.#visible ? 0 : HIDDEN_WAIT_MS * (1 + Math.random()));
    const one = {
      act,
      timer: setTimeout(() => {
        this.#waiting = this.#waiting.filter((other) => other !== one);
        this.#take();
        act();
      }, wait),
    };
    this.#waiting.push(one);
    this.#say({ what: 'anybody' });
  }

  get #visible(): boolean {
    return this.#page.document.visibilityState === 'visible';
  }

  #hear(said: Said): void {
    if (said.from === this.#name) return;
    switch (said.what) {
      case 'mine':
        return this.#heed({ turn: said.turn, from: said.from });
      case 'anybody':
        if (this.here) this.#assert();
        return;
      case 'free':
        if (this.#visible) this.#take();
        else this.whenHere(() => undefined);
    }
  }

  /** Another tab is in front, unless this one was later. */
  #heed(claim: Claim): void {
    const later =
      claim.turn === this.#claim.turn
        ? claim.from >= this.#claim.from
        : claim.turn > this.#claim.turn;
    if (!later) {
      if (this.here) this.#assert();
      return;
    }
    this.#claim = claim;
    this.here = false;
    for (const { timer } of this.#waiting.splice(0)) clearTimeout(timer);
  }

  #take(): void {
    if (this.here) return;
    // The time, so that a tab that is new here comes after those it has not heard of yet.
    this.#claim = { turn: Math.max(exactNow(), this.#claim.turn + 1), from: this.#name };
    this.here = true;
    this.#assert();
  }

  #assert(): void {
    this.#say({ what: 'mine', turn: this.#claim.turn });
  }

  #say(said: { what: 'mine'; turn: number } | { what: 'free' | 'anybody' }): void {
    this.#channel?.postMessage({ ...said, from: this.#name });
  }
}

/** The time in milliseconds and parts of them: two tabs seldom claim at the same one. */
function exactNow(): number {
  return performance.timeOrigin + performance.now();
}

/** The channel between this browser's tabs, where there is such a thing. */
export function tabChannel(): Channel | null {
  return typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('rappel-front');
}
