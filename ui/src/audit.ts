/** The audit log as sentences: who did what, without a name of a field or an action of the hub's. */

import type { AuditEntry } from './api/types';
import type { Words } from './i18n';

type KeepingWords = Words['keeping'];

/** Writes a moment as it is shown in the midst of a sentence. */
export type Moment = (instantMs: number) => string;

export function sentence(entry: AuditEntry, words: KeepingWords, moment: Moment): string {
  const did = words.did;
  const who = entry.by?.name ?? words.hub;
  const what = eventOf(entry, words);
  const name = entry.object?.kind === 'person' ? (entry.object.name ?? words.someone) : words.someone;
  const device = deviceOf(entry, words);
  switch (entry.action) {
    case 'event.create': {
      const created = did.eventCreate(who, what);
      return entry.added.length === 0 ? created : `${created} ${did.eventFor(listed(entry.added))}`;
    }
    case 'event.update':
      return withChanges(did.eventUpdate(who, what), entry, words);
    case 'event.delete':
      return did.eventDelete(who, what);
    case 'event.restore':
      return did.eventRestore(who, what);
    case 'event.rederive':
      return did.eventRederive(what);
    case 'person.create':
      return did.personCreate(who, name);
    case 'person.update':
      return personUpdate(entry, who, name, words);
    case 'device.pair':
      return did.devicePair(who, device);
    case 'device.create':
      return did.deviceCreate(who, device);
    case 'device.rename':
      return did.deviceRename(who, device);
    case 'device.revoke':
      return did.deviceRevoke(who, device);
    case 'device.move':
      return did.deviceMove(who, device);
    case 'invitation.create':
      return did.invite(who, name);
    case 'open_invitation.create':
      return did.inviteAll(who);
    case 'open_invitation.revoke':
      return did.revokeInvitations(who);
    case 'join_request.accept':
      return did.accept(who, name);
    case 'office.update':
      return did.office(who);
    case 'secure_office.update':
      return did.secureOffice(who);
    case 'authority.create':
    case 'authority.replace':
      return did.authority(who);
    case 'backup':
    case 'copy.create':
      return did.copy(who);
    case 'copy.download':
      return did.download(who, copyOf(entry, words, moment)).trim();
    case 'copy.upload':
      return did.bring(who);
    case 'keeper.choose':
      return did.keeperChoose(who, device);
    case 'keeper.dismiss':
      return did.keeperDismiss(who);
    case 'copy.give':
      return did.copyGive(device);
    case 'hub.take_over':
      return did.takeOver(device);
    case 'hub.hand_over':
      return did.handOver(device);
    case 'restore':
      return did.restore(who, copyOf(entry, words, moment)).trim();
    default:
      return did.other(who);
  }
}

/** When a copy was made, as its name says it; null where it does not. */
export function momentOfCopy(name: string): number | null {
  const found = /(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d\.\d{3})Z/.exec(name);
  if (found === null) return null;
  const [, day, hours, minutes, seconds] = found;
  return Date.parse(`${day}T${hours}:${minutes}:${seconds}Z`);
}

function personUpdate(
  entry: AuditEntry,
  who: string,
  name: string,
  words: KeepingWords,
): string {
  const { did } = words;
  if (entry.active === false) return did.personLeft(who, name);
  if (entry.active === true) return did.personBack(who, name);
  if (entry.role === 'admin') return did.madeAdmin(who, name);
  if (entry.role === 'member') return did.madeMember(who, name);
  const own = entry.object?.kind === 'person' && entry.object.id === entry.by?.id;
  const done = own ? did.ownPreferences(who) : did.personUpdate(who, name);
  return withChanges(done, entry, words);
}

function withChanges(done: string, entry: AuditEntry, words: KeepingWords): string {
  const fields = new Set(entry.fields.flatMap((field) => words.fields[field] ?? []));
  const parts = [
    fields.size > 0 ? words.changed([...fields].join(', ')) : '',
    entry.added.length > 0 ? words.added(listed(entry.added)) : '',
    entry.removed.length > 0 ? words.removed(listed(entry.removed)) : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? done : `${done} (${parts.join(' ; ')})`;
}

function eventOf(entry: AuditEntry, words: KeepingWords): string {
  if (entry.object?.kind !== 'event') return words.goneEvent;
  const { title, is_private } = entry.object;
  if (is_private) return words.privateEvent;
  if (title === null) return words.goneEvent;
  return title === '' ? words.untitled : words.titled(title);
}

function deviceOf(entry: AuditEntry, words: KeepingWords): string {
  if (entry.object?.kind !== 'device') return words.someDevice;
  const { name, owner } = entry.object;
  const device = name === null ? words.someDevice : words.titled(name);
  return owner === null || owner === entry.by?.name ? device : `${device} ${words.of(owner)}`;
}

function copyOf(entry: AuditEntry, words: KeepingWords, moment: Moment): string {
  const at = entry.object?.kind === 'copy' ? momentOfCopy(entry.object.name) : null;
  return at === null ? '' : words.copyOf(moment(at));
}

function listed(names: readonly string[]): string {
  return names.join(', ');
}
