import { describe, expect, test } from 'vitest';
import type { Invitation } from '../api/types';
import type { DesktopState, Shared } from '../platform/types';
import { desktopState } from '../testing/samples';
import { Sharing } from './sharing.svelte';

const HERE = 'http://192.168.7.20:7710';

function shared(changes: Partial<Shared> = {}): Shared {
  return {
    place: 'network',
    reached: false,
    publicNetwork: false,
    firewall: 'unknown',
    awake: false,
    movedFrom: null,
    ...changes,
  };
}

function sharing(state: Partial<DesktopState>): Sharing {
  const known = { ...desktopState(), ...state };
  return new Sharing(() => known);
}

function invitation(link: string): Invitation {
  const later = '2026-11-23T10:00:00.000Z';
  return { link, link_expires_at: later, code: 'AAAA-BBBB-CCCC', code_expires_at: later, qr: [] };
}

test('there is nothing to share in a browser, nor where the hub is elsewhere', () => {
  expect(new Sharing(() => null).shared).toBeNull();
  const joined = sharing({ role: 'joined', sharing: null });
  expect([joined.canBegin, joined.moved, joined.needsHelp(1e12)]).toEqual([false, null, false]);
});

describe('help', () => {
  const shown = invitation(`${HERE}/join#a.b`);

  test('comes 30 seconds after the code, and counts anew for another one', () => {
    const here = sharing({ sharing: shared() });
    expect(here.needsHelp(1e12)).toBe(false);
    here.shows(shown, 1_000);
    here.shows(shown, 20_000);
    expect([here.needsHelp(30_999), here.needsHelp(31_000)]).toEqual([false, true]);
    here.shows(invitation(`${HERE}/join#c.d`), 31_000);
    expect([here.needsHelp(60_999), here.needsHelp(61_000)]).toEqual([false, true]);
  });

  test('is for those whom nobody has reached where others could', () => {
    for (const state of [shared({ reached: true }), shared({ place: 'no_network' })]) {
      const here = sharing({ sharing: state });
      here.shows(shown, 0);
      expect(here.needsHelp(60_000)).toBe(false);
    }
  });
});

test('an invitation to an address that is left behind is no good any more', () => {
  const here = sharing({ sharing: shared({ movedFrom: 'http://192.168.7.9:7710' }), hubAddress: HERE });
  expect(here.moved).toEqual({ from: 'http://192.168.7.9:7710', to: HERE });
  expect(here.isCurrent(invitation(`${HERE}/join#a.b`))).toBe(true);
  expect(here.isCurrent(invitation('http://192.168.7.9:7710/join#a.b'))).toBe(false);
});
