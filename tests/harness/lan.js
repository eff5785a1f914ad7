// An office's network: a switch, and hosts that hang on it by a cable each. To be laid in a network of one's own; the
// test itself sits at the switch.

import { readlink } from "node:fs/promises";
import { whenOver } from "./ending.js";
import { Program, eventually, output } from "./program.js";

/** Where a program runs: on a host of its own, or on this machine. */
export const THIS_MACHINE = {
  address: "127.0.0.1",
  /** @type {(program: string, args: string[]) => [string, string[]]} */
  enter: (program, args) => [program, args],
};

/** @typedef {typeof THIS_MACHINE} Place */

const SWITCH = "10.77.0.254";

export class Lan {
  /**
   * Lays the switch.
   * @param {import("./ending.js").Running} test
   */
  static async lay(test) {
    // A switch that is told nothing of who listens passes everything on to everybody.
    await ip("link add switch type bridge mcast_snooping 0");
    await ip(`address add ${SWITCH}/24 dev switch`);
    await ip("link set switch up");
    return new Lan(test);
  }

  /** @param {import("./ending.js").Running} test */
  constructor(test) {
    this.test = test;
  }

  /**
   * A host on the network, until the test is over.
   * @param {string} name
   * @param {string} address
   */
  async host(name, address) {
    const holder = new Program("unshare", ["--net", "--uts", "sleep", "infinity"], { listenTo: [] });
    whenOver(this.test, () => holder.end("SIGKILL"));
    const own = await readlink("/proc/self/ns/net");
    await eventually("the host's network", async () => (await readlink(`/proc/${holder.pid}/ns/net`)) !== own);
    const host = new Host(name, Number(holder.pid));
    await host.run("hostname", name);
    await ip(`link add ${name} type veth peer name eth0 netns ${holder.pid}`);
    await ip(`link set ${name} master switch up`);
    await host.run("ip", "link", "set", "lo", "up");
    await host.run("ip", "link", "set", "eth0", "up");
    await host.moveTo(address);
    return host;
  }
}

/** @implements {Place} */
export class Host {
  address = "";

  /**
   * @param {string} name
   * @param {number} pid of what keeps its network there
   */
  constructor(name, pid) {
    this.name = name;
    this.pid = pid;
  }

  /**
   * The command that runs a program on this host.
   * @param {string} program
   * @param {string[]} args
   * @returns {[string, string[]]}
   */
  enter = (program, args) => ["nsenter", [`--target=${this.pid}`, "--net", "--uts", program, ...args]];

  /**
   * Runs a program on this host to its end, and returns what it printed.
   * @param {string} program
   * @param {...string} args
   */
  run(program, ...args) {
    return output(...this.enter(program, args));
  }

  /** The host has this address from now on, and no other. @param {string} address */
  async moveTo(address) {
    await this.run("ip", "address", "flush", "dev", "eth0", "scope", "global");
    await this.run("ip", "address", "add", `${address}/24`, "dev", "eth0");
    await this.run("ip", "route", "replace", "default", "via", SWITCH);
    this.address = address;
  }

  /** Nothing goes in or out any more, and the network card notices. */
  async pullCable() {
    await ip(`link set ${this.name} down`);
  }

  async putCableBack() {
    await ip(`link set ${this.name} up`);
  }
}

/** @param {string} words */
function ip(words) {
  return output("ip", words.split(" "));
}
