/** Small ways to make what the hub sends, for tests. */

import type { EventItem, Me, NotificationItem } from '../api/types';
import type { DesktopState } from '../platform/types';

export function event(changes: Partial<EventItem> = {}): EventItem {
  return {
    id: 'e1',
    title: 'Visite de chantier',
    all_day: false,
    starts_at: '2026-11-23T09:00:00.000Z',
    ends_at: '2026-11-23T10:00:00.000Z',
    starts_on: null,
    ends_on: null,
    time_zone: 'Europe/Paris',
    location: null,
    comment: null,
    contact: null,
    assignees: ['camille'],
    reminders: null,
    reminder_days: [0],
    status: 'planned',
    visibility: 'team',
    revision: 1,
    created_by: 'camille',
    created_at: '2026-11-01T00:00:00.000Z',
    updated_at: '2026-11-01T00:00:00.000Z',
    busy: false,
    ...changes,
  };
}

/** The notification with that number in its person's sequence. */
export function notification(
  seq: number,
  changes: Partial<NotificationItem> = {},
): NotificationItem {
  return {
    id: `n${seq}`,
    seq,
    change: seq,
    type: 'event',
    notification_type: '30min_before',
    outcome: 'fired',
    title: 'Rappel événement',
    message: 'Votre événement commence dans 30 minutes (23/11/2026 à 10:00) - Marie Dupont',
    minutes_before: 30,
    event_id: 'e1',
    event: {
      id: 'e1',
      datetime: '2026-11-23T09:00:00.000Z',
      contactId: null,
      contactName: 'Marie Dupont',
      contactPhone: '+33 6 12 34 56 78',
      comment: null,
      title: 'Visite de chantier',
      location: null,
      endsAt: null,
      allDay: false,
      timeZone: 'Europe/Paris',
    },
    data: { notification_type: '30min_before', minutes_before: 30 },
    due_at: '2026-11-23T08:30:00.000Z',
    created_at: '2026-11-23T08:30:00.000Z',
    late: false,
    parent_id: null,
    is_read: false,
    dismissed_at: null,
    snoozed_until: null,
    withdrawn_at: null,
    ...changes,
  };
}

export function camille(changes: Partial<Me> = {}): Me {
  return {
    id: 'camille',
    name: 'Camille Martin',
    role: 'member',
    email: null,
    locale: null,
    time_zone: null,
    reminders: null,
    quiet_hours: null,
    active: true,
    office: {
      name: 'Atelier',
      locale: 'fr',
      time_zone: 'Europe/Paris',
      reminders: [30, 5],
      hub_id: 'hub',
      epoch: 1,
      kept_by: null,
    },
    device_id: 'd1',
    ...changes,
  };
}

/** A desktop with the hub in it, which is not shared. */
export function desktopState(changes: Partial<DesktopState> = {}): DesktopState {
  return {
    stage: 'ready',
    role: 'hub',
    contact: { state: 'open' },
    joined: null,
    syncedAt: null,
    moved: null,
    asking: null,
    accountName: 'Camille',
    locale: 'fr',
    timeZone: 'Europe/Paris',
    hubAddress: 'http://127.0.0.1:7710',
    settings: {
      openToLan: false,
      paused: false,
      startAtLogin: false,
      keepAwake: false,
      language: null,
    },
    sharing: null,
    popups: { available: true, problem: null },
    pendingPath: null,
    ...changes,
  };
}
