import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { HubApi } from '../api/hub';
import { heldMemory, ScriptedPlatform } from '../testing/platform';
import { Joining } from './joining.svelte';

let platform: ScriptedPlatform;
let memory: ReturnType<typeof heldMemory>;
let joining: Joining;
let cameIn: number;

const STATUS = 'POST /api/join-requests/r1/status';

function door(): Joining {
  return new Joining({
    api: new HubApi(platform),
    memory,
    deviceName: 'Firefox',
    onIn: () => (cameIn += 1),
  });
}

function status(state: string): void {
  platform.answer(STATUS, { state });
}

beforeEach(() => {
  vi.useFakeTimers();
  platform = new ScriptedPlatform();
  memory = heldMemory();
  cameIn = 0;
  joining = door();
  platform.answer('POST /api/join-requests', { id: 'r1', secret: 's1', expires_at: '' }, 201);
  status('waiting');
});

afterEach(() => {
  joining.stop();
  vi.useRealTimers();
});

describe('somebody at the door', () => {
  test('asks by a name, waits, and comes in when that is accepted', async () => {
    await joining.start(null);
    expect(joining.door).toBe('stranger');
    await joining.ask({ name: 'Paul' });
    expect(platform.asked.at(-1)?.body).toMatchObject({ name: 'Paul', device_name: 'Firefox' });
    await vi.advanceTimersByTimeAsync(3_000);
    expect([joining.door, cameIn]).toEqual(['waiting', 0]);
    status('accepted');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(cameIn).toBe(1);
    const asked = platform.asked.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(platform.asked.length, 'nothing is asked any more').toBe(asked);
  });

  test('goes on waiting when the page is loaded again', async () => {
    await joining.ask({ name: 'Paul' });
    joining.stop();
    joining = door();
    await joining.start(null);
    expect([joining.door, joining.name]).toEqual(['waiting', 'Paul']);
    status('accepted');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(cameIn).toBe(1);
  });

  test('goes on waiting while the hub is away for a moment', async () => {
    await joining.ask({ name: 'Paul' });
    platform.unplug();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(joining.door).toBe('waiting');
    status('accepted');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(cameIn).toBe(1);
  });

  for (const state of ['declined', 'expired'] as const) {
    test(`learns that it was ${state}, and may ask again`, async () => {
      await joining.ask({ name: 'Paul' });
      status(state);
      await vi.advanceTimersByTimeAsync(1_000);
      expect(joining.door).toBe(state);
      joining.again();
      expect(joining.door).toBe('stranger');
    });
  }

  test('learns that the hub has forgotten', async () => {
    await joining.ask({ name: 'Paul' });
    platform.answer(STATUS, { error: { code: 'not_found' } }, 404);
    platform.answer('GET /api/me', { error: { code: 'unauthorized' } }, 401);
    await vi.advanceTimersByTimeAsync(1_000);
    expect([joining.door, cameIn]).toEqual(['gone', 0]);
  });

  test('is in all the same where only the answer was lost', async () => {
    await joining.ask({ name: 'Paul' });
    platform.answer(STATUS, { error: { code: 'not_found' } }, 404);
    platform.answer('GET /api/me', { id: 'paul' });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(cameIn).toBe(1);
  });

  test('asks as one of the invitation’s people', async () => {
    const people = [{ id: 'paul', name: 'Paul' }];
    platform.answer('POST /api/join/ticket', { kind: 'open', office: 'Atelier', name: null, people });
    await joining.start('secret');
    expect([joining.door, joining.ticket?.people]).toEqual(['open', people]);
    await joining.ask({ id: 'paul', name: 'Paul' });
    expect(platform.asked.at(-1)?.body).toMatchObject({ person_id: 'paul', code: 'secret' });
  });

  test('asks without an invitation that ended meanwhile', async () => {
    platform.answer('POST /api/join/ticket', { kind: 'open', office: 'Atelier', name: null, people: [] });
    await joining.start('secret');
    platform.answerWith('POST /api/join-requests', ({ body }) =>
      (body as { code: string | null }).code === null
        ? { status: 201, body: { id: 'r1', secret: 's1', expires_at: '' } }
        : { status: 403, body: { error: { code: 'invitation_refused' } } },
    );
    await joining.ask({ name: 'Paul' });
    expect(joining.door).toBe('waiting');
  });

  test('comes in at once with an invitation of their own', async () => {
    platform.answer('POST /api/join/ticket', { kind: 'personal', office: 'Atelier', name: 'Paul', people: [] });
    platform.answer('POST /api/pair', {});
    await joining.start('secret');
    expect(joining.door).toBe('personal');
    await joining.enter();
    expect(platform.asked.at(-1)?.body).toEqual({ code: 'secret', device_name: 'Firefox' });
    expect(cameIn).toBe(1);
  });

  test('may give up', async () => {
    await joining.ask({ name: 'Paul' });
    platform.answer('POST /api/join-requests/r1/withdraw', null, 204);
    await joining.withdraw();
    expect(joining.door).toBe('stranger');
    expect(platform.asked.at(-1)).toMatchObject({ body: { secret: 's1' } });
  });
});
