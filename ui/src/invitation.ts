/** The invitation's secret, which a link carries in its fragment so that it reaches no server log. */

/**
 * Takes the code of `/join#CODE.PIN` out of the address bar and the history; null without one. The
 * pin, by which desktops know the hub, stays with it: the hub passes over it.
 */
export function takeInvitation(page: Pick<Window, 'location' | 'history'>): string | null {
  const { pathname, search, hash } = page.location;
  if (!pathname.startsWith('/join')) return null;
  const code = decoded(hash.slice(1)).trim();
  if (code === '') return null;
  page.history.replaceState(null, '', pathname + search);
  return code;
}

/** What the percent signs stand for; a fragment in which they stand for nothing, as it is. */
function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

/** Whether a link leads to this very machine, and so opens nothing on another. */
export function onlyHere(link: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(link).hostname);
}
