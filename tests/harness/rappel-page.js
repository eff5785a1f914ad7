// The screens of Rappel in a browser tab, used as a person uses them: by what is written on them.

import { WORDS } from "./words.js";

/** @typedef {import("./words.js").Language} Language */

/** 23/11/2026 and 10:00, as the editor takes them, in Paris. @param {Date} moment */
export function written(moment) {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: "Europe/Paris",
    dateStyle: "short",
    timeStyle: "short",
  }).formatToParts(moment);
  const part = (/** @type {string} */ type) => parts.find((one) => one.type === type)?.value;
  return { date: `${part("day")}/${part("month")}/${part("year")}`, time: `${part("hour")}:${part("minute")}` };
}

export class RappelPage {
  /**
   * @param {import("playwright-core").Page} page
   * @param {Language} language
   */
  constructor(page, language) {
    this.page = page;
    this.words = WORDS[language];
  }

  /**
   * Opens an invitation link and joins.
   * @param {import("./browser.js").Seat} seat
   * @param {string} link
   * @param {Language} language the person's; the browser's own until they are known
   */
  static async join(seat, link, language) {
    const page = await seat.tab(link);
    await page.getByRole("button", { name: WORDS[seat.language].join, exact: true }).click();
    const screens = new RappelPage(page, language);
    await screens.atAgenda();
    await screens.button(screens.words.understood).click();
    return screens;
  }

  /**
   * Opens another tab of a person who has joined.
   * @param {import("./browser.js").Seat} seat
   * @param {Language} language
   */
  static async reopen(seat, language) {
    const screens = new RappelPage(await seat.tab(), language);
    await screens.atAgenda();
    return screens;
  }

  async atAgenda() {
    await this.page.getByRole("heading", { name: this.words.agenda, level: 1 }).waitFor({ state: "attached" });
  }

  /** @param {string | RegExp} name of a link of the main navigation */
  async goTo(name) {
    await this.page.getByRole("navigation", { name: this.words.navigation }).getByRole("link", { name }).click();
  }

  /** @param {string} title */
  row(title) {
    return this.page.getByRole("main").getByRole("listitem").filter({ has: this.page.getByText(title, { exact: true }) });
  }

  /** @param {string} label */
  field(label) {
    return this.page.getByLabel(label, { exact: true });
  }

  /** @param {string} name */
  button(name) {
    return this.page.getByRole("button", { name, exact: true });
  }

  /**
   * Writes an event down and waits until it is created.
   * @param {{ title: string, start: Date, assignees?: string[], location?: string }} event
   */
  async createEvent({ title, start, assignees = [], location }) {
    const { date, time } = written(start);
    await this.page.getByRole("link", { name: this.words.newEvent }).click();
    await this.field(this.words.title).fill(title);
    await this.field(this.words.date).fill(date);
    await this.field(this.words.start).fill(time);
    if (location !== undefined) await this.field(this.words.location).fill(location);
    for (const name of assignees) await this.assign(name);
    await this.button(this.words.create).click();
    await this.page.getByText(this.words.created).waitFor();
  }

  assignees() {
    return this.page.getByRole("combobox", { name: this.words.assignees });
  }

  /** @param {string} name */
  async assign(name) {
    await this.assignees().fill(name);
    await this.page.getByRole("option", { name }).click();
    await this.page.keyboard.press("Escape");
  }

  /** The popup about the event of this title. @param {string} title */
  popup(title) {
    return this.popups().filter({ has: this.page.getByRole("heading", { name: title, exact: true }) });
  }

  popups() {
    return this.page.getByRole("region", { name: this.words.popups }).getByRole("article");
  }

  /** The unread count as the navigation shows it. */
  async unread() {
    const link = this.page.getByRole("navigation", { name: this.words.navigation }).getByRole("link", { name: this.words.notifications });
    return Number((await link.innerText()).match(/\d+/)?.[0] ?? 0);
  }
}
