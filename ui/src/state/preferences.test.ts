import { describe, expect, test } from 'vitest';
import { HubApi } from '../api/hub';
import { heldMemory, ScriptedPlatform } from '../testing/platform';
import { camille } from '../testing/samples';
import { Preferences } from './preferences.svelte';

const platform = new ScriptedPlatform();
const fresh = (memory = heldMemory()): Preferences =>
  new Preferences(new HubApi(platform), memory, ['en-GB']);

describe('preferences', () => {
  test('are the browser’s before anybody is known, then the office’s, then mine', () => {
    const preferences = fresh();
    expect(preferences.locale).toBe('en');
    preferences.me = camille();
    expect(preferences.locale).toBe('fr');
    expect(preferences.zone).toBe('Europe/Paris');
    expect(preferences.reminders).toEqual([30, 5]);
    preferences.me = camille({ locale: 'en', time_zone: 'Asia/Tokyo', reminders: [] });
    expect(preferences.words.app.settings).toBe('Settings');
    expect(preferences.zone).toBe('Asia/Tokyo');
    expect(preferences.reminders, 'none is a choice').toEqual([]);
  });

  test('take what the hub made of a change', async () => {
    const preferences = fresh();
    preferences.me = camille();
    const { office, device_id, ...person } = camille({ locale: 'en' });
    platform.answer('PATCH /api/me', person);
    await preferences.update({ locale: 'en' });
    expect(preferences.locale).toBe('en');
    expect(preferences.me).toMatchObject({ office, device_id });
  });

  test('of a device are kept on it', () => {
    const memory = heldMemory();
    const preferences = fresh(memory);
    expect(preferences.sound).toBe(true);
    preferences.setSound(false);
    preferences.setTheme('dark');
    expect(fresh(memory)).toMatchObject({ sound: false, theme: 'dark' });
  });
});
