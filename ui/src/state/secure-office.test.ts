import { expect, test, vi } from 'vitest';
import { HubApi } from '../api/hub';
import { ScriptedPlatform } from '../testing/platform';
import { SecureOffice } from './secure-office.svelte';

const STATE = {
  on: true,
  plain_http: true,
  private: false,
  address: 'https://192.168.1.10:7710',
  authority: null,
};

function at(url: string, platform = new ScriptedPlatform()) {
  const { protocol, pathname, search, hash } = new URL(url);
  const page = {
    location: { protocol, pathname, search, hash, assign: vi.fn() },
    history: { replaceState: vi.fn() },
    fetch: vi.fn(async (): Promise<Response> => Response.error()),
    crypto: { getRandomValues: (bytes: Uint8Array) => bytes.fill(7) },
  };
  platform.answer('GET /api/secure-office', STATE);
  return { office: new SecureOffice(new HubApi(platform), page as never), page, platform };
}

test('the hub sees the hash of the secret alone, and the next page has the secret', async () => {
  const { office, page, platform } = at('http://192.168.1.10:7710/settings');
  platform.answer('POST /api/secure-office/handovers', { code: 'c0de' }, 201);
  await office.load();
  await office.go(true);
  const secret = 'BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc';
  // SHA-256 of it, in base64url: computed by OpenSSL.
  const asked = platform.asked.at(-1)?.body as { challenge: string };
  expect(asked.challenge).toBe('3Ev4DHdHPRMPoN6GukAY_pi7IUAF5qWJHRK6kURvnoE');
  expect(page.location.assign).toHaveBeenCalledWith(`${STATE.address}/secure#c0de.${secret}`);
});

test('an invitation is taken along by whoever is not signed in', async () => {
  const { office, page } = at('http://192.168.1.10:7710/join#Zk3.pin');
  await office.load();
  await office.go(false);
  expect(page.location.assign).toHaveBeenCalledWith(`${STATE.address}/join#Zk3.pin`);
});

test('what was brought along does not stay in the address', () => {
  const { office, page } = at('https://192.168.1.10:7710/secure#c0de.s3cret');
  expect(office.takeHandover()).toEqual({ code: 'c0de', secret: 's3cret' });
  expect(page.history.replaceState).toHaveBeenCalledWith(null, '', '/secure');
  expect(at('http://192.168.1.10:7710/secure#c0de.s3cret').office.takeHandover()).toBeNull();
  expect(at('https://192.168.1.10:7710/secure').office.takeHandover()).toBeNull();
});

test('an address is trusted when it answers', async () => {
  const { office, page } = at('http://192.168.1.10:7710/secure');
  expect(await office.probe(), 'nothing is known of it yet').toBe(false);
  await office.load();
  page.fetch.mockRejectedValueOnce(new TypeError('Failed to fetch'));
  expect(await office.probe()).toBe(false);
  expect(await office.probe()).toBe(true);
  expect(page.fetch).toHaveBeenCalledWith(`${STATE.address}/api/health`, expect.objectContaining({ credentials: 'omit' }));
});

test('an admin works elsewhere where others could read it', async () => {
  const { office } = at('http://192.168.1.10:7710/');
  expect(office.administersElsewhere, 'as long as nothing is known').toBe(false);
  await office.load();
  expect([office.isReadable, office.administersElsewhere]).toEqual([true, true]);
});
