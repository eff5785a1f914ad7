import { describe, expect, test } from 'vitest';
import type { AuditEntry } from './api/types';
import { momentOfCopy, sentence } from './audit';
import { CATALOGUES } from './i18n';

const entry = (changes: Partial<AuditEntry>): AuditEntry => ({
  id: 1,
  at: '2026-11-23T09:00:00.000Z',
  by: { id: 'bob', name: 'Bob' },
  device: null,
  action: 'event.update',
  object: null,
  fields: [],
  added: [],
  removed: [],
  active: null,
  role: null,
  ...changes,
});

const fr = (changes: Partial<AuditEntry>): string =>
  sentence(entry(changes), CATALOGUES.fr.keeping, (at) => new Date(at).toISOString());

const event = (title: string | null, is_private = false) =>
  ({ kind: 'event', id: 'e', title, is_private }) as const;

const ann = { kind: 'person', id: 'ann', name: 'Ann' } as const;

describe('who did what is a sentence', () => {
  test('on events, with what the reader may know', () => {
    expect(fr({ object: event('Visite'), fields: ['title', 'schedule'], added: ['Ann'] })).toBe(
      'Bob a modifié «\u00a0Visite\u00a0» (change\u00a0: titre, horaire ; ajoute Ann)',
    );
    expect(fr({ action: 'event.create', object: event('Visite'), added: ['Ann', 'Carl'] })).toBe(
      'Bob a créé «\u00a0Visite\u00a0» pour Ann, Carl',
    );
    expect(fr({ object: event(null, true) })).toBe('Bob a modifié un événement privé');
    expect(fr({ action: 'event.delete', object: event(null) })).toBe(
      'Bob a supprimé un événement qui n’existe plus',
    );
    expect(fr({ object: event(''), fields: ['assignees'], removed: ['Ann'] })).toBe(
      'Bob a modifié un événement sans titre (retire Ann)',
    );
  });

  test('on people: what became of them comes before which fields changed', () => {
    const update = { action: 'person.update', object: ann, fields: ['active'] };
    expect(fr({ ...update, active: false })).toBe('Bob a retiré Ann de l’équipe');
    expect(fr({ ...update, active: true })).toBe('Bob a fait revenir Ann');
    expect(fr({ ...update, fields: ['role'], role: 'admin' })).toBe(
      'Bob a confié l’administration à Ann',
    );
    expect(fr({ ...update, fields: ['name'] })).toBe(
      'Bob a modifié la fiche d’Ann (change\u00a0: nom)',
    );
    expect(fr({ ...update, by: { id: 'ann', name: 'Ann' }, fields: ['locale'] })).toBe(
      'Ann a changé ses préférences (change\u00a0: langue)',
    );
  });

  test('on devices: whose they are, unless it is one’s own', () => {
    const device = { kind: 'device', id: 'd', name: 'Chrome', owner: 'Ann' } as const;
    expect(fr({ action: 'device.revoke', object: device })).toBe(
      'Bob a retiré «\u00a0Chrome\u00a0» d’Ann',
    );
    expect(fr({ action: 'device.pair', object: { ...device, owner: 'Bob' } })).toBe(
      'Bob a connecté «\u00a0Chrome\u00a0»',
    );
  });

  test('on copies: of when they are', () => {
    const name = 'daily-2026-11-22T11-30-00.123Z.db';
    expect(momentOfCopy(name)).toBe(Date.parse('2026-11-22T11:30:00.123Z'));
    expect(momentOfCopy('before-0007.db')).toBeNull();
    expect(fr({ action: 'restore', object: { kind: 'copy', name } })).toBe(
      'Bob a restauré une sauvegarde (2026-11-22T11:30:00.123Z)',
    );
    expect(fr({ action: 'restore' })).toBe('Bob a restauré une sauvegarde');
  });

  test('on which computer keeps the copy, or is the main one', () => {
    const object = { kind: 'device', id: 'd', name: 'PC-Ann', owner: 'Ann' } as const;
    expect(fr({ action: 'keeper.choose', object })).toBe(
      'Bob a chargé «\u00a0PC-Ann\u00a0» d’Ann de garder une copie du bureau',
    );
    expect(fr({ action: 'keeper.dismiss' })).toBe('Bob a mis fin à la copie sur un autre ordinateur');
    expect(fr({ action: 'copy.give', by: null, object })).toBe(
      '«\u00a0PC-Ann\u00a0» d’Ann a reçu une copie du bureau',
    );
    expect(fr({ action: 'hub.take_over', by: null, object })).toBe(
      '«\u00a0PC-Ann\u00a0» d’Ann est devenu l’ordinateur principal, à partir de sa copie',
    );
    expect(fr({ action: 'hub.hand_over', by: null, object })).toBe(
      'Le bureau est passé à «\u00a0PC-Ann\u00a0» d’Ann',
    );
  });

  test('also where nobody did it, or what is not known yet', () => {
    expect(fr({ by: null, action: 'person.create', object: ann })).toBe(
      'L’ordinateur principal a ajouté Ann à l’équipe',
    );
    expect(fr({ action: 'later.version' })).toBe('Bob a changé quelque chose');
  });
});
