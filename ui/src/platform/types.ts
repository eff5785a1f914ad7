/**
 * The seam between the app and where it runs: a browser that talks to the hub over the network, or
 * the desktop's window, whose own process answers. Nothing else in the app knows which.
 */

import type { ClientFrame, HubFrame } from '../api/types';

/** A call to the hub's HTTP interface, however it travels. */
export type HubRequest = {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Begins with `/api`. */
  path: string;
  body?: unknown;
  /** The revision that must still be current, for an `If-Match`. */
  ifMatch?: number;
  idempotencyKey?: string;
};

/** What the hub answered; `body` is the JSON of the answer, or null when there is none. */
export type HubAnswer = { status: number; body: unknown };

/** Where a session takes up: the last notification known here, and the last change. */
export type Resume = {
  since: number | null;
  lastId: string | null;
  changesSince: number | null;
};

/** Whose line it is, and whether the one before may be dead although it looked open. */
export type LineOwner = { device: string; suspect: boolean };

/** Why a line ended; `replaced`: somebody else has signed in in this browser. */
export type LineEnd = 'lost' | 'refused' | 'replaced';

/** One connection over which the hub pushes frames, until it ends. It never comes back by itself. */
export type Line = {
  send(frame: ClientFrame): void;
  /** Ends it without `onEnd`. */
  close(): void;
};

/** What a line reports, in order; nothing follows `onEnd`. */
export type LineEvents = {
  onFrame(frame: HubFrame): void;
  onEnd(end: LineEnd): void;
};

/** The settings of this desktop. */
export type DesktopSettings = {
  openToLan: boolean;
  paused: boolean;
  startAtLogin: boolean;
  keepAwake: boolean;
  language: 'fr' | 'en' | null;
};

/** How it stands between this desktop and its hub. */
export type Contact =
  | { state: 'untried' | 'open' }
  | { state: 'away'; since: string; why: 'silent' | 'wrong_key' | 'signed_out' };

/** How far sharing the hub of this desktop has come. */
export type Shared = {
  place: 'unshared' | 'network' | 'no_network' | 'failed';
  /** Another machine has reached the hub there. */
  reached: boolean;
  /** The network is marked as one on which strangers are. */
  publicNetwork: boolean;
  firewall: 'unknown' | 'windows' | 'macos' | 'ufw' | 'firewalld';
  /** The computer is being kept awake. */
  awake: boolean;
  /** Where colleagues still look for the hub, when it is elsewhere now. */
  movedFrom: string | null;
};

/** Another computer runs the office; `follows`: this desktop comes along by itself. */
export type MovedTo = { computer: string | null; address: string | null; follows: boolean };

/** Where this desktop stands. */
export type DesktopState = {
  stage: 'first_start' | 'ready';
  /** Where the hub is: in this program, or on another computer. */
  role: 'hub' | 'joined' | null;
  contact: Contact;
  /** Until when what is kept for when the hub is off was up to date; null where nothing is kept. */
  syncedAt: string | null;
  /** The office of another computer that this one has joined. */
  joined: { name: string | null; address: string; copyOf: string | null } | null;
  /** Where the office is, when the hub in this program is not its hub any more. */
  moved: MovedTo | null;
  asking: Asking | null;
  accountName: string;
  locale: 'fr' | 'en';
  timeZone: string;
  hubAddress: string | null;
  settings: DesktopSettings;
  /** Null where the hub is not in this program. */
  sharing: Shared | null;
  popups: { available: boolean; problem: string | null };
  pendingPath: string | null;
};

/** An office as it names itself on the network: a hint, until its key is known. */
export type FoundOffice = { id: string; name: string; addresses: string[]; here: boolean };

/** What an invitation led to: one is in, or may ask to be let in as one of these people. */
export type Entrance =
  | { state: 'in' }
  | { state: 'ask'; office: string; people: { id: string; name: string }[] };

/** How it stands with this desktop's request to be let in; null without one, or once it was accepted. */
export type Asking = {
  office: string;
  name: string;
  state: 'waiting' | 'declined' | 'expired' | 'gone';
};

/** What only a desktop can do. Every failure is a `DesktopError`. */
export type Desktop = {
  state(): Promise<DesktopState>;
  createOffice(office: { name: string; locale: 'fr' | 'en'; timeZone: string }): Promise<void>;
  showTestPopup(): Promise<void>;
  saveSettings(settings: DesktopSettings): Promise<DesktopSettings>;
  /** Colleagues have been told where the hub is now. */
  addressTold(): Promise<void>;
  /** Offices on the network, now and whenever they change, until the answer is called. */
  findOffices(listener: (offices: FoundOffice[]) => void): () => void;
  joinByLink(link: string): Promise<Entrance>;
  /** At the first of these addresses that answers. */
  joinByCode(addresses: string[], code: string): Promise<Entrance>;
  /** Asks the office that the last invitation led to. */
  askToJoin(who: { personId: string } | { name: string }): Promise<void>;
  withdrawJoin(): Promise<void>;
  leaveOffice(): Promise<void>;
  /** Makes this computer the hub, with the copy that it keeps. Refused while the hub answers. */
  takeOver(): Promise<void>;
  onNavigate(listener: (path: string) => void): void;
  onStateChanged(listener: () => void): void;
};

/** A refusal by the desktop, with a stable code and a sentence for a person. */
export class DesktopError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'DesktopError';
  }
}

/** Files that go from this machine to the hub and back. */
export type Files = {
  /** Has a file of the hub saved; null where that cannot be. */
  readonly download: ((path: string) => void) | null;
  /** Sends a file; `onProgress` hears how much of it has gone, from 0 to 1. Rejects as `call`. */
  upload(path: string, file: Blob, onProgress: (share: number) => void): Promise<HubAnswer>;
};

export type Platform = {
  /**
   * Rejects only when the hub cannot be reached; an error answer resolves. `patienceMs`: for what
   * takes the hub longer than usual.
   */
  call(request: HubRequest, patienceMs?: number): Promise<HubAnswer>;
  openLine(resume: Resume, events: LineEvents, owner: LineOwner): Line;
  /** Null in a browser. Where there is a desktop, it shows the popups, not the page. */
  readonly desktop: Desktop | null;
  readonly files: Files;
};
