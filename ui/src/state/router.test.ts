import { beforeEach, describe, expect, test, vi } from 'vitest';
import { parseRoute, Router } from './router.svelte';

describe('an address', () => {
  test.each([
    ['/', { page: 'agenda' }],
    ['/events/new', { page: 'new_event' }],
    ['/events/0193', { page: 'event', id: '0193' }],
    ['/notifications/', { page: 'notifications' }],
    ['/settings', { page: 'settings' }],
    ['/join', { page: 'join' }],
    ['/events', { page: 'unknown' }],
    ['/settings/x', { page: 'unknown' }],
    ['/events/1/2', { page: 'unknown' }],
  ])('%s leads somewhere', (path, route) => {
    expect(parseRoute(path)).toEqual(route);
  });
});

describe('a page that is guarded', () => {
  let router: Router;

  beforeEach(() => {
    window.history.replaceState(null, '', '/events/new');
    router = new Router();
    router.start();
  });

  test('is left only with the person’s consent', async () => {
    const answers = [false, true];
    router.protect(() => Promise.resolve(answers.shift() ?? true));
    await router.go('/settings');
    expect(router.route).toEqual({ page: 'new_event' });
    await router.go('/settings');
    expect(router.route).toEqual({ page: 'settings' });
    expect(window.location.pathname).toBe('/settings');
  });

  test('is asked about once: what follows it is free', async () => {
    const guard = vi.fn(() => Promise.resolve(true));
    router.protect(guard);
    await router.go('/settings');
    await router.go('/');
    expect(guard).toHaveBeenCalledTimes(1);
  });

  test('is free again when its guard is withdrawn', async () => {
    router.protect(() => Promise.resolve(false))();
    await router.go('/');
    expect(router.route).toEqual({ page: 'agenda' });
  });
});
