/** The wire types of the hub: what HTTP answers and WebSocket frames look like. */

export type Contact = { id: string | null; name: string; phone: string | null; email: string | null };

type EventStatus = 'planned' | 'done' | 'cancelled';

type Visibility = 'team' | 'private';

export type EventItem = {
  id: string;
  title: string;
  all_day: boolean;
  starts_at: string | null;
  ends_at: string | null;
  starts_on: string | null;
  ends_on: string | null;
  time_zone: string;
  location: string | null;
  comment: string | null;
  contact: Contact | null;
  assignees: string[];
  reminders: number[] | null;
  reminder_days: number[] | null;
  status: EventStatus;
  visibility: Visibility;
  revision: number;
  created_by: string;
  created_at: string;
  updated_at: string;
  busy: boolean;
};

export type EventInput = {
  title?: string;
  all_day?: boolean;
  starts_at?: string | null;
  ends_at?: string | null;
  starts_on?: string | null;
  ends_on?: string | null;
  time_zone?: string;
  location?: string | null;
  comment?: string | null;
  contact?: Contact | null;
  assignees?: string[];
  reminders?: number[] | null;
  reminder_days?: number[] | null;
  status?: EventStatus;
  visibility?: Visibility;
};

export type EventPatch = EventInput;

export type EventList = { events: EventItem[]; next_cursor: string | null };

type Role = 'admin' | 'member';

type QuietHours = { from: string; to: string };

export type Person = {
  id: string;
  name: string;
  role: Role;
  email: string | null;
  locale: string | null;
  time_zone: string | null;
  reminders: number[] | null;
  quiet_hours: QuietHours | null;
  active: boolean;
};

export type Preferences = {
  locale?: string | null;
  time_zone?: string | null;
  reminders?: number[] | null;
  quiet_hours?: QuietHours | null;
};

type DeviceKind = 'browser' | 'desktop' | 'token';

export type Device = {
  id: string;
  person_id: string;
  name: string;
  kind: DeviceKind;
  created_at: string;
  last_seen_at: string | null;
};

export type Paired = { person: Person; device: Device; token?: string | null };

export type Invitation = {
  link: string;
  link_expires_at: string;
  code: string;
  code_expires_at: string;
};

type NotificationOutcome = 'fired' | 'missed';

export type NotificationEvent = {
  id: string;
  datetime: string;
  contactId: string | null;
  contactName: string | null;
  comment: string | null;
  title: string;
  location: string | null;
  endsAt: string | null;
  allDay: boolean;
  timeZone: string;
};

export type NotificationItem = {
  id: string;
  seq: number;
  change: number;
  type: string;
  notification_type: string;
  outcome: NotificationOutcome;
  title: string;
  message: string;
  minutes_before: number | null;
  event_id: string;
  event: NotificationEvent;
  due_at: string;
  created_at: string;
  late: boolean;
  parent_id: string | null;
  is_read: boolean;
  dismissed_at: string | null;
  snoozed_until: string | null;
  withdrawn_at: string | null;
};

export type NotificationList = {
  notifications: NotificationItem[];
  unread_count: number;
  seq: number;
  change: number;
};

export type UnreadCount = { unread_count: number };

export type ErrorBody = { error: { code: string; message: string; field: string | null } };

export type Health = { version: string; schema: number; uptime_seconds: number };

export type HubFrame =
  | {
      type: 'connection_established';
      unread_count: number;
      seq: number;
      change: number;
      now: string;
      hub: { id: string; epoch: number; version: string };
    }
  | { type: 'event_notification'; notification: NotificationItem; unread_count: number }
  | { type: 'notification_updated'; notification: NotificationItem; unread_count: number }
  | { type: 'unread_count_updated'; unread_count: number; change: number }
  | { type: 'event_changed'; event_id: string; revision: number }
  | { type: 'event_deleted'; event_id: string }
  | { type: 'snapshot_required' }
  | { type: 'error'; error: { code: string; message: string } };

export type ClientFrame =
  | { type: 'mark_read'; notification_id: string }
  | { type: 'mark_all_read' }
  | { type: 'snooze'; notification_id: string; minutes: number }
  | { type: 'dismiss'; notification_id: string }
  | { type: 'ack'; seq: number }
  | { type: 'watch_events'; from: string; to: string };
