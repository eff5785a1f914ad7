// What a test started is ended with it: the last thing first, and all of it whatever happens.

/**
 * What is known of a running test here. Node's own test context is one.
 * @typedef {object} Running
 * @property {(end: () => Promise<void>) => void} after
 * @property {string} [name]
 * @property {boolean} [passed] false once it has failed
 */

/** @type {WeakMap<Running, (() => Promise<unknown>)[]>} */
const started = new WeakMap();

/**
 * Runs `end` when the test is over.
 * @param {Running} test
 * @param {() => Promise<unknown>} end
 */
export function whenOver(test, end) {
  const ends = started.get(test);
  if (ends) {
    ends.push(end);
    return;
  }
  const all = [end];
  started.set(test, all);
  test.after(async () => {
    /** @type {unknown[]} */
    const errors = [];
    for (const one of all.toReversed()) await one().catch((error) => errors.push(error));
    if (errors.length > 0) throw errors[0];
  });
}
