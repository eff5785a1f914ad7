import { describe, expect, test } from 'vitest';
import { CATALOGUES, preferredLocale } from '.';
import { en } from './en';
import { fr } from './fr';

/** Every sentence of a catalogue with the path that leads to it. */
function sentences(node: unknown, path = ''): [string, string][] {
  if (typeof node === 'string') return [[path, node]];
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => sentences(value, `${path}.${key}`));
}

describe('the catalogues', () => {
  test('have a sentence for every key', () => {
    for (const [path, sentence] of Object.values(CATALOGUES).flatMap((words) => sentences(words))) {
      expect(sentence.trim(), path).not.toBe('');
    }
  });

  test('keep French punctuation with its word', () => {
    for (const [path, sentence] of sentences(fr)) {
      expect(sentence, path).not.toMatch(/ [:;?!»]|« /);
      expect(sentence, path).not.toContain("'");
    }
  });

  test('count in the singular where one does', () => {
    expect(fr.app.unread(0)).toBe('0 non lue');
    expect(fr.app.unread(2)).toBe('2 non lues');
    expect(fr.popup.others(1)).toBe('+1 autre');
    expect(en.popup.others(1)).toBe('+1 other');
    expect(en.popup.awayCount(0)).toBe('0 notifications');
  });

  test('name spans in the units people use', () => {
    const spaced = (text: string): string => text.replaceAll('\u00a0', ' ');
    expect(spaced(fr.agenda.inSpan(25))).toBe('dans 25 min');
    expect(spaced(fr.agenda.inSpan(125))).toBe('dans 2 h 05');
    expect(spaced(fr.agenda.inSpan(60))).toBe('dans 1 h');
    expect(spaced(fr.agenda.inSpan(1440))).toBe('dans 1 jour');
    expect(spaced(en.event.minutesBefore(2880))).toBe('2 days before');
    expect(en.event.minutesBefore(0)).toBe('at the start');
  });

  test('round the days that are left up and those that have gone by down', () => {
    const minutes = 47 * 60 + 58;
    expect([fr.agenda.inSpan(minutes), fr.popup.left(minutes)]).toEqual(['dans 2 jours', '2 jours']);
    expect([en.agenda.inSpan(minutes), en.popup.left(minutes)]).toEqual(['in 2 days', '2 days']);
    expect([fr.popup.ago(minutes), en.popup.ago(minutes)]).toEqual(['il y a 1 jour', '1 day ago']);
    expect(en.agenda.startedAgo(minutes)).toBe('started 1 day ago');
  });
});

test('the language is the first one spoken here', () => {
  expect(preferredLocale(['de-DE', 'en-US', 'fr-FR'])).toBe('en');
  expect(preferredLocale(['FR-ca'])).toBe('fr');
  expect(preferredLocale(['de'])).toBe('fr');
});
