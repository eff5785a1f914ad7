// Generated from the hub's wire types. Do not edit: see CONTRIBUTING.md.

export type ErrorDetail = {
  /** Stable, for programs. */
  code: string,
  /** For a person. */
  message: string,
  /** The field that is wrong, if it is one. */
  field: string | null, };

export type ErrorBody = {
  /** What went wrong. */
  error: ErrorDetail, };

export type TroubleItem = "disk_full" | "storage";

export type Health = {
  /** `ok`, or `trouble`. */
  status: string,
  /** Why nothing can be stored at present, if that is so. */
  trouble: TroubleItem | null,
  /** The program's version. */
  version: string,
  /** The version of the store's schema. */
  schema: number,
  /** Seconds since the hub started. */
  uptime_seconds: number, };

export type Contact = {
  /** In the system the contact comes from. */
  id: string | null,
  /** As people call them. */
  name: string | null,
  /** As it is dialled. */
  phone: string | null,
  /** Where to write. */
  email: string | null, };

export type EventItem = {
  /** Identity. */
  id: string,
  /** True: somebody's private event, of which only the times are shown. */
  busy: boolean,
  /** One line; may be empty. */
  title: string,
  /** Whether it takes whole days. */
  all_day: boolean,
  /** Start of a timed event. */
  starts_at: string | null,
  /** End of a timed event. */
  ends_at: string | null,
  /** First day of an all-day event. */
  starts_on: string | null,
  /** Last day of an all-day event, included. */
  ends_on: string | null,
  /** IANA name. */
  time_zone: string,
  /** Where. */
  location: string | null,
  /** Anything else, several lines. */
  comment: string | null,
  /** With whom. */
  contact: Contact | null,
  /** Ids of people. */
  assignees: Array<string>,
  /** Minutes before the start; null: each assignee's own. */
  reminders: Array<number> | null,
  /** Days before an all-day event. */
  reminder_days: Array<number>,
  /** Where it stands. */
  status: "planned" | "done" | "cancelled",
  /** Who may see what it is about. */
  visibility: "team" | "private",
  /** For `If-Match`. */
  revision: number,
  /** Id of a person; null where `busy`. */
  created_by: string | null,
  /** When it was made. */
  created_at: string | null,
  /** When it was last changed. */
  updated_at: string | null, };

export type EventList = {
  /** By start. */
  events: Array<EventItem>,
  /** For the next page; null: there is none. */
  next_cursor: string | null, };

export type EventInput = {
  /** One line. */
  title?: string | null,
  /** Left out, it follows from which start is given. */
  all_day?: boolean | null,
  /** With an offset, or as wall time of `time_zone`. */
  starts_at?: string | null,
  /** Not before the start. */
  ends_at?: string | null,
  /** First day of an all-day event. */
  starts_on?: string | null,
  /** Last day of an all-day event, included. */
  ends_on?: string | null,
  /** IANA name; left out, the creator's. */
  time_zone?: string | null,
  /** Where. */
  location?: string | null,
  /** Anything else, several lines. */
  comment?: string | null,
  /** With whom. */
  contact?: Contact | null,
  /** Ids of people. */
  assignees?: Array<string> | null,
  /** Minutes before the start; null: each assignee's own. */
  reminders?: Array<number> | null,
  /** Days before an all-day event. */
  reminder_days?: Array<number> | null,
  /** `planned` if left out. */
  status?: string | null,
  /** `team` if left out. */
  visibility?: string | null, };

export type EventPatch = {
  /** One line. */
  title?: string | null,
  /** Whether it takes whole days. */
  all_day?: boolean,
  /** Alone, it keeps the duration. */
  starts_at?: string | null,
  /** Not before the start. */
  ends_at?: string | null,
  /** Alone, it keeps the number of days. */
  starts_on?: string | null,
  /** Included. */
  ends_on?: string | null,
  /** Alone, it keeps the wall time and so moves the event. */
  time_zone?: string,
  /** Where. */
  location?: string | null,
  /** Anything else, several lines. */
  comment?: string | null,
  /** With whom; replaced whole. */
  contact?: Contact | null,
  /** Ids of people; replaced whole. */
  assignees?: Array<string>,
  /** Minutes before the start; null: each assignee's own. */
  reminders?: Array<number> | null,
  /** Days before an all-day event; null: on the day itself. */
  reminder_days?: Array<number> | null,
  /** Where it stands. */
  status?: string,
  /** Who may see what it is about. */
  visibility?: string, };

