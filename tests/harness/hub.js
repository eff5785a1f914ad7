// A real hub on an empty data folder, and its command line.

import { Api } from "./api.js";
import { whenOver } from "./ending.js";
import { hubProgram, ownFolder } from "./folders.js";
import { THIS_MACHINE } from "./lan.js";
import { Program, output } from "./program.js";

/**
 * @typedef {object} HubOptions
 * @property {"fr" | "en"} [locale] the office's
 * @property {string} [timeZone] the office's
 * @property {string} [listen] the address it listens on; this machine's own unless told otherwise
 * @property {number} [port] a free one unless told otherwise
 * @property {import("./lan.js").Place} [place] where it runs
 * @property {string[]} [allowOrigins]
 * @property {(folder: string) => Promise<import("./disk.js").Disk | undefined>} [prepare] may put a disk on its folder
 * @property {Clock} [clock] the hub's, from its start on; this machine's unless told otherwise
 */

/**
 * Sets the environment of a program so that its clock starts at another moment.
 * @typedef {(env: NodeJS.ProcessEnv) => NodeJS.ProcessEnv} Clock
 */

export class Hub {
  /** @type {Program} */
  #program = /** @type {any} */ (null);
  /** Where the first admin signs in. */
  firstSignIn = "";
  /** @type {import("./disk.js").Disk | undefined} where its data are, if it is a disk of their own */
  #disk;
  /** The hub's origin. */
  address = "";

  /**
   * @param {{ path: string, remove: () => Promise<void> }} folder
   * @param {HubOptions} options
   */
  constructor(folder, options) {
    this.folder = folder;
    this.options = options;
  }

  /**
   * Starts a hub on a free port and ends it with the test.
   * @param {import("./ending.js").Running} test
   * @param {HubOptions} [options]
   */
  static async start(test, options = {}) {
    const folder = await ownFolder("hub");
    const hub = new Hub(folder, options);
    whenOver(test, folder.remove);
    hub.#disk = await options.prepare?.(folder.path);
    whenOver(test, () => hub.#program.end());
    await hub.#serve(options.port ?? 0);
    const [, link] = await hub.#program.line(/^first sign-in: (\S+)$/);
    hub.firstSignIn = String(link);
    return hub;
  }

  /**
   * Ends the hub and starts it again on the same data and port.
   * @param {{ clock?: Clock, listen?: string, meanwhile?: () => Promise<void> }} [options] its clock and its
   *   address from then on; what is done while it is off
   */
  async restart({ meanwhile, ...options } = {}) {
    const code = await this.#program.end();
    if (code !== 0) throw new Error(`the hub ended with ${code}`);
    await meanwhile?.();
    Object.assign(this.options, options);
    await this.#serve(Number(new URL(this.address).port));
  }

  /** Kills the hub: it says goodbye to nobody. */
  async kill() {
    await this.#program.end("SIGKILL");
  }

  /**
   * Starts a hub that is off, on the same data.
   * @param {string} [address] its origin; where nobody looks for it, unless told otherwise
   */
  async begin(address) {
    await this.#serve(address === undefined ? 0 : Number(new URL(address).port));
  }

  /** @param {number} port */
  async #serve(port) {
    const { locale = "fr", timeZone = "Europe/Paris", allowOrigins = [], listen = "127.0.0.1", clock = (env) => env } = this.options;
    const [program, args] = this.#where([
      ...["serve", "--listen", `${listen}:${port}`, "--data-dir", this.folder.path],
      ...["--locale", locale, "--time-zone", timeZone],
      ...allowOrigins.flatMap((origin) => ["--allow-origin", origin]),
    ]);
    this.#program = new Program(program, args, { env: clock(process.env) });
    const [, address] = await this.#program.line(/^listening on (http:\S+)$/);
    this.address = String(address);
  }

  /**
   * The program with these arguments, where its data are.
   * @param {string[]} args
   * @returns {[string, string[]]}
   */
  #where(args) {
    if (this.#disk) return this.#disk.enter(hubProgram, args);
    return (this.options.place ?? THIS_MACHINE).enter(hubProgram, args);
  }

  /**
   * `rappel-hub` with these arguments, on this hub's data.
   * @param {...string} args
   */
  async command(...args) {
    const printed = await output(...this.#where([...args, "--data-dir", this.folder.path]));
    return printed.trimEnd();
  }

  /**
   * @param {string} name
   * @param {...string} options
   * @returns {Promise<string>} the new person's id
   */
  addPerson(name, ...options) {
    return this.command("person", "add", name, ...options);
  }

  /**
   * @param {string} person id or name
   * @returns {Promise<string>} a link that signs one browser in as this person
   */
  async invite(person) {
    const printed = await this.command("invite", person);
    const link = printed.match(/https?:\S+\/join#\S+/)?.[0];
    if (!link) throw new Error(`no join link in: ${printed}`);
    return link;
  }

  /**
   * The one device of this person's.
   * @param {string} name
   * @returns {Promise<string>} its id
   */
  async deviceOf(name) {
    const devices = await this.command("token", "list");
    const [device] = String(devices.split("\n").find((line) => line.includes(name))).split("\t");
    return String(device);
  }

  /**
   * The API with a token of this person's.
   * @param {string} person id or name
   */
  async api(person) {
    return new Api(this.address, await this.command("token", "create", person, "--label", "test"));
  }
}
