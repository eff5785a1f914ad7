/** The app in the desktop's window: everything goes through the desktop's own process. */

import { Channel, invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import type { ClientFrame, HubFrame } from '../api/types';
import {
  DesktopError,
  type Desktop,
  type DesktopSettings,
  type DesktopState,
  type Entrance,
  type FoundOffice,
  type HubAnswer,
  type HubRequest,
  type Line,
  type LineEvents,
  type Platform,
  type Resume,
} from './types';

const POLICY_VIOLATION = 1008;

type Pushed = { kind: 'frame'; frame: HubFrame } | { kind: 'closed'; code: number };

export function desktopPlatform(): Platform {
  return { call, openLine, desktop, files: { download: null, upload } };
}

function call(request: HubRequest): Promise<HubAnswer> {
  return command<HubAnswer>('hub_call', { request: { ...request, body: request.body ?? null } });
}

/** The window has one way to its process, and it is for text. */
async function upload(path: string, file: Blob): Promise<HubAnswer> {
  const encoded = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''));
    reader.onerror = () => reject(reader.error ?? new Error('the file cannot be read'));
    reader.readAsDataURL(file);
  });
  const request = { method: 'POST', path, body: null, file: encoded };
  return command<HubAnswer>('hub_call', { request });
}

function openLine(resume: Resume, events: LineEvents): Line {
  let over = false;
  const end = (code: number | null): void => {
    if (over) return;
    over = true;
    events.onEnd(code === POLICY_VIOLATION ? 'refused' : 'lost');
  };

  const channel = new Channel<Pushed>((pushed) => {
    if (over) return;
    if (pushed.kind === 'frame') events.onFrame(pushed.frame);
    else end(pushed.code);
  });
  const session = command<number>('hub_open_session', { ...resume, channel });
  session.catch((thrown: unknown) =>
    end(thrown instanceof DesktopError && thrown.code === 'signed_out' ? POLICY_VIOLATION : null),
  );

  return {
    send(frame: ClientFrame) {
      session.then((id) => command('hub_send', { session: id, frame })).catch(() => end(null));
    },
    close() {
      over = true;
      // Nothing is left to do when the session never opened or is gone already.
      session.then((id) => command('hub_close_session', { session: id })).catch(() => undefined);
    },
  };
}

const desktop: Desktop = {
  state: () => command<DesktopState>('desktop_state'),
  createOffice: (office) => command<void>('create_office', office),
  showTestPopup: () => command<void>('show_test_popup'),
  saveSettings: (settings) => command<DesktopSettings>('save_settings', { settings }),
  addressTold: () => command<void>('address_told'),
  findOffices(listener) {
    let over = false;
    const channel = new Channel<FoundOffice[]>((offices) => {
      if (!over) listener(offices);
    });
    // Where nothing can be looked for, nothing is found.
    command<void>('find_offices', { channel }).catch(() => undefined);
    return () => {
      over = true;
      command<void>('stop_finding_offices').catch(() => undefined);
    };
  },
  joinByLink: (link) => command<Entrance>('join_by_link', { link }),
  joinByCode: (addresses, code) => command<Entrance>('join_by_code', { addresses, code }),
  askToJoin: (who) => command<void>('ask_to_join', { personId: null, name: null, ...who }),
  withdrawJoin: () => command<void>('withdraw_join'),
  leaveOffice: () => command<void>('leave_office'),
  takeOver: () => command<void>('take_over'),
  onNavigate(listener) {
    void listen<string>('navigate', (event) => listener(event.payload));
  },
  onStateChanged(listener) {
    void listen('desktop-state-changed', () => listener());
  },
};

async function command<Answer>(name: string, args?: Record<string, unknown>): Promise<Answer> {
  try {
    return await invoke<Answer>(name, args);
  } catch (thrown) {
    throw asDesktopError(thrown);
  }
}

function asDesktopError(thrown: unknown): DesktopError {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'message' in thrown) {
    return new DesktopError(String(thrown.code), String(thrown.message));
  }
  return new DesktopError('unknown', String(thrown));
}
