/** The hub's copies of all data, as an admin sees them. */

import type { HubApi } from '../api/hub';
import type { CopyDetail, CopyFailure, Lost, StoreCopy } from '../api/types';
import type { Words } from '../i18n';

/** What is being done at present. */
export type Doing = 'nothing' | 'making' | 'sending' | 'checking' | 'restoring';

export class Copies {
  /** The latest first; null before they are known. */
  all = $state.raw<StoreCopy[] | null>(null);
  folder = $state<string | null>(null);
  failure = $state.raw<CopyFailure | null>(null);
  late = $state(false);
  doing = $state<Doing>('nothing');
  /** How much of a file has been sent, from 0 to 1. */
  sent = $state(0);

  constructor(private readonly api: HubApi) {}

  /** The latest one of the data as they were: not what was brought, nor what was set aside. */
  get latest(): StoreCopy | null {
    return this.all?.find(({ kind }) => kind === 'daily' || kind === 'manual') ?? null;
  }

  async load(): Promise<void> {
    const { copies, folder, failure, is_late } = await this.api.copies();
    this.all = copies;
    this.folder = folder;
    this.failure = failure;
    this.late = is_late;
  }

  /** Fetches again for a word of warning; where that fails, what is at hand stays. */
  refresh(): void {
    this.load().catch(() => undefined);
  }

  forget(): void {
    this.all = null;
    this.folder = null;
    this.failure = null;
    this.late = false;
  }

  make(): Promise<void> {
    return this.#do('making', () => this.api.makeCopy());
  }

  detail(copy: StoreCopy): Promise<CopyDetail> {
    return this.api.copy(copy.name);
  }

  /** Sends a file, which the hub checks and lists. */
  bring(file: Blob): Promise<void> {
    this.sent = 0;
    return this.#do('sending', () =>
      this.api.bringCopy(file, (share) => {
        this.sent = share;
        if (share >= 1) this.doing = 'checking';
      }),
    );
  }

  restore(copy: StoreCopy): Promise<void> {
    return this.#do('restoring', () => this.api.restoreCopy(copy.name));
  }

  async #do(what: Doing, act: () => Promise<unknown>): Promise<void> {
    if (this.doing !== 'nothing') return;
    this.doing = what;
    try {
      await act();
    } finally {
      this.doing = 'nothing';
      // How it ended is told by whoever asked for it.
      await this.load().catch(() => undefined);
    }
  }
}

/** What a restore would cost, in sentences. */
export function lossInWords(lost: Lost | null, words: Words['keeping']): string[] {
  if (lost === null) return [words.lostUnknown];
  const { events, changed_events, people, devices } = lost;
  const sentences: string[] = [];
  if (events + changed_events + people > 0) sentences.push(words.lost(events, changed_events, people));
  if (devices > 0) sentences.push(words.lostDevices(devices));
  return sentences.length === 0 ? [words.lostNothing] : sentences;
}
