/**
 * Coming in from outside: what a link or a code is good for, asking to be let in, and waiting for
 * the answer. A page that is loaded again goes on waiting.
 */

import { HubError, type HubApi } from '../api/hub';
import type { JoinInput, JoinTicket, TicketItem } from '../api/types';
import type { Memory } from './memory';

/** How often the hub is asked for the answer. */
const ASK_EVERY_MS = 1_000;
const KEY = 'rappel.joining';

/** What the door shows. */
export type Door =
  | 'looking'
  | 'personal'
  | 'open'
  | 'stranger'
  | 'waiting'
  | 'declined'
  | 'expired'
  | 'gone';

type Asked = JoinTicket & { name: string };

export type JoiningNeeds = {
  api: HubApi;
  memory: Memory;
  deviceName: string;
  /** This browser has just been signed in. */
  onIn(): void;
};

export class Joining {
  door = $state<Door>('stranger');
  ticket = $state.raw<TicketItem | null>(null);
  /** The name under which one waits, or waited. */
  name = $state('');
  busy = $state(false);

  #code: string | null = null;
  #asked: Asked | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly needs: JoiningNeeds,
    private readonly page: Window = window,
  ) {}

  /** Looks at the invitation in the address, or goes on waiting where this browser already was. */
  async start(code: string | null): Promise<void> {
    this.page.document.addEventListener('visibilitychange', this.#wake);
    if (code !== null) return this.look(code);
    const kept = asAsked(this.needs.memory.read(KEY));
    if (kept === null) return;
    this.#asked = kept;
    this.name = kept.name;
    this.door = 'waiting';
    await this.#ask();
  }

  stop(): void {
    this.page.document.removeEventListener('visibilitychange', this.#wake);
    this.#rest();
  }

  /** Finds out what a code is good for. Throws what the hub refuses. */
  async look(code: string): Promise<void> {
    this.#rest();
    const before = this.door;
    this.door = 'looking';
    try {
      this.ticket = await this.needs.api.ticket(code);
      this.#code = code;
      this.door = this.ticket.kind;
    } catch (thrown) {
      this.door = before === 'looking' ? 'stranger' : before;
      throw thrown;
    }
  }

  /** Comes in with one's own invitation. */
  async enter(): Promise<void> {
    await this.#whileBusy(async () => {
      await this.needs.api.pair(this.#code ?? '', this.needs.deviceName);
      this.#cameIn();
    });
  }

  /** Asks to be let in, as one of the invitation's people or by a name. */
  async ask(who: { id: string; name: string } | { name: string }): Promise<void> {
    await this.#whileBusy(async () => {
      const named = { name: who.name };
      const wish = 'id' in who ? { person_id: who.id } : named;
      try {
        await this.#askFor(who.name, { ...wish, code: this.#code });
      } catch (thrown) {
        // An invitation that ended meanwhile leaves the way that is open to everybody.
        const stale = thrown instanceof HubError && thrown.status === 403 && this.#code !== null;
        const taken = thrown instanceof HubError && thrown.field === 'person_id';
        if (!stale && !taken) throw thrown;
        if (stale) this.#code = null;
        await this.#askFor(who.name, { ...named, code: this.#code });
      }
      this.name = who.name;
      this.door = 'waiting';
      this.#later();
    });
  }

  async withdraw(): Promise<void> {
    const asked = this.#asked;
    this.#rest();
    this.#forget();
    this.door = this.ticket?.kind ?? 'stranger';
    // Gone already or never to be answered: either way nobody waits any more.
    if (asked !== null) await this.needs.api.withdrawJoin(asked).catch(() => undefined);
  }

  /** Back to the question, with the name that was given. */
  again(): void {
    this.door = this.ticket?.kind ?? 'stranger';
  }

  async #askFor(name: string, wish: JoinInput): Promise<void> {
    const { deviceName, api } = this.needs;
    const replaces = this.#asked && { id: this.#asked.id, secret: this.#asked.secret };
    const { id, secret } = await api.askToJoin({ ...wish, device_name: deviceName, replaces });
    this.#asked = { id, secret, name };
    this.needs.memory.write(KEY, this.#asked);
  }

  #later(): void {
    this.#rest();
    this.#timer = setTimeout(() => void this.#ask(), ASK_EVERY_MS);
  }

  #rest(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #wake = (): void => {
    if (this.page.document.visibilityState === 'visible' && this.door === 'waiting') void this.#ask();
  };

  async #ask(): Promise<void> {
    this.#rest();
    const asked = this.#asked;
    if (asked === null) return;
    try {
      const { state } = await this.needs.api.joinStatus(asked);
      if (this.#asked !== asked || this.door !== 'waiting') return;
      if (state === 'waiting') return this.#later();
      this.#forget();
      if (state === 'accepted') return this.#cameIn();
      this.door = state;
    } catch (thrown) {
      if (this.#asked !== asked || this.door !== 'waiting') return;
      const gone = thrown instanceof HubError && thrown.status === 404;
      if (!gone) return this.#later();
      this.#forget();
      // The answer may have come and been lost on its way, the cookie with it or not.
      const isIn = await this.needs.api.me().then(
        () => true,
        () => false,
      );
      if (isIn) this.#cameIn();
      else this.door = 'gone';
    }
  }

  #cameIn(): void {
    this.stop();
    this.#forget();
    this.needs.onIn();
  }

  #forget(): void {
    this.#asked = null;
    this.needs.memory.write(KEY, null);
  }

  async #whileBusy(act: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      await act();
    } finally {
      this.busy = false;
    }
  }
}

function asAsked(value: unknown): Asked | null {
  if (typeof value !== 'object' || value === null) return null;
  const { id, secret, name } = value as Partial<Asked>;
  return typeof id === 'string' && typeof secret === 'string'
    ? { id, secret, name: String(name ?? '') }
    : null;
}
