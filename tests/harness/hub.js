// A real hub on an empty data folder, and its command line.

import { Api } from "./api.js";
import { hubProgram, ownFolder } from "./folders.js";
import { Program, output } from "./program.js";

/**
 * @typedef {object} HubOptions
 * @property {"fr" | "en"} [locale] the office's
 * @property {string} [timeZone] the office's
 * @property {string[]} [allowOrigins]
 */

export class Hub {
  /**
   * @param {Program} program
   * @param {{ path: string, remove: () => Promise<void> }} folder
   * @param {string} address
   * @param {string} firstSignIn
   */
  constructor(program, folder, address, firstSignIn) {
    this.program = program;
    this.folder = folder;
    this.address = address;
    this.firstSignIn = firstSignIn;
  }

  /**
   * Starts a hub on a free port and ends it with the test.
   * @param {{ after: (end: () => Promise<unknown>) => void }} test
   * @param {HubOptions} [options]
   */
  static async start(test, { locale = "fr", timeZone = "Europe/Paris", allowOrigins = [] } = {}) {
    const folder = await ownFolder("hub");
    const program = new Program(hubProgram, [
      ...["serve", "--listen", "127.0.0.1:0", "--data-dir", folder.path],
      ...["--locale", locale, "--time-zone", timeZone],
      ...["--max-connections", "0", "--max-connections-per-address", "0"],
      ...allowOrigins.flatMap((origin) => ["--allow-origin", origin]),
    ]);
    test.after(async () => {
      await program.end();
      await folder.remove();
    });
    const [, address] = await program.line(/^listening on (http:\S+)$/);
    const [, firstSignIn] = await program.line(/^first sign-in: (\S+)$/);
    return new Hub(program, folder, String(address), String(firstSignIn));
  }

  /**
   * `rappel-hub` with these arguments, on this hub's data.
   * @param {...string} args
   */
  async command(...args) {
    const printed = await output(hubProgram, [...args, "--data-dir", this.folder.path]);
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
   * The API with a token of this person's.
   * @param {string} person id or name
   */
  async api(person) {
    return new Api(this.address, await this.command("token", "create", person, "--label", "test"));
  }
}
