import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { ClientFrame } from '../api/types';
import { Sight } from './sight';

/** Says what is in view when the test does. */
class ScriptedObserver {
  static last: ScriptedObserver;
  readonly watched = new Set<Element>();

  constructor(private readonly report: (entries: IntersectionObserverEntry[]) => void) {
    ScriptedObserver.last = this;
  }

  observe(element: Element): void {
    this.watched.add(element);
  }

  unobserve(element: Element): void {
    this.watched.delete(element);
  }

  shows(isIntersecting: boolean, ...elements: Element[]): void {
    this.report(elements.map((target) => ({ target, isIntersecting }) as IntersectionObserverEntry));
  }
}

class ScriptedPage extends EventTarget {
  visibilityState: DocumentVisibilityState = 'visible';

  becomes(state: DocumentVisibilityState): void {
    this.visibilityState = state;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}

let page: ScriptedPage;
let sight: Sight;
let line: boolean;
let sent: ClientFrame[];

function element(id: string): { node: Element; leaves: () => void } {
  const node = document.createElement('p');
  const leaves = sight.of(id)(node);
  return { node, leaves: () => leaves?.() };
}

const view = (): ScriptedObserver => ScriptedObserver.last;

beforeEach(() => {
  vi.useFakeTimers({ now: 0, toFake: ['performance'] });
  page = new ScriptedPage();
  line = true;
  sent = [];
  sight = new Sight(
    {
      send(frame) {
        if (line) sent.push(frame);
        return line;
      },
    },
    page as unknown as Document,
    ScriptedObserver as unknown as typeof IntersectionObserver,
  );
  return () => void vi.useRealTimers();
});

describe('what is in view', () => {
  test('is said once, however often it is shown', () => {
    const [popup, row] = [element('n1'), element('n1')];
    view().shows(true, popup.node);
    view().shows(false, popup.node);
    view().shows(true, popup.node, row.node);
    expect(sent).toEqual([{ type: 'seen', notification_ids: ['n1'] }]);
  });

  test('is said together', () => {
    view().shows(true, element('n1').node, element('n2').node);
    expect(sent).toEqual([{ type: 'seen', notification_ids: ['n1', 'n2'] }]);
  });

  test('is not seen before it is in view, nor after it has left', () => {
    const one = element('n1');
    page.becomes('visible');
    expect(sent).toEqual([]);
    one.leaves();
    expect(view().watched.size).toBe(0);
  });

  test('is seen on a hidden page when somebody comes back to it, and only if it still is there', () => {
    page.becomes('hidden');
    const [stays, goes] = [element('n1'), element('n2')];
    view().shows(true, stays.node, goes.node);
    expect(sent).toEqual([]);
    goes.leaves();
    page.becomes('visible');
    expect(sent).toEqual([{ type: 'seen', notification_ids: ['n1'] }]);
  });
});

test('what is seen while the line is down is said when it is back, with how long ago', () => {
  line = false;
  view().shows(true, element('n1').node);
  vi.advanceTimersByTime(4_000);
  view().shows(true, element('n2').node);
  vi.advanceTimersByTime(1_000);
  expect(sent).toEqual([]);
  line = true;
  sight.flush();
  expect(sent).toEqual([
    { type: 'seen', notification_ids: ['n1'], ago_ms: 5_000 },
    { type: 'seen', notification_ids: ['n2'], ago_ms: 1_000 },
  ]);
  sight.flush();
  expect(sent).toHaveLength(2);
});