export type QuietHoursItem = {
  /** `19:00`. */
  from: string,
  /** `07:30`; may be earlier than `from`: over midnight. */
  to: string, };

export type Person = {
  /** Identity. */
  id: string,
  /** As colleagues call them. */
  name: string,
  /** What they may do. */
  role: "admin" | "member",
  /** Null for those who may not see it. */
  email: string | null,
  /** Their language. */
  locale: "fr" | "en" | null,
  /** IANA name. */
  time_zone: string | null,
  /** Minutes before the start. */
  reminders: Array<number> | null,
  /** Hours without sound. */
  quiet_hours: QuietHoursItem | null,
  /** False once they have left. */
  active: boolean, };

export type PersonList = {
  /** By name, those who left included. */
  people: Array<Person>, };

export type OfficeItem = {
  /** As its people call it. */
  name: string,
  /** Its language. */
  locale: "fr" | "en",
  /** IANA name. */
  time_zone: string,
  /** Minutes before the start. */
  reminders: Array<number>,
  /** Which hub this is. */
  hub_id: string,
  /** One more with each restore of a backup: what a client knew holds no more. */
  epoch: number,
  /** Whose desktop the hub is in; null where it is in none. */
  kept_by: string | null, };

export type Me = {
  /** What holds where the person did not choose. */
  office: OfficeItem,
  /** The device that asks. */
  device_id: string,
  /** Identity. */
  id: string,
  /** As colleagues call them. */
  name: string,
  /** What they may do. */
  role: "admin" | "member",
  /** Null for those who may not see it. */
  email: string | null,
  /** Their language. */
  locale: "fr" | "en" | null,
  /** IANA name. */
  time_zone: string | null,
  /** Minutes before the start. */
  reminders: Array<number> | null,
  /** Hours without sound. */
  quiet_hours: QuietHoursItem | null,
  /** False once they have left. */
  active: boolean, };

export type Preferences = {
  /** `fr` or `en`. */
  locale?: string | null,
  /** IANA name. */
  time_zone?: string | null,
  /** Minutes before the start. */
  reminders?: Array<number> | null,
  /** Hours without sound. */
  quiet_hours?: QuietHoursItem | null, };

export type PersonInput = {
  /** As colleagues call them. */
  name: string,
  /** `member` if left out. */
  role?: string | null,
  /** Where to write. */
  email?: string | null,
  /** `fr` or `en`. */
  locale?: string | null,
  /** IANA name. */
  time_zone?: string | null,
  /** Minutes before the start. */
  reminders?: Array<number> | null, };

export type PersonPatchInput = {
  /** As colleagues call them. */
  name?: string,
  /** `admin` or `member`. */
  role?: string,
  /** Where to write. */
  email?: string | null,
  /** `fr` or `en`. */
  locale?: string | null,
  /** IANA name. */
  time_zone?: string | null,
  /** Minutes before the start. */
  reminders?: Array<number> | null,
  /** Hours without sound. */
  quiet_hours?: QuietHoursItem | null,
  /** Whether they are of the office. */
  active?: boolean, };

export type Device = {
  /** Identity. */
  id: string,
  /** For whom it acts. */
  person_id: string,
  /** As its person calls it. */
  name: string,
  /** What it is. */
  kind: "browser" | "desktop" | "token",
  /** When it was paired. */
  created_at: string,
  /** When it was last heard of, to the minute. */
  last_seen_at: string | null,
  /** Whether it has a session open at present. */
  connected: boolean, };

export type DeviceList = {
  /** In the order of their creation. */
  devices: Array<Device>, };

export type DevicePatchInput = {
  /** As its person calls it. */
  name: string, };

export type Invitation = {
  /** To be opened in the invited person's browser. */
  link: string,
  /** Until when the link works. */
  link_expires_at: string,
  /** To be typed instead. */
  code: string,
  /** Until when the code works. */
  code_expires_at: string,
  /** The link as a QR code: a row of `1` (dark) and `0` each, without the quiet zone. */
  qr: Array<string>, };

export type PairInput = {
  /** The link's secret, or the short code. */
  code: string,
  /** As its person will call it. */
  device_name: string, };

export type Paired = {
  /** For whom it acts. */
  person: Person,
  /** The device. */
  device: Device,
  /** For programs only: a page never sees its token. */
  token?: string,
  /** For desktops only: which hub this is, by which they find it again. */
  hub_id?: string, };

export type OpenInvitationsItem = {
  /** How many links. */
  count: number,
  /** Until when the last of them works. */
  last_expires_at: string | null, };

