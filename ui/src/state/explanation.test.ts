import { describe, expect, test } from 'vitest';
import { HubError } from '../api/hub';
import { CATALOGUES } from '../i18n';
import { DesktopError } from '../platform/types';
import { explanation } from './explanation';

const OTHERWISE = 'otherwise';

/** As the desktop's commands refuse, beside those that joining has words of its own for. */
const OF_THE_DESKTOP = [
  'settings_not_saved',
  'cannot_listen',
  'start_at_login_refused',
  'no_notification_service',
  'popup_refused',
  'hub_unreachable',
  'hub_answers',
  'no_copy',
  'copy_newer',
  'copy_damaged',
  'copy_unwritten',
  'data_in_use',
  'office_of_its_own',
  'not_joined',
];

/** Refusals of the hub that neither "something" nor "it has changed" would explain. */
const OF_THE_HUB: [number, string][] = [
  [503, 'hub_moving'],
  [409, 'heir_away'],
  [409, 'handover_under_way'],
  [409, 'no_heir'],
  [409, 'person_inactive'],
  [409, 'last_admin'],
];

describe.each(['fr', 'en'] as const)('in %s', (language) => {
  const words = CATALOGUES[language];

  test.each(OF_THE_DESKTOP)('%s has words of its own, and never the desktop’s', (code) => {
    const said = explanation(new DesktopError(code, 'os error 13'), words, OTHERWISE);
    expect(said).not.toBe(OTHERWISE);
    expect(said).not.toContain('os error');
  });

  test.each(OF_THE_HUB)('%i %s has words of its own', (status, code) => {
    const said = explanation(new HubError(status, code, 'in English'), words, OTHERWISE);
    const { conflict, unknown, storage } = words.failure;
    expect([OTHERWISE, 'in English', conflict, unknown, storage]).not.toContain(said);
  });

  test('what has none is explained by its status, or as the caller says', () => {
    expect(explanation(new HubError(409, 'other', ''), words, OTHERWISE)).toBe(words.failure.conflict);
    expect(explanation(new HubError(500, 'other', ''), words, OTHERWISE)).toBe(OTHERWISE);
    expect(explanation(new DesktopError('other', 'os error 13'), words, OTHERWISE)).toBe(OTHERWISE);
    expect(explanation(new Error('os error 13'), words, OTHERWISE)).toBe(OTHERWISE);
    // A code is no property that every object has.
    expect(explanation(new DesktopError('constructor', ''), words, OTHERWISE)).toBe(OTHERWISE);
  });
});
