import { beforeEach, describe, expect, test } from 'vitest';
import { ScriptedPlatform } from '../testing/platform';
import { HubApi, HubError } from './hub';

let platform: ScriptedPlatform;
let api: HubApi;

beforeEach(() => {
  platform = new ScriptedPlatform();
  api = new HubApi(platform);
});

async function failure(call: Promise<unknown>): Promise<HubError> {
  const thrown = await call.then(
    () => null,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(HubError);
  return thrown as HubError;
}

describe('a call', () => {
  test('names the field that the hub refuses', async () => {
    const error = { code: 'invalid_field', message: 'Trop long.', field: 'title' };
    platform.answer('POST /api/events', { error }, 422);
    expect(await failure(api.createEvent({ title: 'x' }, 'k'))).toMatchObject({
      status: 422,
      field: 'title',
      message: 'Trop long.',
    });
    expect(platform.asked[0]?.idempotencyKey).toBe('k');
  });

  test('that nobody answers is told from one that is refused', async () => {
    expect((await failure(api.me())).unreachable).toBe(true);
    platform.answer('GET /api/me', null, 502);
    expect((await failure(api.me())).unreachable).toBe(true);
    platform.answer('GET /api/me', null, 503);
    expect((await failure(api.me())).unreachable).toBe(true);
    platform.answer('GET /api/me', { error: { code: 'disk_full', message: 'Full.', field: null } }, 503);
    expect(await failure(api.me())).toMatchObject({ unreachable: false, code: 'disk_full' });
    platform.answer('GET /api/me', null, 500);
    expect(await failure(api.me())).toMatchObject({ unreachable: false, code: 'unknown' });
  });

  test('from a device that was signed out says so at once', async () => {
    let signedOut = 0;
    api.onSignedOut = () => (signedOut += 1);
    platform.answer('GET /api/people', { error: { code: 'unauthenticated' } }, 401);
    await failure(api.people());
    expect(signedOut).toBe(1);
  });
});