export type TicketInput = {
  /** The link's secret, or the short code. */
  code: string, };

export type TicketPerson = {
  /** Identity. */
  id: string,
  /** As colleagues call them. */
  name: string, };

export type TicketItem = {
  /** `personal`: it lets its person in. `open`: one may ask to be let in. */
  kind: "personal" | "open",
  /** What the office calls itself. */
  office: string,
  /** Whose it is, if it is somebody's. */
  name: string | null,
  /** The people whom nobody is yet on any device, by name; empty for a personal one. */
  people: Array<TicketPerson>, };

export type JoinTicket = {
  /** Which. */
  id: string,
  /** What proves that it is one's own. */
  secret: string, };

export type JoinInput = {
  /** The link or code of an invitation for everybody; without one, one asks as a stranger. */
  code?: string | null,
  /** One of the people of the invitation. */
  person_id?: string | null,
  /** As one is called; required where no person is chosen. */
  name?: string | null,
  /** What the device is: shown to whoever decides. */
  device_name?: string | null,
  /** An earlier wish of the same browser, which this one takes the place of. */
  replaces?: JoinTicket | null, };

export type JoinAsked = {
  /** Which. */
  id: string,
  /** What proves that it is one's own. */
  secret: string,
  /** Until when it waits. */
  expires_at: string, };

export type JoinSecret = {
  /** As it was shown once. */
  secret: string, };

export type JoinStatus = {
  /** Where it stands. */
  state: "waiting" | "accepted" | "declined" | "expired",
  /** Once accepted: who one is. */
  person?: Person,
  /** Once accepted: the device. */
  device?: Device,
  /** Once accepted, for programs only: a page never sees its token. */
  token?: string,
  /** Once accepted, for desktops only: which hub this is, by which they find it again. */
  hub_id?: string, };

export type JoinRequest = {
  /** Which. */
  id: string,
  /** The name they typed, or that of the person they chose. */
  name: string,
  /** What their device says it is. */
  device_name: string,
  /** The person they chose from the invitation; null where they typed a name. */
  person_id: string | null,
  /** Somebody of the team whose name reads like the typed one. */
  looks_like: string | null,
  /** Whether they have the link or code of an invitation for everybody. */
  invited: boolean,
  /** Since when they wait. */
  asked_at: string,
  /** Until when they wait. */
  expires_at: string, };

export type JoinRequestList = {
  /** In the order in which they came. */
  requests: Array<JoinRequest>, };

export type AcceptInput = {
  /** Somebody of the office. */
  person_id?: string | null,
  /** Somebody new, a member, by this name. */
  name?: string | null, };

export type NotificationEvent = {
  /** Identity. */
  id: string,
  /** The start; of an all-day event 00:00 in its zone. */
  datetime: string,
  /** The contact's id. */
  contactId: string | null,
  /** The contact's name. */
  contactName: string | null,
  /** As the contact is called. */
  contactPhone: string | null,
  /** The whole comment. */
  comment: string | null,
  /** One line; may be empty. */
  title: string,
  /** Where. */
  location: string | null,
  /** The end, if it has one. */
  endsAt: string | null,
  /** Whether it takes whole days. */
  allDay: boolean,
  /** The event's own zone. */
  timeZone: string, };

export type NotificationData = {
  /** As in the notification. */
  notification_type: string,
  /** As in the notification. */
  minutes_before: number | null, };

export type NotificationItem = {
  /** Identity. */
  id: string,
  /** Its place in the history, without gaps. */
  seq: number,
  /** The number of its latest insert or update. */
  change: number,
  /** Always `event`. */
  type: "event",
  /** `assigned`, `30min_before`, …. */
  notification_type: string,
  /** Missed ones are listed and not popped up. */
  outcome: "fired" | "missed",
  /** In the reader's language. */
  title: string,
  /** In the reader's language and zone. */
  message: string,
  /** Of a reminder of a timed event. */
  minutes_before: number | null,
  /** Which event. */
  event_id: string,
  /** The event at that time. */
  event: NotificationEvent,
  /** For the CRM's list. */
  data: NotificationData,
  /** When it should have been told. */
  due_at: string,
  /** When the hub decided it. */
  created_at: string,
  /** Told more than two seconds after it was due. */
  late: boolean,
  /** What was put off and is told again here. */
  parent_id: string | null,
  /** Read, dismissed, put off or withdrawn. */
  is_read: boolean,
  /** When its person was done with it. */
  dismissed_at: string | null,
  /** When it will be told again. */
  snoozed_until: string | null,
  /** When it stopped being true. */
  withdrawn_at: string | null, };

