// The app's window, through the WebDriver protocol of WebKitGTK.

import { freePort } from "./free-port.js";
import { eventually } from "./program.js";

/** The key under which WebDriver hides an element's id. */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

export class Window {
  /** @param {string} session the address of the WebDriver session */
  constructor(session) {
    this.session = session;
  }

  /**
   * Starts a Tauri app with its window under remote control.
   * @param {import("./desktop-session.js").DesktopSession} desktop
   * @param {{ binary: string, args?: string[] }} app
   */
  static async open(desktop, { binary, args = [] }) {
    const port = await freePort();
    desktop.env["TAURI_AUTOMATION"] = "true";
    desktop.env["TAURI_WEBVIEW_AUTOMATION"] = "true";
    const { address } = desktop.place;
    desktop.start(...desktop.place.enter("WebKitWebDriver", [`--host=${address}`, `--port=${port}`]), []);
    const driver = `http://${address}:${port}`;
    await eventually("the driver of the app's window", async () => (await ask("GET", `${driver}/status`)).ready);
    const { sessionId } = await ask("POST", `${driver}/session`, {
      capabilities: { alwaysMatch: { "webkitgtk:browserOptions": { binary, args } } },
    });
    return new Window(`${driver}/session/${sessionId}`);
  }

  /**
   * Runs the body of a function in the page.
   * @param {string} body
   * @param {...unknown} args
   * @returns {Promise<any>}
   */
  run(body, ...args) {
    return ask("POST", `${this.session}/execute/sync`, { script: body, args });
  }

  /** Waits until what was last changed is drawn. */
  async drawn() {
    const script = "const [done] = arguments; requestAnimationFrame(() => requestAnimationFrame(() => done(null)));";
    await ask("POST", `${this.session}/execute/async`, { script, args: [] });
  }

  /** All text a person could read in the window. @returns {Promise<string>} */
  text() {
    return this.run("return document.body.innerText");
  }

  /**
   * Waits until the window says `text`.
   * @param {string | RegExp} text
   * @param {number} [patience]
   */
  async says(text, patience) {
    const said = async () => {
      const here = await this.text();
      return typeof text === "string" ? here.includes(text) : text.test(here);
    };
    await eventually(`the window to say ${text}`, said, patience);
  }

  /**
   * Clicks the button or link with this name.
   * @param {RegExp} name
   */
  async press(name) {
    const element = await this.#named("button, a[href], [role=button], [role=radio], input[type=radio]", name);
    await ask("POST", `${this.session}/element/${element}/click`, {});
  }

  /**
   * Replaces what stands in the field with this label.
   * @param {RegExp} label
   * @param {string} text
   */
  async fill(label, text) {
    const element = await this.#named("input, textarea", label);
    await ask("POST", `${this.session}/element/${element}/clear`, {});
    await ask("POST", `${this.session}/element/${element}/value`, { text });
  }

  /**
   * The visible, enabled element with this accessible name, once it is there.
   * @param {string} kinds a selector
   * @param {RegExp} name
   * @returns {Promise<string>} its WebDriver id
   */
  #named(kinds, name) {
    return eventually(`${kinds} named ${name} in the window`, async () => {
      const found = await this.run(
        `const [kinds, source, flags] = arguments;
         const name = new RegExp(source, flags);
         const nameOf = (element) =>
           element.getAttribute("aria-label") ?? element.labels?.[0]?.innerText ?? element.innerText;
         return [...document.querySelectorAll(kinds)].find((element) =>
           !element.disabled && element.getClientRects().length > 0 && name.test(nameOf(element).trim()));`,
        kinds,
        name.source,
        name.flags,
      );
      return found?.[ELEMENT];
    });
  }
}

/**
 * @param {string} method
 * @param {string} address
 * @param {unknown} [body]
 * @returns {Promise<any>}
 */
async function ask(method, address, body) {
  const answer = await fetch(address, { method, body: body === undefined ? null : JSON.stringify(body) });
  const { value } = /** @type {any} */ (await answer.json());
  if (!answer.ok) throw new Error(`${method} ${address}: ${value.error}: ${value.message}`);
  return value;
}
