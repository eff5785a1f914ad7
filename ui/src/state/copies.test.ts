import { expect, test } from 'vitest';
import { HubApi } from '../api/hub';
import type { StoreCopy } from '../api/types';
import { CATALOGUES } from '../i18n';
import { ScriptedPlatform } from '../testing/platform';
import { Copies, lossInWords } from './copies.svelte';

const copy = (kind: StoreCopy['kind']): StoreCopy => ({
  name: `${kind}.db`,
  kind,
  made_at: '2026-11-23T11:30:00.000Z',
  bytes: 1,
  schema: 6,
});

const list = (...copies: StoreCopy[]) => ({ copies, folder: null, failure: null, is_late: false });

test('what was brought or set aside is no backup of what is there', async () => {
  const all = [copy('uploaded'), copy('before_restore'), copy('daily'), copy('manual')];
  const platform = new ScriptedPlatform().answer('GET /api/copies', list(...all));
  const copies = new Copies(new HubApi(platform));
  await copies.load();
  expect(copies.latest?.kind).toBe('daily');
});

test('a failure is told by whoever asked, and the list is read again', async () => {
  const error = { error: { code: 'no_room_for_copy', message: 'No room.', field: null } };
  const failure = { at: '2026-11-23T11:30:00.000Z', trouble: 'disk_full' as const };
  const platform = new ScriptedPlatform()
    .answer('POST /api/copies', error, 503)
    .answer('GET /api/copies', { ...list(), failure });
  const copies = new Copies(new HubApi(platform));
  await expect(copies.make()).rejects.toMatchObject({ code: 'no_room_for_copy' });
  expect(copies.failure).toEqual(failure);
  expect(copies.doing).toBe('nothing');
});

test('nothing is begun while something is being done', async () => {
  const platform = new ScriptedPlatform()
    .answer('POST /api/copies', copy('manual'), 201)
    .answer('GET /api/copies', list());
  const copies = new Copies(new HubApi(platform));
  await Promise.all([copies.make(), copies.make()]);
  expect(platform.asked.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

test('what a restore would cost is said before', () => {
  const words = CATALOGUES.en.keeping;
  const lost = { events: 2, changed_events: 0, people: 1, devices: 1, last_change_at: null };
  expect(lossInWords(lost, words)).toEqual([
    'This will be lost: 2 events created since, 1 person added since.',
    'One device connected since will have to be invited again.',
  ]);
  const nothing = { events: 0, changed_events: 0, people: 0, devices: 0, last_change_at: null };
  expect(lossInWords(nothing, words)).toEqual(['Nothing has changed since.']);
  expect(lossInWords(null, words)).toEqual(['Everything that was done since will be lost.']);
});
