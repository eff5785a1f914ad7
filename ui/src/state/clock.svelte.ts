/** The hub's time, for showing what is left. Nothing is scheduled by it: the hub reminds. */

const TICK_MS = 1000;

export class Clock {
  /** The time it is, by the hub, in Unix milliseconds; moves once a second. */
  now = $state(Date.now());

  #aheadMs = 0;
  #timer: ReturnType<typeof setInterval> | null = null;

  /** The hub has just said what time it is. */
  learn(hubNow: string): void {
    const told = Date.parse(hubNow);
    if (Number.isNaN(told)) return;
    this.#aheadMs = told - Date.now();
    this.#tick();
  }

  /** Something that the hub did at that time is known here: it cannot be earlier. */
  reach(hubTime: string): void {
    this.#tick();
    if (Date.parse(hubTime) > this.now) this.learn(hubTime);
  }

  start(): void {
    if (this.#timer !== null) return;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    // A hidden tab's timers are slowed down to one a minute.
    document.addEventListener('visibilitychange', this.#tick);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    document.removeEventListener('visibilitychange', this.#tick);
  }

  #tick = (): void => {
    this.now = Date.now() + this.#aheadMs;
  };
}
