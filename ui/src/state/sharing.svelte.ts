/** Sharing with the team from this desktop: how far it has come, and when to help. */

import type { Invitation } from '../api/types';
import type { DesktopState, Shared } from '../platform/types';

/** How long a code is in sight before it is said what may keep colleagues out. */
const PATIENCE_MS = 30_000;

export class Sharing {
  /** The link that is in sight, and since when. */
  #inSight = $state.raw<{ link: string; sinceMs: number } | null>(null);

  constructor(private readonly desktop: () => DesktopState | null) {}

  /** Null where there is nothing to share: in a browser, and on a desktop whose hub is elsewhere. */
  get shared(): Shared | null {
    return this.desktop()?.sharing ?? null;
  }

  /** The hub is here, and nobody else can reach it yet. */
  get canBegin(): boolean {
    return this.shared !== null && this.desktop()?.settings.openToLan === false;
  }

  /** Where colleagues still look for the hub, and where it is. */
  get moved(): { from: string; to: string } | null {
    const [from, to] = [this.shared?.movedFrom ?? null, this.desktop()?.hubAddress ?? null];
    return from === null || to === null ? null : { from, to };
  }

  /** Whether an invitation leads to where the hub is now. */
  isCurrent(invitation: Invitation): boolean {
    const address = this.desktop()?.hubAddress ?? null;
    return address === null || new URL(invitation.link).origin === address;
  }

  /** This code is in sight. */
  shows(invitation: Invitation, nowMs: number): void {
    if (this.#inSight?.link !== invitation.link) {
      this.#inSight = { link: invitation.link, sinceMs: nowMs };
    }
  }

  /** A code has been in sight for a while, and no other device has reached the hub. */
  needsHelp(nowMs: number): boolean {
    if (this.#inSight === null || this.shared === null) return false;
    const { place, reached } = this.shared;
    return place === 'network' && !reached && nowMs - this.#inSight.sinceMs >= PATIENCE_MS;
  }
}
