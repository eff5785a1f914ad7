/** How this desktop stands with its hub. */

import type { DesktopState } from '../platform/types';

/** Until when what the desktop keeps was up to date, in milliseconds; null while the hub is there, or nothing is kept. */
export function keptUntil(state: DesktopState | null): number | null {
  if (state === null || state.contact.state !== 'away' || state.syncedAt === null) return null;
  return Date.parse(state.syncedAt);
}

/** Whether the hub has said that this desktop is not of its office any more. */
export function isSignedOut(state: DesktopState | null): boolean {
  return state?.contact.state === 'away' && state.contact.why === 'signed_out';
}
