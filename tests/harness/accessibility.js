// The screen as assistive technology sees it: every program's windows, texts and buttons by name, with their
// place. Tests find by it what a person would find by reading, in whatever theme and wherever it is drawn.

import { output } from "./program.js";

const ACCESSIBLE = "org.a11y.atspi.Accessible";
const COMPONENT = "org.a11y.atspi.Component";
const COORDINATES_OF_THE_SCREEN = 0;

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */

/** Something on the screen. */
export class Accessible {
  #ask;
  #at;

  /**
   * @param {(...words: string[]) => Promise<any>} ask
   * @param {[name: string, path: string]} at
   * @param {string} role
   * @param {string} name
   */
  constructor(ask, at, role, name) {
    this.#ask = ask;
    this.#at = at;
    this.role = role;
    this.name = name;
  }

  /** @returns {Promise<Accessible[]>} */
  async children() {
    /** @type {[string, string][]} */
    const addresses = await this.#ask(...this.#at, ACCESSIBLE, "GetChildren");
    const children = addresses.map((at) => accessible(this.#ask, at).catch(() => null));
    // What went away while it was asked is not there.
    return (await Promise.all(children)).filter((child) => child !== null);
  }

  /** This and everything in it. @returns {Promise<Accessible[]>} */
  async all() {
    const below = await Promise.all((await this.children().catch(() => [])).map((child) => child.all()));
    return [this, ...below.flat()];
  }

  /** Where it is on the screen. @returns {Promise<Box>} */
  async box() {
    const [x, y, width, height] = await this.#ask(...this.#at, COMPONENT, "GetExtents", "u", `${COORDINATES_OF_THE_SCREEN}`);
    return { x, y, width, height };
  }
}

/**
 * @param {(...words: string[]) => Promise<any>} ask
 * @param {[name: string, path: string]} at
 */
async function accessible(ask, at) {
  const [role, name] = await Promise.all([
    ask(...at, ACCESSIBLE, "GetRoleName"),
    ask(...at, "org.freedesktop.DBus.Properties", "Get", "ss", ACCESSIBLE, "Name"),
  ]);
  return new Accessible(ask, at, role, name.data);
}

/**
 * The accessible tree's root: its children are the running programs.
 * @param {import("./bus.js").Bus} bus
 */
export async function accessibleDesktop(bus) {
  const [address] = await bus.call({ name: "org.a11y.Bus", path: "/org/a11y/bus", interface: "org.a11y.Bus" }, "GetAddress");
  /** @param {...string} words */
  const ask = async (...words) => {
    const printed = await output("busctl", ["--json=short", `--address=${address}`, "call", "--", ...words], { env: bus.env });
    return JSON.parse(printed).data[0];
  };
  return accessible(ask, ["org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root"]);
}
