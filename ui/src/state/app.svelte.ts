/** The whole app: who is who, the order of starting, and where each frame goes. */

import { getContext, setContext } from 'svelte';
import { HubApi, HubError } from '../api/hub';
import type {
  HubFrame,
  Invitation,
  JoinRequest,
  Me,
  NotificationItem,
  TroubleItem,
} from '../api/types';
import { Chime } from '../chime';
import type { Words } from '../i18n';
import type { DesktopState, MovedTo, Platform } from '../platform/types';
import { dayAt } from '../time/zone';
import { Agenda } from './agenda.svelte';
import { Clock } from './clock.svelte';
import { Copies } from './copies.svelte';
import { Front, tabChannel } from './front.svelte';
import { Inbox } from './inbox.svelte';
import { Installing } from './installing.svelte';
import type { Memory } from './memory';
import { People } from './people.svelte';
import { canSnooze, Popups } from './popups.svelte';
import { Preferences } from './preferences.svelte';
import { Reach, type Choice } from './reach.svelte';
import { Router } from './router.svelte';
import { SecureOffice } from './secure-office.svelte';
import { explanation } from './explanation';
import { Session } from './session.svelte';
import { isSignedOut, keptUntil } from './standing';
import { Sharing } from './sharing.svelte';
import { Sight } from './sight';
import { Toasts } from './toasts.svelte';
import { Visitors } from './visitors.svelte';

const RETRY_MS = 5_000;
const LINE_PATIENCE_MS = 1_500;

/** A hub's history: it stays with the data, and its epoch grows when a backup is restored. */
type History = { hub: string; epoch: number };

/** How far the app has come. */
export type Stage =
  'starting' | 'unreachable' | 'signed_out' | 'secure_only' | 'moved' | 'first_start' | 'ready';

export class App {
  stage = $state<Stage>('starting');
  /** Signed out while in use, rather than never signed in. */
  wasSignedIn = $state(false);
  /** This browser has just come in, and has not been told yet what it can do. */
  justJoined = $state(false);
  /** The invitation for everybody that was made here: its secrets are shown only once. */
  invitation = $state.raw<Invitation | null>(null);
  desktopState = $state.raw<DesktopState | null>(null);
  /** Where the office is, once the one that this page talked to is not its hub any more. */
  movedTo = $state.raw<MovedTo | null>(null);
  /** The last event that changed anywhere; `revision` is null when it was deleted. */
  lastChange = $state.raw<{ id: string; revision: number | null } | null>(null);
  /** How often the hub was restored from a backup while the app was open. */
  restores = $state(0);
  /** Why the hub can store nothing, as long as it says so. */
  hubTrouble = $state<TroubleItem | null>(null);
  /** The last popup that appeared, to be read out. */
  announced = $state.raw<NotificationItem | null>(null);
  /** The last request to be let in, to be read out. */
  knocked = $state.raw<JoinRequest | null>(null);

  readonly api: HubApi;
  readonly clock = new Clock();
  readonly router = new Router();
  readonly toasts = new Toasts();
  readonly chime = new Chime();
  readonly front = new Front();
  readonly preferences: Preferences;
  readonly people: People;
  readonly copies: Copies;
  readonly inbox: Inbox;
  readonly agenda: Agenda;
  readonly popups: Popups;
  readonly visitors: Visitors;
  readonly reach: Reach;
  readonly secureOffice: SecureOffice;
  readonly installing = new Installing();
  readonly session: Session;
  readonly sharing = new Sharing(() => this.desktopState);
  readonly sight: Sight;

  /** What the hub had when the present line opened: what comes up to it is replayed. */
  #head = 0;
  #hasListened = false;
  /** The history that what is known here belongs to; null while it is being fetched anew. */
  #history: History | null = null;

