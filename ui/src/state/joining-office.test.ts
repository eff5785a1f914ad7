import { expect, test } from 'vitest';
import { CATALOGUES } from '../i18n';
import { DesktopError, type Desktop, type Entrance, type FoundOffice } from '../platform/types';
import { JoiningOffice, whyNotIn } from './joining-office.svelte';

const DUPONT: FoundOffice = { id: 'd', name: 'Dupont', addresses: ['192.168.1.20:7710'], here: false };
const ASK: Entrance = { state: 'ask', office: 'Dupont', people: [{ id: 'p', name: 'Ann' }] };

/** A way into an office, with a desktop that notes what it is asked. */
function begun(entrance: Entrance | DesktopError) {
  const asked: unknown[] = [];
  let tell: (offices: FoundOffice[]) => void = () => undefined;
  const enter = async (...what: unknown[]): Promise<Entrance> => {
    asked.push(what);
    if (entrance instanceof DesktopError) throw entrance;
    return entrance;
  };
  const desktop = {
    findOffices(listener: typeof tell) {
      tell = listener;
      return () => void asked.push('stop');
    },
    joinByLink: enter,
    joinByCode: enter,
    askToJoin: async (who: unknown) => void asked.push(who),
    withdrawJoin: async () => void asked.push('withdraw'),
  } as unknown as Desktop;
  let isIn = false;
  const joining = new JoiningOffice({ desktop, onIn: () => (isIn = true) });
  joining.start();
  return { joining, asked, find: (offices: FoundOffice[]) => tell(offices), isIn: () => isIn };
}

test('an office that is found is joined by its code, where it was found', async () => {
  const { joining, asked, find, isIn } = begun({ state: 'in' });
  find([DUPONT]);
  expect(joining.offices).toEqual([DUPONT]);
  joining.choose(DUPONT);
  expect(joining.step).toBe('code');
  await joining.join(' 7kq2 m4xw 9tdc ');
  expect(asked).toEqual([[['192.168.1.20:7710'], '7kq2 m4xw 9tdc'], 'stop']);
  expect(isIn()).toBe(true);
});

test('what is pasted is a link, and what is typed an address', async () => {
  const { joining, asked } = begun({ state: 'in' });
  await joining.goTo(' 192.168.1.20 ');
  expect([joining.step, joining.target]).toEqual(['code', { name: null, addresses: ['192.168.1.20'] }]);
  await joining.join('http://192.168.1.20:7710/join#secret.pin');
  expect(asked[0], 'also where a code is asked for').toEqual(['http://192.168.1.20:7710/join#secret.pin']);
});

test('with an invitation for everybody one asks, and waits', async () => {
  const { joining, asked, isIn } = begun(ASK);
  await joining.goTo('http://192.168.1.20:7710/join#secret.pin');
  expect([joining.step, joining.door, isIn()]).toEqual(['who', ASK, false]);
  await joining.ask({ personId: 'p' });
  expect([joining.step, asked.at(-1)]).toEqual(['waiting', { personId: 'p' }]);
  await joining.withdraw();
  expect([joining.step, joining.door, asked.at(-1)]).toEqual(['where', null, 'withdraw']);
});

test('a request that waits is found again by a page that was loaded anew', () => {
  const { joining } = begun(ASK);
  joining.follow({ office: 'Dupont', name: 'Ann', state: 'waiting' });
  expect(joining.step).toBe('waiting');
});

test('a failure leaves the question as it was and is told in words', async () => {
  const { joining, isIn } = begun(new DesktopError('invitation_refused', 'no'));
  joining.choose(DUPONT);
  const refused = joining.join('7KQ2-M4XW-9TDC');
  await expect(refused).rejects.toThrow('no');
  expect([joining.step, joining.busy, isIn()]).toEqual(['code', false, false]);

  const words = CATALOGUES.en.joiningOffice;
  const why = (code: string, typed: 'link' | 'code' = 'code'): string =>
    whyNotIn(new DesktopError(code, 'x'), typed, words, 'otherwise');
  expect(why('invitation_refused')).toBe(words.wrong.notLetIn);
  expect(why('hub_unreachable')).toBe(words.wrong.silent);
  expect(why('wrong_key', 'link')).toBe(words.wrong.wrongKey);
  expect(why('wrong_key'), 'a code names no key').toBe(words.wrong.notLetIn);
  expect(why('something_new')).toBe('otherwise');
});
