/** A desktop on its way into the office of another computer: which one, by what, and as whom. */

import type { JoiningOfficeWords } from '../i18n/joining-office.fr';
import {
  DesktopError,
  type Asking,
  type Desktop,
  type Entrance,
  type FoundOffice,
} from '../platform/types';

/** What is asked for at present. */
export type Step = 'where' | 'code' | 'who' | 'waiting';

/** Where a code is to be taken to; the name is null where an address was typed. */
type Target = { name: string | null; addresses: string[] };

type Needs = {
  desktop: Desktop;
  /** The office has been joined. */
  onIn(): void;
};

export class JoiningOffice {
  step = $state<Step>('where');
  /** Those on the network, as they come and go. */
  offices = $state.raw<FoundOffice[]>([]);
  target = $state.raw<Target | null>(null);
  /** The office to ask, and those whom one could be. */
  door = $state.raw<Extract<Entrance, { state: 'ask' }> | null>(null);
  busy = $state(false);

  #stopFinding: (() => void) | null = null;

  constructor(private readonly needs: Needs) {}

  /** Begins to look for offices. */
  start(): void {
    this.#stopFinding ??= this.needs.desktop.findOffices((offices) => (this.offices = offices));
  }

  stop(): void {
    this.#stopFinding?.();
    this.#stopFinding = null;
  }

  /** Goes on to the code of an office that was found. */
  choose(office: FoundOffice): void {
    this.target = { name: office.name, addresses: office.addresses };
    this.step = 'code';
  }

  /** What was typed or pasted: a link that lets in by itself, or an address, whose code comes next. */
  async goTo(text: string): Promise<void> {
    if (!isLink(text)) {
      this.target = { name: null, addresses: [text.trim()] };
      this.step = 'code';
      return;
    }
    await this.#enter(() => this.needs.desktop.joinByLink(text.trim()));
  }

  /** Joins by the code of the office that was chosen. */
  async join(code: string): Promise<void> {
    // Whoever has a link at hand pastes it wherever there is room.
    if (isLink(code)) return this.goTo(code);
    const addresses = this.target?.addresses ?? [];
    await this.#enter(() => this.needs.desktop.joinByCode(addresses, code.trim()));
  }

  /** Asks to be let in, as one of those offered or by a name. */
  async ask(who: { personId: string } | { name: string }): Promise<void> {
    await this.#whileBusy(async () => {
      await this.needs.desktop.askToJoin(who);
      this.step = 'waiting';
    });
  }

  async withdraw(): Promise<void> {
    await this.needs.desktop.withdrawJoin();
    this.back();
  }

  /** Takes over how it stands with a request of this desktop's. */
  follow(asking: Asking | null): void {
    if (asking !== null) this.step = 'waiting';
  }

  back(): void {
    this.target = null;
    this.door = null;
    this.step = 'where';
  }

  async #enter(join: () => Promise<Entrance>): Promise<void> {
    await this.#whileBusy(async () => {
      const entrance = await join();
      if (entrance.state === 'in') {
        this.stop();
        this.needs.onIn();
      } else {
        this.door = entrance;
        this.step = 'who';
      }
    });
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

/** Whether it is meant as the link of an invitation. */
export function isLink(text: string): boolean {
  return text.includes('/join');
}

/** Why joining failed, for a person; `typed` is what they were asked for. */
export function whyNotIn(
  thrown: unknown,
  typed: 'link' | 'address' | 'code',
  words: JoiningOfficeWords,
  otherwise: string,
): string {
  const { wrong } = words;
  if (!(thrown instanceof DesktopError)) return otherwise;
  switch (thrown.code) {
    case 'invitation_refused':
      return wrong.notLetIn;
    case 'too_many_tries':
      return wrong.tooMany;
    case 'not_an_address':
      return wrong.address;
    case 'not_a_code':
      return wrong.code;
    case 'not_a_link':
      return wrong.link;
    case 'hub_unreachable':
      return wrong.silent;
    case 'wrong_key':
      // By a link nobody else is told anything; a code says no more than that it did not fit.
      return typed === 'link' ? wrong.wrongKey : wrong.notLetIn;
    case 'not_saved':
      return wrong.notSaved;
    default:
      return otherwise;
  }
}
