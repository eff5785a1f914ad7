import { expect, test } from 'vitest';
import { lineAddress } from './socket';

test('a line is opened beside the page, with the cursors it resumes from', () => {
  const page = { protocol: 'http:', host: '192.168.1.20:7710' };
  expect(lineAddress(page, { since: 42, lastId: '8c1f', changesSince: 97 })).toBe(
    'ws://192.168.1.20:7710/ws/notifications/?since=42&last_id=8c1f&changes_since=97',
  );
  expect(lineAddress(page, { since: 0, lastId: null, changesSince: null })).toBe(
    'ws://192.168.1.20:7710/ws/notifications/?since=0',
  );
  expect(lineAddress({ ...page, protocol: 'https:' }, { since: null, lastId: null, changesSince: null })).toMatch(
    /^wss:/,
  );
});
