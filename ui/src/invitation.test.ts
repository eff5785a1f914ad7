import { beforeEach, expect, test } from 'vitest';
import { takeInvitation } from './invitation';

beforeEach(() => window.history.replaceState(null, '', '/'));

test('a link’s code is taken out of the address, once', () => {
  window.history.replaceState(null, '', '/join#Zk3uQ9%20');
  expect(takeInvitation(window)).toBe('Zk3uQ9');
  expect(window.location.hash).toBe('');
  expect(takeInvitation(window)).toBeNull();
});

test('a fragment that is no text is taken as it stands, and refused by the hub', () => {
  window.history.replaceState(null, '', '/join#%E0%A4');
  expect(takeInvitation(window)).toBe('%E0%A4');
  expect(window.location.hash).toBe('');
});

test('what follows the code for desktops is left to the hub', () => {
  window.history.replaceState(null, '', '/join#Zk3uQ9.pin-of_the_hub');
  expect(takeInvitation(window)).toBe('Zk3uQ9.pin-of_the_hub');
});

test('a fragment elsewhere is no invitation', () => {
  window.history.replaceState(null, '', '/settings#devices');
  expect(takeInvitation(window)).toBeNull();
  expect(window.location.hash).toBe('#devices');
});
