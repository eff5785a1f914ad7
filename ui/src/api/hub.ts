/** The hub's HTTP interface as typed calls; every refusal becomes a `HubError`. */

import type { HubAnswer, HubRequest, Platform } from '../platform/types';
import type {
  AuditList,
  CopyDetail,
  CopyList,
  ArrivalInput,
  Arrived,
  Device,
  ErrorBody,
  EventInput,
  EventItem,
  EventList,
  EventPatch,
  Handover,
  Invitation,
  JoinAsked,
  JoinInput,
  JoinRequest,
  JoinStatus,
  JoinTicket,
  Me,
  NotificationHistory,
  NotificationItem,
  NotificationList,
  OpenInvitationsItem,
  Paired,
  Person,
  Preferences,
  ReminderFate,
  ReminderFateList,
  Restored,
  StoreCopy,
  SecureOffice,
  SecureOfficePatch,
  Succession,
  TicketItem,
  UnreadCount,
} from './types';

export type EventQuery = {
  from?: string;
  to?: string;
  assignee?: string;
  status?: EventItem['status'];
  limit?: number;
  cursor?: string;
};

export type AuditQuery = { person?: string; topic?: string; before?: number };

/** Going back to a copy takes as long as there are data. */
const RESTORE_PATIENCE_MS = 120_000;

export type PersonChanges = { name?: string; role?: Person['role']; active?: true };

/** An answer that is an error, or no answer at all (`status` 0, code `unreachable`). */
export class HubError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field: string | null = null,
  ) {
    super(message);
    this.name = 'HubError';
  }

  get unreachable(): boolean {
    // 503 without a code of the hub's is an answer of something in between.
    const fromBetween = this.status === 503 && this.code === 'unknown';
    return this.status === 0 || this.status === 502 || this.status === 504 || fromBetween;
  }
}

export class HubApi {
  /** Called whenever the hub says that this device is not, or no longer, signed in. */
  onSignedOut: () => void = () => undefined;

  /** Called whenever the hub does something over https only. */
  onHttpsRequired: () => void = () => undefined;

  /** Called whenever the one that answers says that it is not the hub any more. */
  onMoved: () => void = () => undefined;

  constructor(private readonly platform: Platform) {}

  pair(code: string, deviceName: string): Promise<Paired> {
    return this.send('POST', '/api/pair', { code, device_name: deviceName });
  }

  /** What a link's secret or a short code is good for. */
  ticket(code: string): Promise<TicketItem> {
    return this.send('POST', '/api/join/ticket', { code });
  }

  askToJoin(wish: JoinInput): Promise<JoinAsked> {
    return this.send('POST', '/api/join-requests', wish);
  }

  /** Once it is accepted, the answer signs this browser in. */
  joinStatus({ id, secret }: JoinTicket): Promise<JoinStatus> {
    return this.send('POST', `/api/join-requests/${id}/status`, { secret });
  }

  withdrawJoin({ id, secret }: JoinTicket): Promise<void> {
    return this.send('POST', `/api/join-requests/${id}/withdraw`, { secret });
  }

  acceptJoin(id: string, who: { person_id: string } | { name: string }): Promise<Person> {
    return this.send('POST', `/api/join-requests/${id}/accept`, who);
  }

  declineJoin(id: string): Promise<void> {
    return this.send('POST', `/api/join-requests/${id}/decline`);
  }

  async joinRequests(): Promise<JoinRequest[]> {
    return (await this.send<{ requests: JoinRequest[] }>('GET', '/api/join-requests')).requests;
  }

  inviteEverybody(): Promise<Invitation> {
    return this.send('POST', '/api/invitations');
  }

  openInvitations(): Promise<OpenInvitationsItem> {
    return this.send('GET', '/api/invitations');
  }

  revokeOpenInvitations(): Promise<void> {
    return this.send('DELETE', '/api/invitations');
  }

  me(): Promise<Me> {
    return this.send('GET', '/api/me');
  }

  updateMe(changes: Preferences): Promise<Person> {
    return this.send('PATCH', '/api/me', changes);
  }

  /** Calls the office by another name. */
  renameOffice(name: string): Promise<{ id: string; name: string }> {
    return this.send('PATCH', '/api/office', { name });
  }

  async people(): Promise<Person[]> {
    return (await this.send<{ people: Person[] }>('GET', '/api/people')).people;
  }

  createPerson(person: { name: string; role: Person['role'] }): Promise<Person> {
    return this.send('POST', '/api/people', person);
  }

  updatePerson(id: string, changes: PersonChanges): Promise<Person> {
    return this.send('PATCH', `/api/people/${id}`, changes);
  }

  /** They are signed out everywhere; what they did stays. */
  removePerson(id: string): Promise<Person> {
    return this.send('DELETE', `/api/people/${id}`);
  }

  invite(personId: string): Promise<Invitation> {
    return this.send('POST', `/api/people/${personId}/invitations`);
  }

  async devices(): Promise<Device[]> {
    return (await this.send<{ devices: Device[] }>('GET', '/api/devices')).devices;
  }

  renameDevice(id: string, name: string): Promise<Device> {
    return this.send('PATCH', `/api/devices/${id}`, { name });
  }

  revokeDevice(id: string): Promise<void> {
    return this.send('DELETE', `/api/devices/${id}`);
  }

