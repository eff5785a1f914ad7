import { expect, test } from 'vitest';
import { HubApi } from '../api/hub';
import { ScriptedPlatform } from '../testing/platform';
import { camille } from '../testing/samples';
import { People } from './people.svelte';

const person = (name: string, active = true) => ({ ...camille(), id: name, name, active });

async function office(...everybody: ReturnType<typeof person>[]): Promise<People> {
  const platform = new ScriptedPlatform().answer('GET /api/people', { people: everybody });
  const people = new People(new HubApi(platform));
  await people.load();
  return people;
}

const namesOf = (people: readonly { name: string }[]) => people.map(({ name }) => name);

test('people are listed by name, accents and case aside', async () => {
  const people = await office(person('Zoé'), person('bruno'), person('Élise'), person('Fatou'));
  expect(namesOf(people.active)).toEqual(['bruno', 'Élise', 'Fatou', 'Zoé']);
  people.put(person('émile'));
  expect(namesOf(people.active)).toEqual(['bruno', 'Élise', 'émile', 'Fatou', 'Zoé']);
});

test('whoever leaves is listed apart, until they come back', async () => {
  const people = await office(person('Hugo'), person('Camille'));
  people.put(person('Camille', false));
  expect(namesOf(people.active)).toEqual(['Hugo']);
  expect(namesOf(people.former)).toEqual(['Camille']);
  people.put(person('Camille'));
  expect(namesOf(people.active)).toEqual(['Camille', 'Hugo']);
  expect(people.former).toEqual([]);
});

test('those an event is for are named in order, the unknown last', async () => {
  const people = await office(person('Hugo'), person('Camille'));
  const names = namesOf(people.names(['gone', 'Hugo', 'Camille'], 'Ancien membre'));
  expect(names).toEqual(['Camille', 'Hugo', 'Ancien membre']);
});
