/** A platform whose hub is a table of answers and whose lines are held by the test. */

import type { HubFrame } from '../api/types';
import type { Memory } from '../state/memory';
import type {
  Files,
  HubAnswer,
  HubRequest,
  LineEnd,
  LineEvents,
  Platform,
  Resume,
} from '../platform/types';

type Answer = (request: HubRequest) => HubAnswer;

export class ScriptedPlatform implements Platform {
  readonly desktop = null;
  readonly files: Files = {
    download: null,
    upload: (path) => this.call({ method: 'POST', path }),
  };
  /** Everything asked, in order. */
  readonly asked: HubRequest[] = [];
  readonly lines: ScriptedLine[] = [];

  #answers = new Map<string, Answer>();

  /** Answers `GET /api/me` and the like; the query is not part of the key. */
  answer(call: string, body: unknown, status = 200): this {
    this.#answers.set(call, () => ({ status, body }));
    return this;
  }

  answerWith(call: string, answer: Answer): this {
    this.#answers.set(call, answer);
    return this;
  }

  /** The office's computer is gone. */
  unplug(): void {
    this.#answers.clear();
  }

  async call(request: HubRequest): Promise<HubAnswer> {
    this.asked.push(request);
    const answer = this.#answers.get(`${request.method} ${request.path.split('?')[0]}`);
    if (answer === undefined) throw new TypeError('Failed to fetch');
    return answer(request);
  }

  openLine(resume: Resume, events: LineEvents): ScriptedLine {
    const line = new ScriptedLine(resume, events);
    this.lines.push(line);
    return line;
  }

  get line(): ScriptedLine {
    const last = this.lines.at(-1);
    if (last === undefined) throw new Error('no line was opened');
    return last;
  }
}

export class ScriptedLine {
  closed = false;
  readonly sent: unknown[] = [];

  constructor(
    readonly resume: Resume,
    private readonly events: LineEvents,
  ) {}

  send(frame: unknown): void {
    this.sent.push(frame);
  }

  close(): void {
    this.closed = true;
  }

  push(frame: HubFrame): void {
    this.events.onFrame(frame);
  }

  establish(seq = 0, unread = 0, epoch = 1): void {
    this.push({
      type: 'connection_established',
      unread_count: unread,
      seq,
      change: seq,
      now: '2026-11-23T08:00:00.000Z',
      hub: { id: 'hub', epoch, version: '0.1.0' },
    });
  }

  end(end: LineEnd): void {
    this.events.onEnd(end);
  }
}

/** A memory that lasts as long as the test holds it. */
export function heldMemory(): Memory {
  const kept = new Map<string, string>();
  return {
    read: (key) => JSON.parse(kept.get(key) ?? 'null') as unknown,
    write: (key, value) => void kept.set(key, JSON.stringify(value)),
  };
}
