// Several tabs of one browser: one connection, one popup, and one of them takes over when another goes.

import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { after, describe, test } from "node:test";
import { Seat, startBrowser } from "../harness/browser.js";
import { Hub } from "../harness/hub.js";
import { fromNow } from "../harness/moment.js";
import { RappelPage } from "../harness/rappel-page.js";

const browser = await startBrowser({ after });

/** An address of this machine by which others reach it: no secure context for a browser. */
const lan = Object.values(networkInterfaces()).flat().find((one) => one?.family === "IPv4" && !one.internal)?.address;

/**
 * A person with several tabs of one browser, and a colleague who makes events for them.
 * @param {import("node:test").TestContext} t
 * @param {{ listen: string, worker: boolean, count?: number }} options
 */
async function tabs(t, { listen, worker, count = 3 }) {
  const hub = await Hub.start(t, { locale: "en", listen });
  const seat = await Seat.take(t, browser, hub.address);
  if (!worker) await seat.context.addInitScript(() => Reflect.deleteProperty(window, "SharedWorker"));
  /** @type {Map<import("playwright-core").Page, import("playwright-core").WebSocket[]>} */
  const sockets = new Map();
  seat.context.on("page", (page) => {
    sockets.set(page, []);
    page.on("websocket", (socket) => sockets.get(page)?.push(socket));
  });
  const all = [await RappelPage.join(seat, hub.firstSignIn, "en")];
  while (all.length < count) all.push(await RappelPage.reopen(seat, "en"));
  const id = String((await hub.command("person", "list")).split("\t")[0]);
  await hub.addPerson("Anna", "--role", "admin");
  const anna = await hub.api("Anna");
  /** @param {string} title */
  const assign = (title) => anna.post("/api/events", { title, starts_at: fromNow(240), assignees: [id] });
  const open = () => [...sockets].filter(([page, all]) => !page.isClosed() && all.some((socket) => !socket.isClosed())).map(([page]) => page);
  /** Waits until this tab has a connection of its own. @param {RappelPage | undefined} tab */
  const connected = async (tab) => {
    while (tab !== undefined && !open().includes(tab.page)) await tab.page.waitForEvent("websocket");
  };
  return { seat, all, assign, open, connected };
}

/** The tabs in which the popup of this title is. @param {RappelPage[]} all @param {string} title */
async function showing(all, title) {
  const counts = await Promise.all(all.map((tab) => tab.popup(title).count()));
  return counts.flatMap((count, tab) => (count > 0 ? [tab] : []));
}

/** All have heard of so many. @param {RappelPage[]} all @param {number} count */
async function unread(all, count) {
  await Promise.all(all.map(({ page }) => page.waitForFunction((count) => document.title.startsWith(`(${count})`), count)));
}

const places = [{ listen: "127.0.0.1", secure: true }, ...(lan === undefined ? [] : [{ listen: lan, secure: false }])];

for (const { listen, secure } of places) {
  for (const worker of [true, false]) {
    const where = `${secure ? "this machine" : "the network"}, ${worker ? "a shared worker" : "no shared worker"}`;

    describe(`the tabs of a browser (${where})`, () => {
      test("hear over one connection, and show one popup", async (t) => {
        const { all, assign, open } = await tabs(t, { listen, worker });
        assert.equal(await all[0]?.page.evaluate(() => isSecureContext), secure);
        await assign("Site visit");
        await unread(all, 1);
        await all[2]?.popup("Site visit").waitFor();
        assert.deepEqual(await showing(all, "Site visit"), [2], "the tab that was opened last");
        assert.equal(open().length, worker ? 0 : 1, "no tab but one has a connection of its own");

        await all[2]?.button("Got it").click();
        await Promise.all(all.map((tab) => tab.popup("Site visit").waitFor({ state: "detached" })));
      });

      test("take over from one that closes", async (t) => {
        const { all, assign, open, connected } = await tabs(t, { listen, worker });
        const [first, second, third] = all;
        await assign("One");
        await third?.popup("One").waitFor();
        await third?.page.close({ runBeforeUnload: true });
        await first?.page.close({ runBeforeUnload: true });
        await second?.popup("One").waitFor();
        await assign("Two");
        await second?.popup("Two").waitFor();
        // It may have read what came meanwhile before it is connected.
        if (!worker) await connected(second);
        assert.equal(open().length, worker ? 0 : 1);
      });

      test("act as one", async (t) => {
        const { all, assign } = await tabs(t, { listen, worker, count: 2 });
        await assign("One");
        await unread(all, 1);
        await all[0]?.goTo("Notifications");
        await all[0]?.button("Mark all as read").click();
        await Promise.all(all.map(({ page }) => page.waitForFunction(() => !document.title.startsWith("("))));
      });
    });
  }
}

