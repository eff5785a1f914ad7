/**
 * One line for all tabs where there is no shared worker: one tab leads and holds it, the others hear
 * through it. A leader says when it goes; one that does not answer is not there any more. Of two that
 * lead, the one that began later stays.
 */

import type { ClientFrame, HubFrame } from '../api/types';
import { Exchange } from './exchange';
import type { Line, LineEnd, LineEvents, LineOwner, Resume } from './types';

/** A tab that leads answers within this time, or is asleep. */
const ANSWERS_WITHIN_MS = 400;

type Said = { from: string } & (
  | { what: 'who' }
  | { what: 'lead'; term: number }
  | { what: 'gone' }
  | { what: 'attach'; to: string; line: string; resume: Resume; owner: LineOwner }
  | { what: 'send'; to: string; line: string; frame: ClientFrame }
  | { what: 'leave'; to: string; line: string }
  | { what: 'frame'; to: string; line: string; frame: HubFrame }
  | { what: 'end'; to: string; line: string; end: LineEnd }
);

type Untold = Said extends infer One ? (One extends { from: string } ? Omit<One, 'from'> : never) : never;

export type TabChannel = {
  postMessage(said: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
};

type OpenOwn = (resume: Resume, events: LineEvents) => Line;

export class TabLines {
  readonly #name = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  #lead: { name: string; term: number } | null = null;
  #exchange: Exchange | null = null;
  /** This tab's own line through a leader, and how it hears of it. */
  #heard = new Map<string, LineEvents>();
  /** Other tabs' lines through this one. */
  #led = new Map<string, Line>();
  #waiting: (() => void)[] = [];
  #next = 1;

  constructor(
    private readonly openOwn: OpenOwn,
    private readonly channel: TabChannel,
    page: Window = window,
  ) {
    channel.onmessage = ({ data }: MessageEvent<Said>) => this.#hear(data);
    page.addEventListener('pagehide', () => this.#resign('gone'));
    page.addEventListener('pageshow', (event) => {
      if (event.persisted) this.#loseAll();
    });
  }

  openLine(resume: Resume, events: LineEvents, owner: LineOwner): Line {
    let line: Line | null = null;
    let over = false;
    const untilOver: LineEvents = {
      onFrame: (frame) => over || events.onFrame(frame),
      onEnd: (end) => {
        if (over) return;
        over = true;
        events.onEnd(end);
      },
    };
    void this.#findLeader().then(() => {
      if (!over) line = this.#attach(resume, untilOver, owner);
    });
    return {
      send: (frame) => line?.send(frame),
      close: () => {
        over = true;
        line?.close();
      },
    };
  }

  /** Waits for the answer of whoever leads; without one this tab does from now on. */
  async #findLeader(): Promise<void> {
    if (this.#exchange !== null) return;
    const answered = new Promise<boolean>((resolve) => {
      this.#waiting.push(() => resolve(true));
      setTimeout(() => resolve(false), ANSWERS_WITHIN_MS);
    });
    this.#tell({ what: 'who' });
    if (await answered) return;
    if (this.#exchange !== null) return;
    this.#exchange = new Exchange(this.openOwn);
    this.#lead = { name: this.#name, term: (this.#lead?.term ?? 0) + 1 };
    this.#tell({ what: 'lead', term: this.#lead.term });
  }

  #attach(resume: Resume, events: LineEvents, owner: LineOwner): Line {
    if (this.#exchange !== null) return this.#exchange.attach(resume, events, owner);
    const to = this.#lead?.name ?? '';
    const line = `${this.#name}/${this.#next++}`;
    this.#heard.set(line, events);
    this.#tell({ what: 'attach', to, line, resume, owner });
    return {
      send: (frame) => this.#tell({ what: 'send', to, line, frame }),
      close: () => {
        this.#heard.delete(line);
        this.#tell({ what: 'leave', to, line });
      },
    };
  }

  #hear(said: Said): void {
    if (said.from === this.#name) return;
    if ('to' in said && said.to !== this.#name) return;
    switch (said.what) {
      case 'who':
        if (this.#exchange !== null) this.#tell({ what: 'lead', term: this.#lead?.term ?? 0 });
        return;
      case 'lead':
        return this.#follow({ name: said.from, term: said.term });
      case 'gone':
        if (this.#lead?.name === said.from) this.#loseAll();
        return;
      case 'attach':
        return this.#letAttach(said.from, said.line, said.resume, said.owner);
      case 'send':
        return this.#led.get(said.line)?.send(said.frame);
      case 'leave':
        this.#led.get(said.line)?.close();
        this.#led.delete(said.line);
        return;
      case 'frame':
        return void this.#heard.get(said.line)?.onFrame(said.frame);
      case 'end':
        return this.#lose(said.line, said.end);
    }
  }

  #follow(other: { name: string; term: number }): void {
    const known = this.#lead;
    if (known !== null && known.name !== other.name && isLater(known, other)) {
      // It does not know yet that this one leads.
      if (this.#exchange !== null) this.#tell({ what: 'lead', term: known.term });
      return;
    }
    const isNew = known?.name !== other.name;
    this.#lead = other;
    if (this.#exchange !== null) this.#resign('lead');
    else if (isNew) this.#loseAll();
    for (const answered of this.#waiting.splice(0)) answered();
  }

  #letAttach(from: string, line: string, resume: Resume, owner: LineOwner): void {
    const to = from;
    if (this.#exchange === null) {
      this.#tell({ what: 'end', to, line, end: 'lost' });
      return;
    }
    const attached = this.#exchange.attach(
      resume,
      {
        onFrame: (frame) => this.#tell({ what: 'frame', to, line, frame }),
        onEnd: (end) => {
          this.#led.delete(line);
          this.#tell({ what: 'end', to, line, end });
        },
      },
      owner,
    );
    this.#led.set(line, attached);
  }

  /** Leads no longer: everybody's line ends, and they look for who does. */
  #resign(why: 'gone' | 'lead'): void {
    const exchange = this.#exchange;
    if (exchange === null) {
      for (const line of this.#heard.keys()) this.#tell({ what: 'leave', to: this.#lead?.name ?? '', line });
      return;
    }
    this.#exchange = null;
    exchange.end();
    this.#led.clear();
    if (why === 'gone') this.#tell({ what: 'gone' });
  }

  #loseAll(): void {
    for (const line of [...this.#heard.keys()]) this.#lose(line, 'lost');
  }

  #lose(line: string, end: LineEnd): void {
    const events = this.#heard.get(line);
    this.#heard.delete(line);
    events?.onEnd(end);
  }

  #tell(said: Untold): void {
    this.channel.postMessage({ ...said, from: this.#name });
  }
}

/** Whether one began to lead after the other; at the same time, their names decide. */
function isLater(one: { name: string; term: number }, other: { name: string; term: number }): boolean {
  return one.term === other.term ? one.name > other.name : one.term > other.term;
}
