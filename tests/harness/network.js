// An office's network of the test's own, with one more machine on it: network namespaces and a cable between them.

import { readlink } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { whenOver } from "./ending.js";
import { Program, eventually, output } from "./program.js";

/**
 * Runs a story in a network of its own. Where that is not allowed the test says that it was skipped.
 * @param {import("node:test").TestContext} t
 * @param {URL} story a script that ends with 0 when all of it was true
 */
export async function inOwnNetwork(t, story) {
  const probe = output("unshare", ["-rn", "unshare", "-n", "ip", "link"]);
  const isAllowed = await probe.then(() => true, () => false);
  if (!isAllowed) {
    console.error("SKIPPED: no network of the test's own can be made here (unshare -rn, ip)");
    return t.skip("no network of its own");
  }
  await output("unshare", ["-rn", process.execPath, fileURLToPath(story)]);
}

/** What a story has in place of a test: whatever it has started ends with it. */
export class Story {
  /** @type {(() => Promise<void>)[]} */
  #ends = [];
  name = "";
  passed = true;

  /** @param {() => Promise<void>} end */
  after(end) {
    this.#ends.push(end);
  }

  /**
   * @param {string} name
   * @param {(story: Story) => Promise<void>} tell
   */
  static async tell(name, tell) {
    const story = new Story();
    story.name = name;
    try {
      await tell(story);
    } catch (error) {
      story.passed = false;
      console.error(error);
      process.exitCode = 1;
    } finally {
      for (const end of story.#ends.toReversed()) await end();
    }
  }
}

/** The network as this machine is on it, at `address`, and another machine there. */
export class OfficeNetwork {
  /**
   * @param {Program} machine what keeps the other machine's network there
   */
  constructor(machine) {
    this.machine = machine;
    this.address = "";
  }

  /**
   * Plugs this machine in. To be called in a network of one's own.
   * @param {import("./ending.js").Running} test
   * @param {string} address
   */
  static async plugIn(test, address) {
    const machine = new Program("unshare", ["-n", "sleep", "infinity"], { listenTo: [] });
    whenOver(test, () => machine.end("SIGKILL"));
    const own = await readlink("/proc/self/ns/net");
    await eventually("the other machine", async () =>
      (await readlink(`/proc/${machine.pid}/ns/net`).catch(() => own)) !== own,
    );
    const network = new OfficeNetwork(machine);
    await ip("link set lo up");
    await ip(`link add eth0 type veth peer name eth1 netns ${machine.pid}`);
    await network.elsewhere("ip", "address", "add", "192.168.7.50/24", "dev", "eth1");
    await network.elsewhere("ip", "link", "set", "eth1", "up");
    await ip("link set eth0 up");
    await network.moveTo(address);
    return network;
  }

  /** This machine has another address from now on. @param {string} address */
  async moveTo(address) {
    await ip("address flush dev eth0");
    await ip(`address add ${address}/24 dev eth0`);
    await ip("route replace default via 192.168.7.1 dev eth0");
    this.address = address;
  }

  /**
   * Runs a program on the other machine.
   * @param {...string} words
   */
  elsewhere(...words) {
    return output("nsenter", ["-t", `${this.machine.pid}`, "-n", ...words]);
  }

  /**
   * Asks from the other machine, as anybody there may.
   * @param {string} url
   * @param {unknown} body
   * @returns {Promise<any>}
   */
  async post(url, body) {
    const ask = `
      const [url, body] = process.argv.slice(1);
      const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
      console.log(await answer.text());`;
    const node = [process.execPath, "--input-type=module", "--eval", ask];
    return JSON.parse(await this.elsewhere(...node, url, JSON.stringify(body)));
  }
}

/** @param {string} words */
function ip(words) {
  return output("ip", words.split(" "));
}
