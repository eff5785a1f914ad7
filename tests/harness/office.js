// A small office with people in it: who sits where, in which language.

import { Seat } from "./browser.js";
import { Hub } from "./hub.js";
import { RappelPage } from "./rappel-page.js";

/** @typedef {import("./words.js").Language} Language */

export class Office {
  /** @type {Map<string, { id: string, language: Language }>} */
  #people = new Map();

  /**
   * @param {import("./ending.js").Running} test
   * @param {import("playwright-core").Browser} browser
   * @param {Hub} hub
   */
  constructor(test, browser, hub) {
    this.test = test;
    this.browser = browser;
    this.hub = hub;
  }

  /**
   * An office of these people. The first is its admin.
   * @param {import("./ending.js").Running} test
   * @param {import("playwright-core").Browser} browser
   * @param {Record<string, Language>} people
   * @param {import("./hub.js").HubOptions} [options]
   */
  static async open(test, browser, people, options = {}) {
    const office = new Office(test, browser, await Hub.start(test, options));
    let role = "admin";
    for (const [name, language] of Object.entries(people)) {
      const id = await office.hub.addPerson(name, "--role", role, "--locale", language);
      office.#people.set(name, { id, language });
      role = "member";
    }
    return office;
  }

  /** @param {string} name */
  id(name) {
    return this.#person(name).id;
  }

  /** @param {string} name */
  api(name) {
    return this.hub.api(this.id(name));
  }

  /**
   * A browser of this person's, joined. Every call is another device.
   * @param {string} name
   * @param {import("./browser.js").SeatOptions} [options]
   */
  async seat(name, options = {}) {
    const { id, language } = this.#person(name);
    const seat = await Seat.take(this.test, this.browser, this.hub.address, { language, ...options });
    const screens = await RappelPage.join(seat, await this.hub.invite(id), language);
    return { seat, screens, page: screens.page, another: () => RappelPage.reopen(seat, language) };
  }

  /** @param {string} name */
  #person(name) {
    const person = this.#people.get(name);
    if (!person) throw new Error(`nobody here is called ${name}`);
    return person;
  }
}
