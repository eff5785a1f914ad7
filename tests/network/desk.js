// A person at a desktop of the office's network: the app in a session of its own, and what passes on its bus.

import assert from "node:assert/strict";
import { DesktopApp } from "../harness/desktop-app.js";
import { DesktopSession } from "../harness/desktop-session.js";
import { eventually } from "../harness/program.js";

/** A desktop looks for a hub that is off less and less often: at least once a minute. */
const COMES_BACK_MS = 70_000;

/** An invitation's code, out of what `rappel-hub invite` prints. @param {string} printed */
export function codeIn(printed) {
  const code = printed.match(/\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b/)?.[0];
  assert.ok(code, "an invitation has a code");
  return code;
}

export class Desk {
  /**
   * @param {DesktopApp} app
   * @param {import("../harness/bus.js").Listener} heard
   */
  constructor(app, heard) {
    this.app = app;
    this.screen = app.screen;
    this.window = app.window;
    this.heard = heard;
  }

  /**
   * The app at its first start, on a host.
   * @param {import("../harness/ending.js").Running} test
   * @param {import("../harness/lan.js").Place} place
   */
  static async start(test, place) {
    const session = await DesktopSession.start(test, { place });
    const heard = await session.bus.listen("type='method_call',interface='org.freedesktop.Notifications'");
    return new Desk(await DesktopApp.start(test, session), heard);
  }

  /**
   * Goes through the first start, with an office of one's own.
   * @param {string} name
   */
  async create(name) {
    await this.app.firstStart("en", name);
    await this.inContact();
  }

  /**
   * Joins the office that was found, from its place in the list to the popup that shows how popups look.
   * @param {RegExp} office as the list names it
   * @param {string} code
   */
  async joinFound(office, code) {
    await this.window.press(office);
    await this.window.fill(/^Code/, code);
    await this.window.press(/^Join$/);
    await this.screen.popup("This is how I will tell you.");
    await this.window.press(/^It works$/);
    await this.window.says("Nothing planned.");
    await this.inContact();
  }

  /** What the app says of itself. @returns {Promise<any>} */
  state() {
    return this.window.run("return window.__TAURI_INTERNALS__.invoke('desktop_state')");
  }

  /**
   * Calls the hub as the window does, as this desktop's person.
   * @param {string} path
   * @param {unknown} body
   */
  post(path, body) {
    return this.window.run("return window.__TAURI_INTERNALS__.invoke('hub_call', { request: arguments[0] })", { method: "POST", path, body });
  }

  /** Waits until it has a session with its hub. */
  async inContact() {
    await eventually("the desktop to be with its hub", async () => (await this.state()).contact.state === "open", COMES_BACK_MS);
  }

  /** Waits until it keeps an event for when its hub is off. @param {{ created_at: string }} event */
  async keeps(event) {
    await eventually("the desktop to keep it", async () => (await this.state()).syncedAt > event.created_at);
  }

  /** Waits until a popup is asked for. @param {string} summary @param {number} [patience] */
  told(summary, patience) {
    return this.heard.message(({ member, payload }) => member === "Notify" && payload[3] === summary, `a popup "${summary}"`, patience);
  }

  /** What the popups about events were, in the order in which they were asked for. */
  get popups() {
    return this.heard.messages
      .filter(({ member, payload }) => member === "Notify" && /: /.test(payload[3]))
      .map(({ payload }) => String(payload[3]));
  }

  /** What was there when a story failed: the window's words, what the app says of itself, and the popups. */
  async seen() {
    const unknown = (/** @type {Error} */ error) => error.message;
    const [text, state] = await Promise.all([this.window.text().catch(unknown), this.state().catch(unknown)]);
    return JSON.stringify({ text, state, popups: this.popups }, null, 1);
  }

  /** Fails unless these were all popups about events, each once. @param {string[]} expected */
  wasTold(expected) {
    assert.deepEqual(this.popups.toSorted(), expected.toSorted(), "each of these once, and nothing else");
  }
}
