// What a person sees of a desktop session and does with the mouse: popups, windows, pictures of both.

import { accessibleDesktop } from "./accessibility.js";
import { eventually } from "./program.js";

/**
 * A popup drawn by the notification daemon.
 * @typedef {{ texts: string[], buttons: Map<string, import("./accessibility.js").Accessible>, box: import("./accessibility.js").Box }} Popup
 */

export class Screen {
  /** @param {import("./desktop-session.js").DesktopSession} session */
  constructor(session) {
    this.session = session;
  }

  /** The popups on the screen now. @returns {Promise<Popup[]>} */
  async popups() {
    const desktop = await accessibleDesktop(this.session.bus);
    const daemon = (await desktop.children()).find(({ name }) => name === "xfce4-notifyd");
    if (!daemon) return [];
    const popups = (await daemon.children()).map(async (frame) => {
      const parts = await frame.all();
      const buttons = parts.filter(({ role }) => role === "push button" || role === "button");
      return {
        texts: parts.filter(({ role, name }) => role === "label" && name !== "").map(({ name }) => name),
        buttons: new Map(buttons.map((button) => [button.name, button])),
        box: await frame.box(),
      };
    });
    return (await Promise.all(popups)).filter(({ texts }) => texts.length > 0);
  }

  /**
   * The popup one of whose texts contains `text`, once it is there.
   * @param {string} text
   * @param {number} [patience]
   */
  popup(text, patience) {
    return eventually(
      `a popup on the screen with "${text}"`,
      async () => (await this.popups()).find(({ texts }) => texts.some((line) => line.includes(text))),
      patience,
    );
  }

  /**
   * Waits until no popup has this text.
   * @param {string} text
   */
  async popupGone(text) {
    await eventually(`the popup with "${text}" to go`, async () =>
      (await this.popups()).every(({ texts }) => !texts.some((line) => line.includes(text))),
    );
  }

  /**
   * Moves the mouse onto a popup's button and clicks.
   * @param {Popup} popup
   * @param {string} label
   */
  async press(popup, label) {
    const button = popup.buttons.get(label);
    if (!button) throw new Error(`the popup has no button "${label}" but ${[...popup.buttons.keys()].join(", ")}`);
    const { x, y, width, height } = await button.box();
    const [middle, centre] = [x + Math.round(width / 2), y + Math.round(height / 2)];
    await this.session.output("xdotool", ["mousemove", "--sync", `${middle}`, `${centre}`, "click", "1"]);
  }

  /** The windows a person could switch to: their ids, processes and titles. */
  async windows() {
    const listed = await this.session.output("wmctrl", ["-l", "-p"]);
    return listed
      .split("\n")
      .map((line) => line.match(/^(0x[0-9a-f]+)\s+\S+\s+(\d+)\s+\S+\s?(.*)$/))
      .filter((match) => match !== null)
      .map(([, id, pid, title]) => ({ id: String(id), pid: Number(pid), title: String(title) }));
  }

  /**
   * Waits for a window that satisfies `test`.
   * @param {(window: { id: string, pid: number, title: string }) => boolean} test
   * @param {string} what
   */
  appears(test, what) {
    return eventually(what, async () => (await this.windows()).find(test));
  }

  /**
   * Asks a window to close, as its close button does.
   * @param {{ id: string }} window
   */
  async close({ id }) {
    await this.session.output("wmctrl", ["-i", "-c", id]);
    await eventually("the window to close", async () => !(await this.windows()).some((open) => open.id === id));
  }

  /**
   * Writes a picture of the screen, or of a part of it.
   * @param {string} path a PNG
   * @param {import("./accessibility.js").Box} [part]
   */
  async picture(path, part) {
    const crop = part ? ["-crop", `${part.width}x${part.height}+${part.x}+${part.y}`, "+repage"] : [];
    await this.session.output("import", ["-window", "root", ...crop, "-strip", path]);
  }
}