describe("a tab in front that has fallen asleep", () => {
  test("is replaced when something comes", async (t) => {
    const { seat, all, assign } = await tabs(t, { listen: "127.0.0.1", worker: true, count: 2 });
    const [first, second] = all;
    // It neither hears nor answers.
    const session = await seat.context.newCDPSession(/** @type {RappelPage} */ (second).page);
    await session.send("Debugger.enable");
    await session.send("Debugger.pause");
    await assign("Site visit");
    await first?.popup("Site visit").waitFor();
    await session.send("Debugger.disable");
    await first?.button("Got it").click();
    await Promise.all(all.map((tab) => tab.popup("Site visit").waitFor({ state: "detached" })));
  });
});

describe("notifications of the system", () => {
  /** Records what the page shows by the system, instead of a screen that nobody sees. */
  const recorder = () => {
    class Shown {
      /** @type {any[]} */
      static all = [];
      static permission = "default";
      static async requestPermission() {
        Shown.permission = "granted";
        return "granted";
      }
      onclick = () => {};
      onclose = () => {};
      open = true;
      /** @param {string} title @param {any} options */
      constructor(title, options) {
        this.title = title;
        this.tag = options.tag;
        Shown.all.push(this);
      }
      close() {
        this.open = false;
        this.onclose();
      }
    }
    Object.defineProperty(window, "Notification", { value: Shown, configurable: true });
    // Where there is a service worker, it shows them.
    Object.defineProperty(navigator, "serviceWorker", { value: undefined, configurable: true });
  };
  const hide = () => {
    Object.defineProperty(document, "visibilityState", { get: () => "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  };

  test("are asked for by a click, shown by one tab when none is seen, and lead to the event", async (t) => {
    const { seat, all, assign } = await tabs(t, { listen: "127.0.0.1", worker: true, count: 1 });
    await seat.context.addInitScript(recorder);
    const [first, second] = [await RappelPage.reopen(seat, "en"), await RappelPage.reopen(seat, "en")];
    await all[0]?.page.close();
    await first.goTo("Settings");
    await first.page.getByText("In this page only").waitFor();
    await first.button("Allow notifications").click();
    await first.page.getByText("Notifications of the system, also while this page is hidden").waitFor();
    await second.page.evaluate(() => Notification.requestPermission());

    await assign("Seen");
    await unread([first, second], 1);
    for (const { page } of [first, second]) await page.evaluate(hide);
    await assign("Unseen");
    await unread([first, second], 2);
    const shown = () =>
      Promise.all(
        [first, second].map(({ page }) =>
          page.evaluate(() => /** @type {any} */ (Notification).all.map((/** @type {any} */ one) => `${one.title} ${one.open}`)),
        ),
      );
    assert.deepEqual((await shown()).flat(), ["New event assigned\u00a0: Unseen true"], "one for all tabs, and none while one is seen");

    const tab = (await shown())[0]?.length === 1 ? first : second;
    await tab.page.evaluate(() => /** @type {any} */ (Notification).all[0].onclick());
    await tab.page.getByRole("heading", { name: "Event", level: 1 }).waitFor();
    assert.deepEqual((await shown()).flat(), ["New event assigned\u00a0: Unseen false"]);
  });

  test("are not promised where the browser has none", async (t) => {
    if (lan === undefined) return t.skip("this machine has no address but its own");
    const { all } = await tabs(t, { listen: lan, worker: true, count: 1 });
    await all[0]?.goTo("Settings");
    await all[0]?.page.getByText(/on a secure address only; the Rappel desktop app always does/).waitFor();
    assert.equal(await all[0]?.button("Allow notifications").count(), 0);
  });
});
