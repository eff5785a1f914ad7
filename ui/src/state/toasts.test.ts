import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Toasts } from './toasts.svelte';

let toasts: Toasts;

beforeEach(() => {
  vi.useFakeTimers();
  toasts = new Toasts();
});

afterEach(() => vi.useRealTimers());

test('a message goes by itself, one that can be undone later', () => {
  toasts.say('Enregistré.');
  toasts.say('Supprimé.', { label: 'Annuler', run: () => undefined });
  vi.advanceTimersByTime(7_000);
  expect(toasts.items.map((toast) => toast.text)).toEqual(['Supprimé.']);
  vi.advanceTimersByTime(4_000);
  expect(toasts.items).toEqual([]);
});

test('a message stays while it is looked at', () => {
  toasts.say('Supprimé.', { label: 'Annuler', run: () => undefined });
  const [toast] = toasts.items;
  toasts.hold(toast!.id);
  vi.advanceTimersByTime(60_000);
  expect(toasts.items).toHaveLength(1);
  toasts.release(toast!.id);
  vi.advanceTimersByTime(60_000);
  expect(toasts.items).toEqual([]);
});

test('an undo is done once', () => {
  const run = vi.fn();
  toasts.say('Supprimé.', { label: 'Annuler', run });
  toasts.act(toasts.items[0]!);
  expect(run).toHaveBeenCalledOnce();
  expect(toasts.items).toEqual([]);
});

test('the same thing is not said twice at once', () => {
  toasts.complain('Rappel ne répond pas.');
  toasts.complain('Rappel ne répond pas.');
  expect(toasts.items).toHaveLength(1);
});
