/**
 * The live session with the hub: one line at a time, opened again whenever it ends, resumed from
 * the cursors so that nothing is lost and nothing comes twice.
 */

import type { ClientFrame, HubFrame } from '../api/types';
import type { Line, LineEvents, Platform, Resume } from '../platform/types';

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
const PROBE_EVERY_MS = 45_000;
const PULSE_EVERY_MS = 5_000;
/** Timers that are off by so much: the machine slept, or its clock was set. Hidden tabs have one a minute. */
const SLEPT_MS = 75_000;
/** A line that has been silent for so long may be dead after a sleep, however open it looks. */
const SUSPECT_AFTER_MS = 15_000;

export type SessionNeeds = {
  /** Where to take up. */
  resume(): Resume;
  onFrame(frame: HubFrame): void;
  /** This device. */
  device(): string;
  /** This device is not signed in any more. */
  onRefused(): void;
  /** Somebody else has signed in in this browser. */
  onReplaced(): void;
  /** Asks the hub over another way whether what came over the line is all there is. That nobody is
   * signed in any more comes out by it, too. */
  upToDate(): Promise<boolean>;
};

export class Session {
  /** When the connection was lost, or null while it stands; before the first one, too. */
  lostAt = $state<number | null>(null);

  #line: Line | null = null;
  #established = false;
  #attempts = 0;
  #heardAt = 0;
  #retry: ReturnType<typeof setTimeout> | null = null;
  #probe: ReturnType<typeof setInterval> | null = null;
  #pulse: ReturnType<typeof setInterval> | null = null;
  #beatAt = 0;
  #running = false;

  constructor(
    private readonly platform: Pick<Platform, 'openLine'>,
    private readonly needs: SessionNeeds,
    private readonly page: Window = window,
  ) {}

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#attempts = 0;
    this.#connect();
    this.#probe = setInterval(() => void this.#check(), PROBE_EVERY_MS);
    this.#beatAt = Date.now();
    this.#pulse = setInterval(() => this.#beat(), PULSE_EVERY_MS);
    this.page.addEventListener('online', this.#wake);
    this.page.addEventListener('offline', this.#cutOff);
    this.page.addEventListener('pageshow', this.#wake);
    this.page.document.addEventListener('visibilitychange', this.#wake);
  }

  stop(): void {
    this.#running = false;
    if (this.#retry !== null) clearTimeout(this.#retry);
    if (this.#probe !== null) clearInterval(this.#probe);
    if (this.#pulse !== null) clearInterval(this.#pulse);
    this.#retry = null;
    this.#probe = null;
    this.#pulse = null;
    this.#line?.close();
    this.#line = null;
    this.lostAt = null;
    this.page.removeEventListener('online', this.#wake);
    this.page.removeEventListener('offline', this.#cutOff);
    this.page.removeEventListener('pageshow', this.#wake);
    this.page.document.removeEventListener('visibilitychange', this.#wake);
  }

  /** Answers whether there was a line that the hub had taken. */
  send(frame: ClientFrame): boolean {
    if (this.#line === null || !this.#established) return false;
    this.#line.send(frame);
    return true;
  }

  /** Opens a fresh line in place of the present one, from the cursors as they now are. */
  reconnect(): void {
    if (this.#running) this.#connect();
  }

  #connect(suspect = false): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#line?.close();
    this.#established = false;
    this.#heardAt = Date.now();
    const owner = { device: this.needs.device(), suspect };
    const events: LineEvents = {
      onFrame: (frame) => {
        this.#heardAt = Date.now();
        if (frame.type === 'connection_established') {
          this.#attempts = 0;
          this.#established = true;
          this.lostAt = null;
        }
        this.needs.onFrame(frame);
      },
      onEnd: (end) => {
        this.#line = null;
        if (end === 'refused') this.needs.onRefused();
        else if (end === 'replaced') this.needs.onReplaced();
        else {
          this.#retryLater();
          // A page is not told why a line was not opened; a call is, also that nobody is signed in.
          if (!this.#established) void this.needs.upToDate().catch(() => false);
        }
      },
    };
    this.#line = this.platform.openLine(this.needs.resume(), events, owner);
  }

  #retryLater(): void {
    if (!this.#running || this.#retry !== null) return;
    this.lostAt ??= Date.now();
    this.#retry = setTimeout(() => this.#connect(), retryDelay(this.#attempts, Math.random()));
    this.#attempts += 1;
  }

  #wake = (): void => {
    if (!this.#running || this.page.document.visibilityState === 'hidden') return;
    const silentMs = Date.now() - this.#heardAt;
    const isDoubtful = this.lostAt !== null || silentMs > SUSPECT_AFTER_MS;
    if (this.#line === null || isDoubtful) this.#connect(this.#line !== null);
  };

  /** The network is gone: a line over it only seems to stand. One to a hub on this very machine
   * is opened again in no time. */
  #cutOff = (): void => {
    if (!this.#running) return;
    this.lostAt ??= Date.now();
    this.#connect(this.#line !== null);
  };

  /** A page that nobody looks at is told nothing of a sleep, and yet it is what shows popups; and a
   * clock that was set no longer measures silence, nor what is left until an event. */
  #beat(): void {
    const since = Date.now() - this.#beatAt;
    this.#beatAt = Date.now();
    if (Math.abs(since) > SLEPT_MS) this.#connect();
  }

  async #check(): Promise<void> {
    if (this.#line === null) return;
    const asked = this.#line;
    const fine = await this.needs.upToDate().catch(() => false);
    if (!fine && this.#running && this.#line === asked) this.#connect(true);
  }
}

/** How long to wait before another try: doubled each time, and spread so that an office full of
 * pages does not come back in one instant. `random` is in 0..1. */
export function retryDelay(attempts: number, random: number): number {
  const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempts);
  return longest / 2 + (longest / 2) * random;
}