export type NotificationList = {
  /** Newest first. */
  notifications: Array<NotificationItem>,
  /** How many are neither read nor withdrawn. */
  unread_count: number,
  /** The latest `seq`. */
  seq: number,
  /** The latest change. */
  change: number, };

export type UnreadCount = {
  /** Neither read nor withdrawn. */
  unread_count: number, };

export type SnoozeInput = {
  /** 1 to 10,080. */
  minutes: number, };

export type DeviceMoment = {
  /** Which device; it may have been revoked since. */
  device_id: string,
  /** As its person calls it. */
  name: string,
  /** What it is. */
  kind: "browser" | "desktop" | "token",
  /** When. */
  at: string, };

export type SnoozeFate = {
  /** When it was wished. */
  snoozed_at: string,
  /** When it was to be told again. */
  due_at: string,
  /** `collapsed`: a reminder said it. `cancelled`: another wish took its place, or there was nothing left to say. */
  state: "pending" | "cancelled" | "fired" | "collapsed" | "missed",
  /** When it was told again. */
  told_at: string | null,
  /** The notification that told it again. */
  told_by: string | null, };

export type ReminderFate = {
  /** Of a timed event. */
  minutes_before: number | null,
  /** Of an all-day event. */
  days_before: number | null,
  /** When it was, or is, due. */
  due_at: string,
  /** `collapsed`: another reminder said it too. `skipped`: it was due before it was set, and a notice had said it. */
  state: "pending" | "cancelled" | "fired" | "collapsed" | "skipped" | "missed",
  /** When it was told, or its being missed was. */
  told_at: string | null,
  /** The notification that told it: its own, another one's, or the one that says it was missed. */
  told_by: string | null, };

export type NotificationHistory = {
  /** Which. */
  notification_id: string,
  /** When it should have been told. */
  due_at: string,
  /** When the hub decided it. */
  created_at: string,
  /** From the one to the other, in milliseconds. */
  late_by_ms: number,
  /** As in the notification. */
  outcome: "fired" | "missed",
  /** Since when each device has had it, the first first. */
  received: Array<DeviceMoment>,
  /** When it was first before the reader's eyes on each device, the first first. */
  seen: Array<DeviceMoment>,
  /** When it was marked as read; null also where that is not known. */
  read_at: string | null,
  /** When its person was done with it. */
  dismissed_at: string | null,
  /** When it stopped being true. */
  withdrawn_at: string | null,
  /** What was put off and is told again here. */
  parent_id: string | null,
  /** When it was put off, and what came of that, the first first. */
  snoozes: Array<SnoozeFate>,
  /** What became of the reader's reminders of the same start, the first due first. */
  reminders: Array<ReminderFate>, };

export type ReminderFateList = {
  /** The first due first. */
  reminders: Array<ReminderFate>, };

export type ToldBefore = {
  /** Which notification. */
  notification_id: string,
  /** `assigned`, `30min_before`, …. */
  notification_type: string,
  /** Of a `moved` one: the start it had. */
  moved_from: string | null, };

export type ReplicaReminder = {
  /** Of which event. */
  event_id: string,
  /** Which start, as in a notification's key: `T:{unix ms}` or `D:YYYY-MM-DD`. */
  start: string,
  /** `reminder` or `snooze`. */
  purpose: "reminder" | "snooze",
  /** As in a notification's key: seconds before the start, `d:{days}`, or a UUID. */
  param: string,
  /** When it is to be told. */
  due_at: string,
  /** Due before it was armed, it is not told. */
  armed_at: string,
  /** What a snooze tells again. */
  told_before: ToldBefore | null, };

export type ReplicaContent = {
  /** As `GET /api/me`. */
  me: Me,
  /** As `GET /api/people`. */
  people: Array<Person>,
  /** The reader's own, by start; those of the last day too. */
  events: Array<EventItem>,
  /** The reader's pending ones, the first due first. */
  reminders: Array<ReplicaReminder>,
  /** The latest, newest first. */
  notifications: NotificationList, };

export type ReplicaItem = {
  /** The hub's clock. */
  now: string,
  /** The name of exactly this content. */
  version: string,
  /** Null: it is the one that the reader has. */
  content: ReplicaContent | null, };

export type ReplicaSnooze = {
  /** A UUID of the desktop's. */
  id: string,
  /** When, by the hub's clock; a week ahead at most. */
  due_at: string, };