  events(query: EventQuery): Promise<EventList> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) search.set(name, String(value));
    }
    return this.send('GET', `/api/events?${search.toString()}`);
  }

  event(id: string): Promise<EventItem> {
    return this.send('GET', `/api/events/${id}`);
  }

  /** What became of my own reminders of an event. */
  async ownReminders(id: string): Promise<ReminderFate[]> {
    return (await this.send<ReminderFateList>('GET', `/api/events/${id}/reminders`)).reminders;
  }

  createEvent(event: EventInput, idempotencyKey: string): Promise<EventItem> {
    return this.request({ method: 'POST', path: '/api/events', body: event, idempotencyKey });
  }

  updateEvent(id: string, changes: EventPatch, revision: number): Promise<EventItem> {
    return this.request({ method: 'PATCH', path: `/api/events/${id}`, body: changes, ifMatch: revision });
  }

  deleteEvent(id: string): Promise<void> {
    return this.send('DELETE', `/api/events/${id}`);
  }

  restoreEvent(id: string): Promise<EventItem> {
    return this.send('POST', `/api/events/${id}/restore`);
  }

  copies(): Promise<CopyList> {
    return this.send('GET', '/api/copies');
  }

  makeCopy(): Promise<StoreCopy> {
    return this.request({ method: 'POST', path: '/api/copies' }, RESTORE_PATIENCE_MS);
  }

  /** A copy, and what going back to it would lose. */
  copy(name: string): Promise<CopyDetail> {
    return this.send('GET', `/api/copies/${name}`);
  }

  bringCopy(file: Blob, onProgress: (share: number) => void): Promise<StoreCopy> {
    return this.#answer(() => this.platform.files.upload('/api/copies/uploads', file, onProgress));
  }

  restoreCopy(name: string): Promise<Restored> {
    return this.request({ method: 'POST', path: `/api/copies/${name}/restore` }, RESTORE_PATIENCE_MS);
  }

  auditLog(query: AuditQuery): Promise<AuditList> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) search.set(name, String(value));
    return this.send('GET', `/api/audit?${search.toString()}`);
  }

  /** Which computers keep a copy of everything, or could run the office. */
  succession(): Promise<Succession> {
    return this.send('GET', '/api/hub/keeper');
  }

  /** Where the office is, when the one that answers is not its hub any more. */
  async movedTo(): Promise<{ address: string | null } | null> {
    type Reigning = { moved: { addresses: string[] } | null };
    const { moved } = await this.send<Reigning>('GET', '/api/hub/epoch');
    return moved === null ? null : { address: moved.addresses[0] ?? null };
  }

  chooseKeeper(device: string): Promise<null> {
    return this.send('POST', '/api/hub/keeper', { device_id: device });
  }

  dismissKeeper(): Promise<null> {
    return this.send('DELETE', '/api/hub/keeper');
  }

  handOver(device: string): Promise<unknown> {
    return this.send('POST', '/api/hub/handover', { device_id: device });
  }

  giveUpHandover(): Promise<null> {
    return this.send('DELETE', '/api/hub/handover');
  }

  notifications(limit: number, before?: number): Promise<NotificationList> {
    const page = before === undefined ? '' : `&before=${before}`;
    return this.send('GET', `/api/notifications?limit=${limit}${page}`);
  }

  markRead(id: string): Promise<UnreadCount> {
    return this.send('POST', `/api/notifications/${id}/read`);
  }

  markAllRead(): Promise<UnreadCount> {
    return this.send('POST', '/api/notifications/mark-all-read');
  }

  history(id: string): Promise<NotificationHistory> {
    return this.send('GET', `/api/notifications/${id}/history`);
  }

  snooze(id: string, minutes: number): Promise<NotificationItem> {
    return this.send('POST', `/api/notifications/${id}/snooze`, { minutes });
  }

  dismiss(id: string): Promise<NotificationItem> {
    return this.send('POST', `/api/notifications/${id}/dismiss`);
  }

  secureOffice(): Promise<SecureOffice> {
    return this.send('GET', '/api/secure-office');
  }

  changeSecureOffice(changes: SecureOfficePatch): Promise<SecureOffice> {
    return this.send('PATCH', '/api/secure-office', changes);
  }

  setOut(challenge: string): Promise<Handover> {
    return this.send('POST', '/api/secure-office/handovers', { challenge });
  }

  /** The answer signs this browser in. */
  arrive(handover: ArrivalInput): Promise<Arrived> {
    return this.send('POST', '/api/secure-office/arrivals', handover);
  }

  private send<Answer>(method: HubRequest['method'], path: string, body?: unknown): Promise<Answer> {
    return this.request(body === undefined ? { method, path } : { method, path, body });
  }

  private request<Answer>(request: HubRequest, patienceMs?: number): Promise<Answer> {
    return this.#answer(() => this.platform.call(request, patienceMs));
  }

  async #answer<Answer>(ask: () => Promise<HubAnswer>): Promise<Answer> {
    let answer;
    try {
      answer = await ask();
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      throw new HubError(0, 'unreachable', why);
    }
    if (answer.status >= 200 && answer.status < 300) return answer.body as Answer;
    if (answer.status === 401) this.onSignedOut();
    const error = asErrorBody(answer.body)?.error;
    if (error?.code === 'https_required') this.onHttpsRequired();
    if (error?.code === 'hub_moved') this.onMoved();
    throw new HubError(
      answer.status,
      error?.code ?? 'unknown',
      error?.message ?? `HTTP ${answer.status}`,
      error?.field ?? null,
    );
  }
}

function asErrorBody(body: unknown): ErrorBody | null {
  return typeof body === 'object' && body !== null && 'error' in body ? (body as ErrorBody) : null;
}
