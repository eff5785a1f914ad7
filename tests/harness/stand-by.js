// A computer without a desktop that stands by to be the hub.

import { whenOver } from "./ending.js";
import { hubProgram, ownFolder } from "./folders.js";
import { freePort } from "./free-port.js";
import { Program } from "./program.js";

export class StandBy {
  /**
   * @param {string} address its origin, once it is the hub
   * @param {string} device which device it is to the hub
   */
  constructor(address, device) {
    this.address = address;
    this.device = device;
  }

  /**
   * Joins by an invitation of an admin's, and ends with the test.
   * @param {import("./ending.js").Running} test
   * @param {string} link
   */
  static async join(test, link) {
    const folder = await ownFolder("heir");
    whenOver(test, folder.remove);
    const listen = `127.0.0.1:${await freePort()}`;
    const program = new Program(hubProgram, ["stand-by", "--listen", listen, "--name", "Laptop", "--link", link, "--data-dir", folder.path]);
    whenOver(test, () => program.end());
    const [, device] = await program.line(/^standing by as (\S+)$/);
    return new StandBy(`http://${listen}`, String(device));
  }
}