  constructor(
    readonly platform: Platform,
    readonly memory: Memory,
  ) {
    this.api = new HubApi(platform);
    this.api.onSignedOut = () => this.#signedOut();
    this.api.onMoved = () => void this.lookWhetherMoved();
    this.api.onHttpsRequired = () => void this.#lookWhetherShut();
    this.preferences = new Preferences(this.api, memory, navigator.languages);
    this.people = new People(this.api);
    this.copies = new Copies(this.api);
    this.inbox = new Inbox(this.api);
    this.agenda = new Agenda({
      api: this.api,
      me: () => this.me,
      zone: () => this.preferences.zone,
      today: () => this.today,
    });
    this.popups = new Popups({
      api: this.api,
      inbox: this.inbox,
      memory,
      onShown: (item) => this.#popupShown(item),
      onFailure: (thrown) => this.#popupFailed(thrown),
    });
    this.visitors = new Visitors({ api: this.api, onKnock: (request) => this.#knocked(request) });
    this.reach = new Reach({
      open: (item) => void this.#openEvent(item),
      go: (path) => void this.router.go(path),
      choices: (item) => this.#choices(item),
    });
    this.secureOffice = new SecureOffice(this.api);
    this.session = new Session(platform, {
      resume: () => this.inbox.resume(),
      onFrame: (frame) => this.#receive(frame),
      device: () => this.preferences.me?.device_id ?? '',
      onRefused: () => this.#signedOut(),
      upToDate: () => this.inbox.isCurrent(),
      onReplaced: () => void this.enter(),
    });
    this.sight = new Sight({ send: (frame) => this.session.send(frame) });
  }

  get words(): Words {
    return this.preferences.words;
  }

  /** Who is signed in. Only what is shown to somebody signed in may ask. */
  get me(): NonNullable<Preferences['me']> {
    if (this.preferences.me === null) throw new Error('BUG: nobody is signed in');
    return this.preferences.me;
  }

  /** While the hub is away and what is kept is shown, not to be changed: until when that was up to date. */
  get keptUntil(): number | null {
    return keptUntil(this.desktopState);
  }

  /** Whether the desktop around the page shows what there is to be told; a paused one does not. */
  get tellsByItself(): boolean {
    const known = this.desktopState;
    return known !== null && known.popups.available && !known.settings.paused;
  }

  /** The day it is where I am. */
  get today(): string {
    return dayAt(this.clock.now, this.preferences.zone);
  }

  async start(): Promise<void> {
    this.router.start();
    this.clock.start();
    const { desktop } = this.platform;
    if (desktop === null) {
      this.front.start(tabChannel);
      this.installing.start();
      void this.reach.start();
    } else {
      desktop.onNavigate((path) => void this.router.go(path));
      desktop.onStateChanged(() => void this.readDesktop());
      await this.readDesktop();
    }
    const handover = this.secureOffice.takeHandover();
    await Promise.all([this.#begin(), this.secureOffice.load()]);
    if (handover !== null && this.stage === 'signed_out') await this.#arrive(handover);
  }

  /** Goes on here as on the plain page. */
  async #arrive(handover: { code: string; secret: string }): Promise<void> {
    this.stage = 'starting';
    try {
      await this.secureOffice.arrive(handover);
      await this.enter();
    } catch (thrown) {
      this.#signedOut();
      this.complain(thrown, this.words.secure.arrivalFailed);
    }
  }

  /** As the popup's buttons. */
  #choices(item: NotificationItem): Choice[] {
    const { popup } = this.words;
    const choices: Choice[] = [{ action: 'dismiss', title: popup.gotIt }];
    if (canSnooze(item)) choices.push({ action: 'snooze', title: popup.inMinutes(5) });
    return choices;
  }

  /** What there is to begin with: an office, or the question for one. */
  async #begin(): Promise<void> {
    if (this.desktopState?.stage === 'first_start') {
      this.session.stop();
      this.stage = 'first_start';
    } else await this.enter();
  }

  /** Finds out who is signed in here and begins to listen. */
  async enter(): Promise<void> {
    this.session.stop();
    // Trying again in vain should not make the page flicker.
    if (this.stage !== 'unreachable') this.stage = 'starting';
    try {
      const me = await this.api.me();
      this.preferences.me = me;
      await Promise.all([this.inbox.load(), this.people.load()]);
      if (this.platform.desktop === null) {
        await this.popups.start(`${me.office.hub_id}.${me.id}`, me.office.epoch, this.clock.now);
      }
      this.#history = historyOf(me);
    } catch (thrown) {
      this.#couldNotEnter(thrown);
      return;
    }
    this.wasSignedIn = true;
    this.stage = 'ready';
    this.#hasListened = false;
    this.session.start();
    // The events are asked for once changes to them are heard of, or else before long.
    setTimeout(() => {
      if (!this.#hasListened && this.stage === 'ready') void this.agenda.load();
    }, LINE_PATIENCE_MS);
  }

  /** A desktop has just come to an office, or has left one. */
  async enterDesktop(): Promise<void> {
    await this.readDesktop();
    await this.#begin();
  }

  /** This device has been signed out, by choice. */
  leave(): void {
    this.wasSignedIn = false;
    this.#signedOut();
  }

  /** Says what went wrong, in words for a person. */
  complain(thrown: unknown, otherwise: string = this.words.failure.unknown): void {
    this.toasts.complain(this.explain(thrown, otherwise));
  }

  /** The sentence for a failure. */
  explain(thrown: unknown, otherwise: string = this.words.failure.unknown): string {
    return explanation(thrown, this.words, otherwise);
  }

  #couldNotEnter(thrown: unknown): void {
    const isOut = thrown instanceof HubError && thrown.status === 401;
    if (isOut || isSignedOut(this.desktopState)) return this.#signedOut();
    if (thrown instanceof HubError && thrown.code === 'https_required') {
      this.stage = 'secure_only';
      return;
    }
    if (this.stage === 'moved') return;
    this.stage = 'unreachable';
    setTimeout(() => {
      if (this.stage === 'unreachable') void this.enter();
    }, RETRY_MS);
  }

  /** An admin has switched plain HTTP off, or this page has been told so. */
  async #lookWhetherShut(): Promise<void> {
    await this.secureOffice.load();
    if (!this.secureOffice.isShut) return;
    this.session.stop();
    this.stage = 'secure_only';
  }

