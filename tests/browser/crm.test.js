// A customer-relations application at another origin, whose pages show this hub's notifications: it opens the
// WebSocket with a token in its address and sends its cookies along with every call.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { Seat, startBrowser } from "../harness/browser.js";
import { Hub } from "../harness/hub.js";
import { fromNow } from "../harness/moment.js";
import { startOrigin } from "../harness/origin.js";
import { RappelPage } from "../harness/rappel-page.js";

/** The application: what it hears and what it asks, with nothing but what every browser has. */
const APPLICATION = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>CRM</title><script>
  const heard = [];
  function listen(hub, token) {
    return new Promise((resolve) => {
      const socket = new WebSocket(hub.replace("http", "ws") + "/ws/notifications/?token=" + token);
      socket.onopen = () => resolve("open");
      socket.onmessage = (message) => heard.push(JSON.parse(message.data));
      socket.onclose = ({ code }) => resolve("closed " + code);
    });
  }
  async function ask(method, address, token) {
    const headers = { "Content-Type": "application/json" };
    if (token) headers.Authorization = "Bearer " + token;
    try {
      const answer = await fetch(address, { method, headers, credentials: "include" });
      return { status: answer.status, body: await answer.json() };
    } catch (error) {
      return { blocked: error.name };
    }
  }
</script>`;

/** The browser's own words for what these tests provoke. */
const REFUSALS = [/Failed to load resource/, /blocked by CORS policy/, /WebSocket connection to .* failed/];

const browser = await startBrowser({ after });

describe("an application at another origin", () => {
  /**
   * @param {import("node:test").TestContext} t
   * @param {{ allowed: boolean }} options
   */
  async function open(t, { allowed }) {
    const origin = await startOrigin(t, APPLICATION);
    const hub = await Hub.start(t, { allowOrigins: allowed ? [origin] : [] });
    await hub.addPerson("Anna", "--role", "admin");
    const person = await hub.addPerson("Camille");
    const seat = await Seat.take(t, browser, origin, { expected: [...REFUSALS, /request to a stranger/] });
    return { hub, person, origin, seat, page: await seat.tab(), camille: await hub.api(person), admin: await hub.api("Anna") };
  }

  /**
   * @param {import("playwright-core").Page} page
   * @param {string} type
   * @returns {Promise<any>} the first frame of this notification type
   */
  async function hears(page, type) {
    const frame = await page.waitForFunction(
      (type) => heard.find((frame) => frame.notification?.notification_type === type),
      type,
      { timeout: 15_000 },
    );
    return frame.jsonValue();
  }

  test("hears of an assignment and of the reminder, when it is allowed", async (t) => {
    const { hub, person, page, camille, admin } = await open(t, { allowed: true });
    assert.equal(await page.evaluate(([hub, token]) => listen(hub, token), /** @type {const} */ ([hub.address, camille.token])), "open");
    const event = await admin.post("/api/events", {
      title: "Visite de chantier",
      comment: "Apporter les plans",
      contact: { id: "c-17", name: "Marie Dupont", phone: null, email: null },
      starts_at: fromNow(30, 2),
      assignees: [person],
    });

    const assigned = await hears(page, "assigned");
    assert.equal(assigned.type, "event_notification");
    assert.equal(assigned.unread_count, 1);
    assert.equal(assigned.notification.title, "Nouvel événement assigné");
    assert.equal(assigned.notification.minutes_before, null);
    const { id, datetime, contactId, contactName, comment } = assigned.notification.event;
    assert.deepEqual(
      { id, datetime, contactId, contactName, comment },
      { id: event.id, datetime: event.starts_at, contactId: "c-17", contactName: "Marie Dupont", comment: "Apporter les plans" },
    );

    const reminder = await hears(page, "30min_before");
    assert.equal(reminder.unread_count, 2);
    assert.equal(reminder.notification.minutes_before, 30);
    assert.equal(reminder.notification.title, "Rappel événement");
    assert.match(reminder.notification.message, /^Votre événement commence dans 30 minutes \(.*\) - Marie Dupont\nApporter les plans$/);
  });

  test("lists, reads and counts, when it is allowed", async (t) => {
    const { hub, person, page, camille, admin } = await open(t, { allowed: true });
    for (const title of ["Un", "Deux"]) {
      await admin.post("/api/events", { title, starts_at: fromNow(600), assignees: [person] });
    }
    const call = (/** @type {string} */ method, /** @type {string} */ path) =>
      page.evaluate(
        ([method, address, token]) => ask(method, address, token),
        /** @type {const} */ ([method, hub.address + path, camille.token]),
      );

    assert.deepEqual((await call("GET", "/api/notifications/unread-count/")).body, { unread_count: 2 });
    const { notifications, unread_count } = (await call("GET", "/api/notifications/")).body;
    assert.equal(unread_count, 2);
    assert.equal(notifications.length, 2);
    const { id, type, title, message, event_id, is_read, created_at, data } = notifications[0];
    assert.equal(type, "event");
    assert.equal(title, "Nouvel événement assigné");
    assert.match(message, / - Deux$/, "the newest comes first");
    assert.equal(typeof event_id, "string");
    assert.equal(is_read, false);
    assert.ok(Date.parse(created_at) <= Date.now());
    assert.equal(data.notification_type, "assigned");

    assert.deepEqual((await call("POST", `/api/notifications/${id}/read/`)).body, { unread_count: 1 });
    assert.deepEqual((await call("POST", "/api/notifications/mark-all-read/")).body, { unread_count: 0 });
    assert.equal((await call("GET", "/api/user/current/")).body.name, "Camille");
  });

  test("is refused when it is not allowed, whatever it brings", async (t) => {
    const { hub, origin, page, camille } = await open(t, { allowed: false });
    const seen = await page.evaluate(
      ([address, token]) => ask("GET", address, token),
      /** @type {const} */ ([`${hub.address}/api/notifications/`, camille.token]),
    );
    assert.deepEqual(seen, { blocked: "TypeError" }, "the page must not see an answer");
    // The browser keeps the reason to itself; this is what it was told.
    /** @type {Record<string, string>[]} */
    const brought = [{ origin }, { origin, authorization: `Bearer ${camille.token}` }, { origin: "null" }];
    for (const headers of brought) {
      for (const method of ["OPTIONS", "GET"]) {
        assert.equal((await fetch(`${hub.address}/api/notifications/`, { method, headers })).status, 403, method);
      }
    }
    assert.equal(
      await page.evaluate(([hub, token]) => listen(hub, token), /** @type {const} */ ([hub.address, camille.token])),
      "closed 1006",
      "the socket is refused before the upgrade",
    );
    assert.deepEqual(await page.evaluate(() => heard), []);
  });

  test("gains nothing by the cookie of a person who is signed in", async (t) => {
    const { hub, person, seat, page } = await open(t, { allowed: true });
    await RappelPage.join(seat, await hub.invite(person), "fr");
    const seen = await page.evaluate(
      ([address]) => ask("GET", address, null),
      /** @type {const} */ ([`${hub.address}/api/me`]),
    );
    assert.equal(seen.status, 401, "a cookie that a foreign page brings is ignored");
    assert.equal(await page.evaluate(([hub]) => listen(hub, ""), /** @type {const} */ ([hub.address])), "closed 1006");
  });
});

