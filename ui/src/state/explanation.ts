/** What went wrong, as a sentence for a person. */

import { HubError } from '../api/hub';
import type { Words } from '../i18n';
import { DesktopError } from '../platform/types';

/** The sentence for a failure; `otherwise` where there is none of its own. */
export function explanation(thrown: unknown, words: Words, otherwise: string): string {
  if (!(thrown instanceof HubError || thrown instanceof DesktopError)) return otherwise;
  const own = ownSentences(words).get(thrown.code);
  if (own !== undefined) return own;
  const { failure } = words;
  if (thrown instanceof DesktopError) return otherwise;
  if (thrown.code === 'hub_away') return failure.hubAway;
  if (thrown.code === 'hub_moved') return words.succession.movedTitle;
  if (thrown.code === 'disk_full') return failure.diskFull;
  if (thrown.code === 'unavailable') return failure.storage;
  if (thrown.unreachable) return failure.unreachable;
  if (thrown.code === 'https_required') return words.secure.needed;
  if (thrown.status === 403) return failure.forbidden;
  if (thrown.status === 404) return failure.gone;
  if (thrown.status === 429) return failure.tooMany;
  if (thrown.status === 409 || thrown.status === 412) return failure.conflict;
  return otherwise;
}

/** Refusals whose code says more than their status. */
function ownSentences(words: Words): Map<string, string> {
  const { failure, sharing, settings, succession } = words;
  return new Map(
    Object.entries({
      ...succession.refused,
      ...settings.refused,
      cannot_listen: sharing.cannotListen,
      start_at_login_refused: sharing.loginRefused,
      hub_unreachable: failure.unreachable,
      person_inactive: failure.personInactive,
      last_admin: failure.lastAdmin,
    }),
  );
}