export type ReplicaReport = {
  /** Which, by its key: the hub need not have it. */
  notification_id: string,
  /** Of which event. */
  event_id: string,
  /** When it showed it, by the hub's clock; left out, it did not. */
  shown_at?: string | null,
  /** Whether its person is done with it. */
  dismissed: boolean,
  /** When its person wants to be told again. */
  snooze?: ReplicaSnooze | null, };

export type ReplicaReports = {
  /** At most 500. Those of no reminder of the caller's are passed over. */
  reports: Array<ReplicaReport>, };

export type HubIdentity = {
  /** Stays with the data. */
  id: string,
  /** One more with each restore of a backup. */
  epoch: number,
  /** The program's version. */
  version: string,
  /** SHA-256 of the public key that desktops know it by, in base64url. */
  fingerprint: string, };

export type AuditPerson = {
  /** Their id. */
  id: string,
  /** As colleagues call them. */
  name: string, };

export type AuditObject = { "kind": "event",
  /** Its id. */
  id: string,
  /** Its title. */
  title: string | null,
  /** Whether that is why it has none. */
  is_private: boolean, } | { "kind": "person",
  /** Their id. */
  id: string,
  /** As colleagues call them. */
  name: string | null, } | { "kind": "device",
  /** Its id. */
  id: string,
  /** As its person calls it. */
  name: string | null,
  /** Whose it is. */
  owner: string | null, } | { "kind": "copy",
  /** By which it is asked for. */
  name: string, };

export type AuditEntry = {
  /** Grows with time. */
  id: number,
  /** When. */
  at: string,
  /** Who did it; null: the hub, or whoever gives commands on its machine. */
  by: AuditPerson | null,
  /** On which of their devices. */
  device: string | null,
  /** What: `event.update`, `person.create`, …. */
  action: string,
  /** What it was done to. */
  object: AuditObject | null,
  /** The names of the fields that changed. */
  fields: Array<string>,
  /** The names of people who were put on an event. */
  added: Array<string>,
  /** The names of people who were taken off it. */
  removed: Array<string>,
  /** Whether somebody is of the office since. */
  active: boolean | null,
  /** What somebody may do since. */
  role: string | null, };

export type AuditList = {
  /** The latest first. */
  entries: Array<AuditEntry>,
  /** What `before` has to be for those that follow; null: there are no more. */
  next_before: number | null, };

export type StoreCopy = {
  /** By which it is asked for. */
  name: string,
  /** Why it was made: by the hub each day, by an admin, before a restore, before the schema changed, or somewhere else. */
  kind: "daily" | "manual" | "before_restore" | "before_migration" | "uploaded",
  /** When it was made; of an uploaded one: when it came. */
  made_at: string,
  /** Its size. */
  bytes: number,
  /** The version of its schema. */
  schema: number, };

export type CopyFailure = {
  /** When it was tried. */
  at: string,
  /** What it says about the disk; null: it was something else, which the hub's log names. */
  trouble: TroubleItem | null, };

export type CopyList = {
  /** The latest first. */
  copies: Array<StoreCopy>,
  /** The folder where they are; for callers on the hub's own machine. */
  folder: string | null,
  /** Why the last try to make one failed, if it did. */
  failure: CopyFailure | null,
  /** The data have changed, and for days there was no new copy. */
  is_late: boolean, };

export type Lost = {
  /** Events that it does not have. */
  events: number,
  /** Events that it has as they were before. */
  changed_events: number,
  /** People whom it does not know. */
  people: number,
  /** Devices that it does not know, and that have to be invited again. */
  devices: number,
  /** When its data were last changed by somebody. */
  last_change_at: string | null, };

export type CopyDetail = {
  /** The copy. */
  copy: StoreCopy,
  /** What would be lost; null where it cannot be read. */
  lost: Lost | null, };

export type Restored = {
  /** Which history it is from now on. */
  epoch: number,
  /** The copy of what was there before. */
  kept: string | null, };

export type Authority = {
  /** As it stands in the lists of devices. */
  name: string,
  /** SHA-256 of the certificate: `AB:CD:…`. */
  fingerprint: string,
  /** SHA-1 of the certificate, which Windows shows. */
  thumbprint: string,
  /** Until when it is good. */
  expires_at: string, };

