// One running program: what it prints can be waited for, and it ends when asked, or else by force.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** How long anything in these tests may take before it counts as not happening. */
export const PATIENCE_MS = 20_000;

/**
 * @typedef {object} ProgramOptions
 * @property {NodeJS.ProcessEnv} [env]
 * @property {number[]} [listenTo] file descriptors whose lines are read; 1 and 2 unless told otherwise
 */

export class Program {
  /** @type {string[]} every line printed so far */
  lines = [];
  /** @type {Set<() => void>} */
  #watchers = new Set();
  /** @type {Promise<number | string>} the exit code, or the signal's name */
  ended;

  /**
   * @param {string} command
   * @param {string[]} args
   * @param {ProgramOptions} [options]
   */
  constructor(command, args, { env = process.env, listenTo = [1, 2] } = {}) {
    this.command = command;
    const highest = Math.max(2, ...listenTo);
    const stdio = Array.from({ length: highest + 1 }, (_, fd) =>
      listenTo.includes(fd) ? /** @type {const} */ ("pipe") : /** @type {const} */ ("ignore"),
    );
    this.child = spawn(command, args, { env, stdio });
    for (const fd of listenTo) {
      const stream = /** @type {import("node:stream").Readable} */ (this.child.stdio[fd]);
      createInterface({ input: stream }).on("line", (line) => {
        this.lines.push(line);
        for (const watcher of this.#watchers) watcher();
      });
    }
    this.ended = new Promise((resolve) => {
      this.child.once("error", (error) => resolve(error.message));
      this.child.once("exit", (code, signal) => resolve(code ?? signal ?? "unknown"));
    });
  }

  get pid() {
    return this.child.pid;
  }

  /**
   * The first line from number `from` on that matches.
   * @param {RegExp} pattern
   * @param {{ from?: number, patience?: number }} [options]
   * @returns {Promise<RegExpMatchArray>}
   */
  async line(pattern, { from = 0, patience = PATIENCE_MS } = {}) {
    let next = from;
    /** @type {(match: RegExpMatchArray) => void} */
    let found;
    /** @type {Promise<RegExpMatchArray>} */
    const match = new Promise((resolve) => (found = resolve));
    const look = () => {
      for (; next < this.lines.length; next++) {
        const here = this.lines[next]?.match(pattern);
        if (here) return found(here);
      }
    };
    this.#watchers.add(look);
    look();
    try {
      return await within(patience, `a line ${pattern} from ${this.command}`, Promise.race([match, this.#death()]));
    } catch (error) {
      throw new Error(`${/** @type {Error} */ (error).message}; it printed:\n${this.lines.slice(-40).map((line) => line.slice(0, 400)).join("\n")}`);
    } finally {
      this.#watchers.delete(look);
    }
  }

  /** @returns {Promise<never>} */
  async #death() {
    const how = await this.ended;
    // Lines still in the pipe are read first.
    await new Promise((resolve) => setImmediate(resolve));
    throw new Error(`${this.command} ended (${how})`);
  }

  /**
   * Ends it with `signal`, by force if it does not heed.
   * @param {NodeJS.Signals} [signal]
   */
  async end(signal = "SIGTERM") {
    this.child.kill(signal);
    const force = setTimeout(() => this.child.kill("SIGKILL"), 5_000);
    const how = await this.ended;
    clearTimeout(force);
    for (const stream of this.child.stdio) stream?.destroy();
    return how;
  }
}

/**
 * Runs a command to its end and returns what it printed; fails with its errors.
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, input?: string }} [options]
 * @returns {Promise<string>}
 */
export function output(command, args, { env = process.env, input } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ["pipe", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    child.stdout.on("data", (chunk) => (out += chunk));
    child.stderr.on("data", (chunk) => (err += chunk));
    child.once("error", reject);
    child.once("close", (code) =>
      code === 0 ? resolve(out) : reject(new Error(`${command} ${args.join(" ")} failed (${code}): ${err || out}`)),
    );
    child.stdin.end(input);
  });
}

/**
 * @template T
 * @param {number} patience
 * @param {string} what what was waited for, for the error
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
export async function within(patience, what, promise) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${patience / 1000} s in vain for ${what}`)), patience);
  });
  try {
    return await /** @type {Promise<T>} */ (Promise.race([promise, late]));
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Looks again and again until `look` gives something other than null, undefined or false, and returns that.
 * For states that nobody announces: a window on the screen, a file. What a look throws counts as "not yet".
 * @template T
 * @param {string} what
 * @param {() => Promise<T> | T} look
 * @param {number} [patience]
 * @returns {Promise<NonNullable<T>>}
 */
export async function eventually(what, look, patience = PATIENCE_MS) {
  const deadline = performance.now() + patience;
  let reason = "";
  while (performance.now() < deadline) {
    try {
      const seen = await look();
      if (seen !== null && seen !== undefined && seen !== false) return seen;
    } catch (error) {
      reason = ` (${/** @type {Error} */ (error).message})`;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited ${patience / 1000} s in vain for ${what}${reason}`);
}
