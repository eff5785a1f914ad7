import { expect, test } from 'vitest';
import { HubApi } from '../api/hub';
import { ScriptedPlatform } from '../testing/platform';
import { event } from '../testing/samples';
import { Leaving } from './leaving.svelte';

const paul = { id: 'paul', name: 'Paul' } as never;

async function leaving(): Promise<{ platform: ScriptedPlatform; leaving: Leaving }> {
  const platform = new ScriptedPlatform();
  const ahead = [
    event({ id: 'e1', assignees: ['paul'] }),
    event({ id: 'e2', assignees: ['anna', 'paul'], revision: 4 }),
    event({ id: 'e3', busy: true }),
  ];
  platform
    .answerWith('GET /api/events', ({ path }) =>
      path.includes('cursor=next')
        ? { status: 200, body: { events: ahead.slice(1), next_cursor: null } }
        : { status: 200, body: { events: ahead.slice(0, 1), next_cursor: 'next' } },
    )
    .answer('DELETE /api/people/paul', paul)
    .answer('PATCH /api/events/e1', event())
    .answer('PATCH /api/events/e2', event());
  return { platform, leaving: await Leaving.of(new HubApi(platform), paul, 0) };
}

test('what somebody has ahead goes to one person, to each another, or to nobody', async () => {
  for (const [choose, expected] of [
    [(one: Leaving) => (one.successor = 'anna'), [['anna'], ['anna']]],
    [
      (one: Leaving) => {
        one.way = 'each';
        one.successors = { e2: 'boris' };
      },
      [[], ['anna', 'boris']],
    ],
    [(one: Leaving) => (one.way = 'nobody'), [[], ['anna']]],
  ] as const) {
    const { platform, leaving: one } = await leaving();
    expect(one.events.map(({ id }) => id), 'what nobody may know of is not listed').toEqual(['e1', 'e2']);
    choose(one);
    expect(one.decided).toBe(true);
    expect((await one.leave()).failed).toBe(0);
    const [removed, ...changes] = platform.asked.slice(2);
    expect(removed?.method, 'they leave before they could be told of it').toBe('DELETE');
    expect(changes.map(({ body }) => (body as { assignees: string[] }).assignees)).toEqual(expected);
    expect(changes.map(({ ifMatch }) => ifMatch)).toEqual([1, 4]);
  }
});

test('nobody leaves before it is known who takes over', async () => {
  expect((await leaving()).leaving.decided).toBe(false);
});

test('events that could not be handed over are counted', async () => {
  const { platform, leaving: one } = await leaving();
  platform.answer('PATCH /api/events/e2', { error: { code: 'revision_mismatch' } }, 412);
  one.way = 'nobody';
  expect((await one.leave()).failed).toBe(1);
});