export type SecureOffice = {
  /** Over HTTPS as well. */
  on: boolean,
  /** Over plain HTTP, for other machines; then at least for what is no administration. */
  plain_http: boolean,
  /** Whether nobody can read this call on its way: it came over TLS, or from the hub's machine. */
  private: boolean,
  /** Where the hub is over HTTPS: scheme, host and port. */
  address: string | null,
  /** By whom browsers know the hub, once that was made. */
  authority: Authority | null, };

export type SecureOfficePatch = {
  /** Whether browsers are served over HTTPS. */
  on?: boolean,
  /** Whether other machines may use plain HTTP. */
  plain_http?: boolean, };

export type HandoverInput = {
  /** SHA-256 of the secret that it keeps, in base64url. */
  challenge: string, };

export type Handover = {
  /** To be shown there within a minute, once, with the secret. */
  code: string, };

export type ArrivalInput = {
  /** What it got for the challenge. */
  code: string,
  /** The secret. */
  secret: string, };

export type Arrived = {
  /** For whom it acts. */
  person: Person,
  /** The same device as before. */
  device: Device, };

export type Heir = {
  /** Which device. */
  device_id: string,
  /** As its person calls it. */
  name: string,
  /** Whose it is. */
  person_id: string,
  /** Their name. */
  person_name: string,
  /** Whether it could be asked at present. */
  online: boolean, };

export type Keeper = {
  /** Which one. */
  desktop: Heir,
  /** When it was chosen. */
  chosen_at: string,
  /** When it last said that its copy is whole and on its disk; null: it has none yet. */
  kept_at: string | null,
  /** How large that copy is. */
  kept_bytes: number | null, };

export type HandoverStage = "offered" | "accepted" | "committed";

export type HubHandover = {
  /** Its number. */
  id: string,
  /** The desktop that is to be the hub. */
  device_id: string,
  /** How far it has come. */
  stage: HandoverStage, };

export type Succession = {
  /** Which desktop keeps a daily copy. */
  keeper: Keeper | null,
  /** The desktops that can: those of admins that have joined. */
  heirs: Array<Heir>,
  /** The handover that is under way. */
  handover: HubHandover | null,
  /** Whether whoever asks sits at the hub itself: only from there it is moved. */
  is_at_hub: boolean, };

export type HeirInput = {
  /** Which device. */
  device_id: string, };

export type HubItem = {
  /** Stays with the data. */
  id: string,
  /** One more with each restore of a backup. */
  epoch: number,
  /** The program's version. */
  version: string, };

export type HubFrame = { "type": "connection_established",
  /** Neither read nor withdrawn. */
  unread_count: number,
  /** The latest `seq`. */
  seq: number,
  /** The latest change. */
  change: number,
  /** The hub's clock. */
  now: string,
  /** Which hub this is. */
  hub: HubItem, } | { "type": "event_notification",
  /** It. */
  notification: NotificationItem,
  /** Neither read nor withdrawn. */
  unread_count: number, } | { "type": "notification_updated",
  /** As it is now. */
  notification: NotificationItem,
  /** Neither read nor withdrawn. */
  unread_count: number, } | { "type": "unread_count_updated",
  /** Neither read nor withdrawn. */
  unread_count: number,
  /** The number of the last of these changes. */
  change: number, } | { "type": "hub_trouble",
  /** Why it cannot; null: it can again. */
  trouble: TroubleItem | null, } | { "type": "event_changed",
  /** Which. */
  event_id: string,
  /** Its revision now. */
  revision: number, } | { "type": "event_deleted",
  /** Which. */
  event_id: string, } | { "type": "join_requests",
  /** In the order in which they came. */
  requests: Array<JoinRequest>, } | { "type": "snapshot_required" } | { "type": "clock_wanted" } | { "type": "error",
  /** What went wrong. */
  error: ErrorDetail, };

export type ClientFrame = { "type": "mark_read",
  /** Which. */
  notification_id: string, } | { "type": "mark_all_read", } | { "type": "snooze",
  /** Which. */
  notification_id: string,
  /** 1 to 10,080. */
  minutes: number, } | { "type": "dismiss",
  /** Which. */
  notification_id: string, } | { "type": "ack",
  /** A receipt: it never changes what is replayed. */
  seq: number, } | { "type": "seen",
  /** Which, at most 500. Those that are not there are passed over. */
  notification_ids: Array<string>,
  /** How long ago, in milliseconds, for a device that could not say so at once; 0 if left out. */
  ago_ms?: number, } | { "type": "clock",
  /** RFC 3339. */
  now: string, } | { "type": "watch_events",
  /** RFC 3339. */
  from: string,
  /** RFC 3339. */
  to: string, };
