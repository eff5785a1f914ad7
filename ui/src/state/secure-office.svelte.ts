/**
 * The office's address over https: whether there is one, whether this browser trusts it, and the way
 * there. To the browser it is another site, which knows nothing of whoever is signed in here: they
 * take a code along, and a secret of which the hub has only seen the hash.
 */

import { sha256 } from '@noble/hashes/sha2.js';
import { HubError, type HubApi } from '../api/hub';
import type { Authority, SecureOffice as State, SecureOfficePatch } from '../api/types';

/** A browser that does not answer so long is asked in vain. */
const ANSWERS_WITHIN_MS = 5_000;

export type Page = Pick<Window, 'location' | 'history' | 'fetch' | 'crypto'>;

/** What is taken along, as it stands in the address. */
type Handover = { code: string; secret: string };

export class SecureOffice {
  /** Null as long as the hub has not said. */
  state = $state.raw<State | null>(null);
  /** Whether this browser knows the secure address; null as long as it was not tried. */
  trusted = $state<boolean | null>(null);

  constructor(
    private readonly api: HubApi,
    private readonly page: Page = window,
  ) {}

  get on(): boolean {
    return this.state?.on === true;
  }

  get authority(): Authority | null {
    return this.state?.authority ?? null;
  }

  /** Others could read what this page says and hears. */
  get isReadable(): boolean {
    return this.state?.private === false;
  }

  /** An admin's work is done elsewhere. */
  get administersElsewhere(): boolean {
    return this.on && this.isReadable;
  }

  /** Nothing is done on this page any more but what leads to the secure one. */
  get isShut(): boolean {
    return this.administersElsewhere && this.state?.plain_http === false;
  }

  /** Where colleagues read how to trust the office; it can be opened before they do. */
  get explainedAt(): string | null {
    const address = this.state?.address;
    return typeof address === 'string' ? `${address.replace(/^https/, 'http')}/secure` : null;
  }

  /** This page was opened over https. */
  get isHere(): boolean {
    return this.page.location.protocol === 'https:';
  }

  async load(): Promise<void> {
    try {
      this.state = await this.api.secureOffice();
    } catch {
      // A hub that cannot be reached says so elsewhere.
    }
  }

  async change(changes: SecureOfficePatch): Promise<void> {
    this.state = await this.api.changeSecureOffice(changes);
  }

  /** Tries the secure address: a browser that does not trust it gets no answer. */
  async probe(): Promise<boolean> {
    const address = this.state?.address;
    this.trusted =
      this.on && typeof address === 'string' && (await this.#answers(`${address}/api/health`));
    return this.trusted;
  }

  async #answers(url: string): Promise<boolean> {
    try {
      await this.page.fetch(url, {
        mode: 'no-cors',
        credentials: 'omit',
        cache: 'no-store',
        signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
      });
      return true;
    } catch {
      return false;
    }
  }

  /** Goes to the secure address; who is signed in stays so, and an invitation is taken along. */
  async go(mayBeSignedIn: boolean): Promise<void> {
    const { address } = this.state ?? {};
    if (typeof address !== 'string') return;
    const { pathname, hash } = this.page.location;
    let path = pathname.startsWith('/join') ? `${pathname}${hash}` : '/secure';
    const brought = mayBeSignedIn ? await this.#setOut() : null;
    if (brought !== null) path = `/secure#${brought.code}.${brought.secret}`;
    this.page.location.assign(`${address}${path}`);
  }

  /** Null when nobody is signed in after all. */
  async #setOut(): Promise<Handover | null> {
    const secret = asText(this.page.crypto.getRandomValues(new Uint8Array(32)));
    const challenge = asText(sha256(new TextEncoder().encode(secret)));
    try {
      return { code: (await this.api.setOut(challenge)).code, secret };
    } catch (thrown) {
      if (thrown instanceof HubError && thrown.status === 401) return null;
      throw thrown;
    }
  }

  /** Takes what was brought along out of the address and the history. */
  takeHandover(): Handover | null {
    const { pathname, search, hash } = this.page.location;
    if (!this.isHere || pathname !== '/secure') return null;
    const [code, secret] = hash.slice(1).split('.');
    if (code === undefined || code === '' || secret === undefined) return null;
    this.page.history.replaceState(null, '', pathname + search);
    return { code, secret };
  }

  /** Signs this browser in as it was on the plain page. */
  async arrive(handover: Handover): Promise<void> {
    await this.api.arrive(handover);
  }
}

/** Base64 for addresses, without padding. */
function asText(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
