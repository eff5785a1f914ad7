/** Which page is shown: the address, read into a closed set of places. */

export type Route =
  | { page: 'agenda' }
  | { page: 'new_event' }
  | { page: 'event'; id: string }
  | { page: 'notifications' }
  | { page: 'settings' }
  | { page: 'share' }
  | { page: 'join' }
  | { page: 'secure' }
  | { page: 'unknown' };

/** Whether the page may be left; answers when the person has decided. */
export type Guard = () => Promise<boolean>;

export function parseRoute(path: string): Route {
  const [first, second, ...rest] = path.split('/').filter((part) => part !== '');
  if (rest.length > 0) return { page: 'unknown' };
  if (first === undefined) return { page: 'agenda' };
  if (first === 'events' && second === 'new') return { page: 'new_event' };
  if (first === 'events' && second !== undefined) return { page: 'event', id: second };
  if (second !== undefined) return { page: 'unknown' };
  switch (first) {
    case 'notifications':
    case 'settings':
    case 'share':
    case 'join':
    case 'secure':
      return { page: first };
  }
  return { page: 'unknown' };
}

export class Router {
  route = $state.raw<Route>({ page: 'agenda' });
  /** Moves on with every change of page, for what must happen anew on each. */
  visit = $state(0);

  /** Where to go back to from a form: the last page that was none. */
  origin = $state('/');

  #guard: Guard | null = null;
  #path = '/';

  constructor(private readonly page: Window = window) {}

  start(): void {
    this.#path = this.page.location.pathname;
    this.route = parseRoute(this.#path);
    this.page.addEventListener('popstate', () => void this.#followBack());
    this.page.addEventListener('beforeunload', (event) => {
      if (this.#guard !== null) event.preventDefault();
    });
  }

  /** Asks `guard` before the page is left, until the answer given here is called. */
  protect(guard: Guard): () => void {
    this.#guard = guard;
    return () => {
      if (this.#guard === guard) this.#guard = null;
    };
  }

  /** Goes to another page; false when the person would rather stay. */
  async go(path: string, how: 'push' | 'replace' = 'push'): Promise<boolean> {
    if (path === this.#path && how === 'push') return true;
    if (!(await this.#mayLeave())) return false;
    if (how === 'push') this.page.history.pushState(null, '', path);
    else this.page.history.replaceState(null, '', path);
    this.#show(path);
    return true;
  }

  /** Where a click on a link leads, unless the browser should follow it in its own way. */
  follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.('a[href]');
    const path = link?.getAttribute('href');
    if (path === null || path === undefined || !path.startsWith('/')) return;
    if (link?.hasAttribute('target') || link?.hasAttribute('download')) return;
    event.preventDefault();
    void this.go(path);
  }

  async #followBack(): Promise<void> {
    const path = this.page.location.pathname;
    if (path === this.#path) return;
    if (this.#guard !== null) {
      // The address has moved already: put it back while the person decides.
      this.page.history.pushState(null, '', this.#path);
      if (!(await this.#mayLeave())) return;
      this.page.history.replaceState(null, '', path);
    }
    this.#show(path);
  }

  async #mayLeave(): Promise<boolean> {
    const guard = this.#guard;
    if (guard === null) return true;
    if (!(await guard())) return false;
    if (this.#guard === guard) this.#guard = null;
    return true;
  }

  #show(path: string): void {
    const { page } = this.route;
    if (page === 'agenda' || page === 'notifications') this.origin = this.#path;
    this.#path = path;
    this.route = parseRoute(path);
    this.visit += 1;
  }
}
