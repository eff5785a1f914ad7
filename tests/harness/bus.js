// The session bus, through busctl: calls, properties, and listening to what passes.

import { Program, output } from "./program.js";

/**
 * @typedef {{ name: string, path: string, interface: string }} BusObject
 * @typedef {{ member: string, sender: string, payload: any[] }} BusMessage
 */

export class Bus {
  /** @param {NodeJS.ProcessEnv} env with DBUS_SESSION_BUS_ADDRESS, at the latest when it is used */
  constructor(env) {
    this.env = env;
  }

  /**
   * Waits until somebody owns this name.
   * @param {string} name
   */
  async named(name) {
    await output("gdbus", ["wait", "--session", "--timeout", "20", name], { env: this.env });
  }

  /**
   * Calls a method and returns its results.
   * @param {BusObject} object
   * @param {string} method
   * @param {string} [signature]
   * @param {(string | number)[]} [args] as busctl takes them
   * @returns {Promise<any[]>}
   */
  async call(object, method, signature = "", args = []) {
    const { name, path } = object;
    return this.#ask(["call", name, path, object.interface, method, ...(signature ? [signature] : []), ...args.map(String)]);
  }

  /**
   * @param {BusObject} object
   * @param {string} property
   * @returns {Promise<any>}
   */
  property(object, property) {
    return this.#ask(["get-property", object.name, object.path, object.interface, property]);
  }

  /** @param {string[]} words */
  async #ask(words) {
    const [verb, name, ...rest] = words;
    const printed = await output("busctl", ["--json=short", "--user", String(verb), "--", String(name), ...rest], {
      env: this.env,
    });
    return printed.trim() === "" ? [] : JSON.parse(printed).data;
  }

  /**
   * Listens to messages that match a D-Bus match rule. Returns when it hears, so that nothing sent afterwards is missed.
   * @param {string} rule
   * @returns {Promise<Listener>}
   */
  async listen(rule) {
    const program = new Program("busctl", ["--json=short", "--user", `--match=${rule}`, "monitor"], { env: this.env });
    await program.line(/^Monitoring bus message stream/);
    return new Listener(program);
  }
}

/** What passes on the bus, kept from the moment it listens. */
export class Listener {
  /** @param {Program} program */
  constructor(program) {
    this.program = program;
  }

  /**
   * All messages so far.
   * @returns {BusMessage[]}
   */
  get messages() {
    return this.program.lines
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line))
      .map(({ member, sender, payload }) => ({ member, sender, payload: payload?.data ?? [] }));
  }

  /**
   * The first message that satisfies `test`, now or later.
   * @param {(message: BusMessage) => boolean} test
   * @param {string} what for the error
   * @param {number} [patience]
   * @returns {Promise<BusMessage>}
   */
  async message(test, what, patience) {
    let from = 0;
    for (;;) {
      const found = this.messages.find(test);
      if (found) return found;
      const seen = this.program.lines.length;
      try {
        await this.program.line(/^\{/, { from: Math.max(from, seen), ...(patience ? { patience } : {}) });
      } catch (error) {
        throw new Error(`${what} did not pass on the bus: ${/** @type {Error} */ (error).message}`);
      }
      from = seen;
    }
  }

  end() {
    return this.program.end();
  }
}
