/** What went wrong, as a sentence for a person. */

import { HubError } from '../api/hub';
import type { Words } from '../i18n';

/** The sentence for a failure; `otherwise` where there is none of its own. */
export function explanation(thrown: unknown, words: Words, otherwise: string): string {
  const { failure } = words;
  if (!(thrown instanceof HubError)) return otherwise;
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
