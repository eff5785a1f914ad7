// A real browser, and the people who sit at it: one context each, as separate as two computers.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { whenOver } from "./ending.js";
import { ownFolder, root } from "./folders.js";
import { PATIENCE_MS } from "./program.js";

/**
 * @typedef {object} SeatOptions
 * @property {"fr" | "en"} [language] the browser's
 * @property {string} [timeZone]
 * @property {"light" | "dark"} [colors]
 * @property {number} [width]
 * @property {number} [height]
 * @property {string} [userAgent] the browser's own unless told otherwise
 * @property {boolean} [touch] whether it is used by tapping
 * @property {number} [scale] device pixels for one of the page's
 * @property {string[]} [also] further origins that its pages may talk to
 * @property {RegExp[]} [expected] what the browser may complain of without failing the test
 */

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/**
 * Starts the system's Chromium; it ends with the test.
 * @param {import("./ending.js").Running} test
 * @param {object} [options]
 * @param {string} [options.home] whose settings it has, and whom it trusts; nobody's unless told otherwise
 * @param {import("./lan.js").Place} [options.place] where it runs; on this machine unless told otherwise
 */
export async function startBrowser(test, { home, place } = {}) {
  const chromiumPath = process.env["RAPPEL_CHROMIUM"] ?? CHROMIUM.find((path) => existsSync(path));
  if (!chromiumPath) throw new Error(`no Chromium at ${CHROMIUM.join(", ")}`);
  const executablePath = place ? await programThere(test, place, chromiumPath) : chromiumPath;
  const browser = await chromium.launch({
    executablePath,
    ...(home === undefined ? {} : { env: { ...process.env, HOME: home } }),
    // Chromium refuses its sandbox to root, and only to root.
    chromiumSandbox: process.getuid?.() !== 0,
    args: [
      ...["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
      ...["--disable-background-networking", "--disable-component-update"],
    ],
  });
  whenOver(test, () => browser.close());
  return browser;
}

/**
 * A program that runs another one at its place.
 * @param {import("./ending.js").Running} test
 * @param {import("./lan.js").Place} place
 * @param {string} program
 */
async function programThere(test, place, program) {
  const folder = await ownFolder("program");
  whenOver(test, folder.remove);
  const path = join(folder.path, "program");
  const words = place.enter(program, []).flat().map((word) => `'${word}'`);
  await writeFile(path, `#!/bin/sh\nexec ${words.join(" ")} "$@"\n`, { mode: 0o755 });
  return path;
}

let seats = 0;

/** A page asks who is signed in; that nobody is yet is an answer, which the browser reports as an error. */
const NOBODY_YET = /status of 401 .*\/api\/me\)$/;

/** One person's browser. */
export class Seat {
  /** @type {string[]} errors, policy violations and calls to strangers, of all its tabs */
  complaints = [];

  /**
   * @param {import("playwright-core").BrowserContext} context
   * @param {string} address where the pages come from
   * @param {"fr" | "en"} language
   * @param {RegExp[]} expected
   * @param {string[]} also
   */
  constructor(context, address, language, expected, also) {
    this.context = context;
    this.origins = [address, ...also];
    this.address = address;
    this.language = language;
    this.expected = expected;
  }

  /**
   * @param {import("./ending.js").Running} test
   * @param {import("playwright-core").Browser} browser
   * @param {string} address the only origin its pages may talk to, unless told otherwise
   * @param {SeatOptions} [options]
   */
  static async take(
    test,
    browser,
    address,
    { language = "en", timeZone = "Europe/Paris", colors = "light", width = 1100, height = 800, scale = 1, touch = false, userAgent, expected = [], also = [] } = {},
  ) {
    const context = await browser.newContext({
      locale: language === "fr" ? "fr-FR" : "en-GB",
      timezoneId: timeZone,
      colorScheme: colors,
      reducedMotion: "reduce",
      viewport: { width, height },
      deviceScaleFactor: scale,
      hasTouch: touch,
      ...(userAgent === undefined ? {} : { userAgent }),
    });
    const seat = new Seat(context, new URL(address).origin, language, expected, also);
    context.on("page", (page) => seat.#watch(page));
    whenOver(test, async () => {
      if (test.passed === false) await seat.#picture(String(test.name));
      await context.close();
      assert.deepEqual(seat.complaints, [], "a page must work without errors and within its content security policy");
    });
    return seat;
  }

  /** Its pages come from another address from now on. @param {string} address */
  moveTo(address) {
    this.address = address;
    this.origins.push(new URL(address).origin);
  }

  /**
   * Opens a tab.
   * @param {string} [address]
   */
  async tab(address = this.address) {
    const page = await this.context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(address);
    return page;
  }

  /** Keeps what was on the screen when a test failed. @param {string} test */
  async #picture(test) {
    const name = test.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 80);
    for (const [tab, page] of this.context.pages().entries()) {
      const path = join(root, "target/test/failed", `${name}-${seats++}-${tab}.png`);
      await page.screenshot({ path, timeout: 5_000 }).then(() => console.error(`what it saw: ${path}`), () => {});
    }
  }

  /** @param {import("playwright-core").Page} page */
  #watch(page) {
    const complain = (/** @type {string} */ complaint) => {
      if (![NOBODY_YET, ...this.expected].some((pattern) => pattern.test(complaint))) this.complaints.push(complaint);
    };
    page.on("pageerror", (error) => complain(`uncaught: ${error.stack ?? error.message}`));
    page.on("console", (message) => {
      // Policy violations are reported as errors, too.
      if (message.type() === "error") complain(`console: ${message.text()} (${message.location().url})`);
    });
    page.on("request", (request) => {
      const { protocol, origin } = new URL(request.url());
      if (protocol.startsWith("http") && !this.origins.includes(origin)) complain(`request to a stranger: ${request.url()}`);
    });
  }
}
