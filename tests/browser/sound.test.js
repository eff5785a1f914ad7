// The sound of a popup: browsers play none before their person has clicked, and the click on "Join" is enough.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Seat, startBrowser } from "../harness/browser.js";
import { fromNow } from "../harness/moment.js";
import { Office } from "../harness/office.js";
import { eventually } from "../harness/program.js";
import { RappelPage } from "../harness/rappel-page.js";
import { WORDS } from "../harness/words.js";

const browser = await startBrowser({ after });

/** Tells what a page has that makes sound, from its beginning on. */
const TELL = `
  window.AudioContext = class extends AudioContext {
    constructor(...options) {
      super(...options);
      tell(this.state);
      this.addEventListener("statechange", () => tell(this.state));
    }
  };
  window.OscillatorNode = class extends OscillatorNode {
    constructor(...options) {
      super(...options);
      tell("tone");
    }
  };
  // One that is made with nobody having clicked.
  new AudioContext();`;

/**
 * Where the button with this name is. To ask the page itself would count as a click of its person.
 * @param {import("playwright-core").Page} page
 * @param {string} name
 */
function placeOf(page, name) {
  return eventually(`the place of ${name}`, async () => {
    const devtools = await page.context().newCDPSession(page);
    try {
      const { nodes } = await devtools.send("Accessibility.getFullAXTree");
      const button = nodes.find((node) => node.role?.value === "button" && node.name?.value === name);
      if (button?.backendDOMNodeId === undefined) return null;
      const { model } = await devtools.send("DOM.getBoxModel", { backendNodeId: button.backendDOMNodeId });
      const [left = 0, top = 0, , , right = 0, bottom = 0] = model.border;
      return { x: (left + right) / 2, y: (top + bottom) / 2 };
    } finally {
      await devtools.detach();
    }
  });
}

for (const touch of [false, true]) {
  test(`the ${touch ? "tap" : "click"} on "Join" unlocks the sound of what comes later`, async (t) => {
    const office = await Office.open(t, browser, { Hugo: "en", Camille: "en" });
    const seat = await Seat.take(t, browser, office.hub.address, { touch });
    /** @type {string[]} */
    const told = [];
    await seat.context.exposeFunction("tell", (/** @type {string} */ what) => void told.push(what));
    await seat.context.addInitScript(TELL);
    const page = await seat.tab(await office.hub.invite(office.id("Camille")));
    const { x, y } = await placeOf(page, WORDS.en.join);
    assert.deepEqual([...new Set(told)], ["suspended"], "this browser wants a click first");
    await (touch ? page.touchscreen.tap(x, y) : page.mouse.click(x, y));
    await eventually("sound to be allowed", async () => told.includes("running"));

    const screens = new RappelPage(page, "en");
    await screens.atAgenda();
    await (await office.api("Hugo")).post("/api/events", {
      title: "Site visit",
      starts_at: fromNow(60),
      assignees: [office.id("Camille")],
    });
    await screens.popup("Site visit").waitFor();
    await eventually("the sound", async () => told.filter((what) => what === "tone").length === 2);
  });
}
