/** The invitation's secret, which a link carries in its fragment so that it reaches no server log. */

/** Takes the code of `/join#CODE` out of the address bar and the history; null without one. */
export function takeInvitation(page: Pick<Window, 'location' | 'history'>): string | null {
  const { pathname, search, hash } = page.location;
  if (!pathname.startsWith('/join')) return null;
  const code = decodeURIComponent(hash.slice(1)).trim();
  if (code === '') return null;
  page.history.replaceState(null, '', pathname + search);
  return code;
}