  /** Says where the office is now, if the one that answers here is not its hub any more. */
  async lookWhetherMoved(): Promise<void> {
    // A desktop that has joined follows its hub by itself.
    const { role } = this.desktopState ?? {};
    if (role !== undefined) return role === 'hub' ? this.readDesktop() : undefined;
    // Where nobody answers nothing is known.
    const moved = await this.api.movedTo().catch(() => null);
    if (moved !== null) this.#moved({ ...moved, computer: null, follows: false });
  }

  #moved(to: MovedTo): void {
    this.session.stop();
    this.movedTo = to;
    this.stage = 'moved';
  }

  #signedOut(): void {
    if (this.stage === 'secure_only' || this.stage === 'moved') return;
    this.session.stop();
    this.stage = 'signed_out';
    this.preferences.me = null;
    this.invitation = null;
    this.copies.forget();
    this.visitors.put([]);
    this.reach.keepOnly([]);
  }

  /** Learns anew how this desktop stands. */
  async readDesktop(): Promise<void> {
    const { desktop } = this.platform;
    if (desktop === null) return;
    const wasKept = this.keptUntil !== null;
    this.desktopState = await desktop.state();
    const isKept = this.keptUntil !== null;
    if (this.stage === 'ready' && (wasKept || isKept)) this.#relist(wasKept !== isKept);
    this.preferences.guess = this.desktopState.settings.language ?? this.desktopState.locale;
    if (this.desktopState.moved !== null) this.#moved(this.desktopState.moved);
    this.#followContact(this.desktopState);
    const { pendingPath } = this.desktopState;
    if (pendingPath !== null) await this.router.go(pendingPath);
  }

  /** The desktop tells by itself, or does no longer: what is listed is another thing than before. */
  #relist(withEvents: boolean): void {
    // A list that cannot be fetched now is fetched when the line is back.
    void this.inbox.load().catch(() => undefined);
    if (withEvents) void this.agenda.load();
  }

  /** The desktop knows first how it stands with a hub elsewhere. */
  #followContact(state: DesktopState): void {
    if (state.role !== 'joined') return;
    if (state.contact.state === 'open') {
      if (['unreachable', 'signed_out', 'moved'].includes(this.stage)) void this.enter();
      else if (this.stage === 'ready' && this.session.lostAt !== null) this.session.reconnect();
    } else if (isSignedOut(state) && (this.stage === 'ready' || this.stage === 'unreachable')) {
      this.#signedOut();
    }
  }

  #receive(frame: HubFrame): void {
    // A line that was opened from another history says nothing that could be understood here.
    if (this.#history === null) return;
    switch (frame.type) {
      case 'connection_established':
        return this.#takeUp(frame);
      case 'event_notification':
        return this.#notified(frame.notification, frame.unread_count);
      case 'notification_updated':
        this.inbox.update(frame.notification, frame.unread_count);
        this.popups.update(frame.notification);
        return this.#closeStale();
      case 'unread_count_updated':
        return this.inbox.allRead(frame.unread_count, frame.change);
      case 'event_changed':
        this.lastChange = { id: frame.event_id, revision: frame.revision };
        return void this.agenda.changed(frame.event_id);
      case 'event_deleted':
        this.lastChange = { id: frame.event_id, revision: null };
        return this.agenda.remove(frame.event_id);
      case 'hub_trouble':
        this.hubTrouble = frame.trouble;
        return;
      case 'join_requests':
        this.visitors.put(frame.requests);
        return this.#closeStale();
      case 'snapshot_required':
        return void this.#takeSnapshot();
      case 'clock_wanted':
        // This device's own clock, not the one that follows the hub's.
        return void this.session.send({ type: 'clock', now: new Date().toISOString() });
      case 'error':
        return console.warn('The hub could not take a frame:', frame.error.code);
    }
  }

  #takeUp(frame: Extract<HubFrame, { type: 'connection_established' }>): void {
    this.clock.learn(frame.now);
    // If there is some, it is said next.
    this.hubTrouble = null;
    if (frame.hub.id !== this.#history?.hub || frame.hub.epoch !== this.#history.epoch) {
      return void this.#startOver();
    }
    this.#head = frame.seq;
    this.inbox.unread = frame.unread_count;
    // Where somebody waits, the hub says so next.
    this.visitors.put([]);
    this.session.send({ type: 'watch_events', ...this.agenda.watched() });
    this.#acknowledge();
    this.sight.flush();
    // What changed before this line watched was announced to nobody here.
    void this.agenda.load();
    if (this.#hasListened) this.people.refresh();
    if (this.me.role === 'admin') this.copies.refresh();
    this.#hasListened = true;
  }

  #notified(item: NotificationItem, unread: number): void {
    const replayed = item.seq <= this.#head;
    // What is left is to be right from the first moment, not from the next tick.
    if (!replayed) this.clock.reach(item.created_at);
    this.inbox.receive(item, unread, replayed);
    if (this.platform.desktop === null) this.popups.receive(item, replayed, this.clock.now);
    this.#closeStale();
    if (item.seq >= this.#head) this.#acknowledge();
  }

  /** Everything that the list has is safe on this device. */
  #acknowledge(): void {
    if (this.inbox.seq > 0) this.session.send({ type: 'ack', seq: this.inbox.seq });
  }

  /** The hub was restored from a backup: everything is fetched anew, and told apart by its id. */
  async #startOver(): Promise<void> {
    const before = this.#history;
    this.#history = null;
    try {
      const me = await this.api.me();
      // Another office altogether, which has moved in at this address.
      if (me.office.hub_id !== before?.hub) return void this.enter();
      this.preferences.me = me;
      await Promise.all([this.inbox.load(), this.people.load()]);
      await this.#matchPopups(me.office.epoch);
      this.#history = historyOf(me);
      this.restores += 1;
      this.session.reconnect();
    } catch (thrown) {
      this.session.stop();
      this.#couldNotEnter(thrown);
    }
  }

  async #matchPopups(epoch: number): Promise<void> {
    if (this.platform.desktop === null) await this.popups.afterSnapshot(epoch, this.clock.now);
  }

  async #takeSnapshot(): Promise<void> {
    try {
      await this.inbox.load();
      await this.agenda.load();
      await this.#matchPopups(this.#history?.epoch ?? 0);
      this.session.reconnect();
    } catch (thrown) {
      this.complain(thrown);
    }
  }

  #popupFailed(thrown: unknown): void {
    // Taken back, or unknown to a hub that was restored.
    const stale = thrown instanceof HubError && (thrown.status === 404 || thrown.status === 409);
    if (stale) this.toasts.say(this.words.popup.noLonger);
    else this.complain(thrown, this.words.popup.failed);
  }

  #popupShown(item: NotificationItem): void {
    this.front.whenHere(() => {
      if (!this.popups.open.some(({ id }) => id === item.id)) return;
      this.announced = item;
      if (this.preferences.sound) this.chime.play();
      this.reach.show(item);
    });
  }

  /** What the system shows goes when its popup goes. */
  #closeStale(): void {
    this.reach.keepOnly([...this.popups.open, ...this.visitors.all]);
  }

  #knocked(request: JoinRequest): void {
    if (this.tellsByItself) return;
    this.front.whenHere(() => {
      if (!this.visitors.all.some(({ id }) => id === request.id)) return;
      this.knocked = request;
      if (this.preferences.sound) this.chime.play();
      this.reach.say(request.id, this.words.joining.wantsIn(request.name, request.device_name));
    });
  }

  /** As by the button of its popup. */
  async #openEvent(item: NotificationItem): Promise<void> {
    const gone = await this.router.go(`/events/${item.event_id}`);
    if (gone) await this.popups.gotIt(item);
  }
}

function historyOf(me: Me): History {
  return { hub: me.office.hub_id, epoch: me.office.epoch };
}

const KEY = Symbol('app');

export function provideApp(app: App): App {
  return setContext(KEY, app);
}

export function useApp(): App {
  return getContext<App>(KEY);
}
