// The hub is killed, and the desktop that has joined it goes on reminding: two programs, and nothing between them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DesktopApp } from "../harness/desktop-app.js";
import { DesktopSession } from "../harness/desktop-session.js";
import { Hub } from "../harness/hub.js";
import { fromNow } from "../harness/moment.js";
import { eventually } from "../harness/program.js";

/** A desktop looks for a hub that is off less and less often: at least once a minute. */
const COMES_BACK_MS = 90_000;
/** The reminders of these tests. */
const MINUTES = 30;

/**
 * Ann's desktop, joined to a hub of another process; Bob makes her events.
 * @param {import("node:test").TestContext} t
 */
async function begin(t) {
  const hub = await Hub.start(t, { locale: "en" });
  await hub.addPerson("Bob", "--role", "admin");
  const ann = await hub.addPerson("Ann");
  const { address } = hub;
  const session = await DesktopSession.start(t);
  const asked = await session.bus.listen("type='method_call',interface='org.freedesktop.Notifications'");
  const app = await DesktopApp.start(t, session);
  /**
   * @param {string} command
   * @param {object} [args]
   */
  const ask = (command, args = {}) => app.window.run("return window.__TAURI_INTERNALS__.invoke(...arguments)", command, args);
  await ask("join_by_link", { link: await hub.invite(ann) });
  await app.window.run("location.reload()");
  await eventually("the desktop to be with its hub", async () => (await ask("desktop_state")).contact.state === "open");

  // The address changes while the hub is where nobody looks for it; tokens do not.
  const bobs = await hub.api("Bob");
  const anns = await hub.api("Ann");
  /** @param {import("../harness/api.js").Api} api */
  const at = (api) => Object.assign(api, { address: hub.address });
  const bob = () => at(bobs);

  /**
   * An event of Ann's that she is reminded of in so many seconds, once her desktop keeps it.
   * @param {string} title
   * @param {number} seconds
   */
  const reminding = async (title, seconds) => {
    const starts_at = fromNow(MINUTES, seconds);
    const event = await bob().post("/api/events", { title, starts_at, assignees: [ann], reminders: [MINUTES] });
    await eventually("the desktop to keep it", async () => (await ask("desktop_state")).syncedAt > event.created_at);
    return event;
  };
  /** @param {string} summary */
  const shown = (summary) => asked.message(({ member, payload }) => member === "Notify" && payload[3] === summary, `a popup "${summary}"`);
  /** @param {string} summary */
  const timesShown = (summary) =>
    asked.messages.filter(({ member, payload }) => member === "Notify" && payload[3] === summary).length;
  const back = () =>
    eventually("the desktop to be back", async () => (await ask("desktop_state")).contact.state === "open", COMES_BACK_MS);
  return { hub, address, app, ask, ann: () => at(anns), bob, reminding, shown, timesShown, back };
}

test("with its hub killed, a desktop reminds on time, shows its agenda, and reminds once", async (t) => {
  const { hub, address, app, ann, reminding, shown, timesShown, back } = await begin(t);
  const event = await reminding("Site visit", 10);
  await hub.kill();
  await app.window.says("The main computer does not answer. Your reminders go on.");
  await app.window.says("Site visit");

  await shown("Event reminder: Site visit");
  const due = Date.parse(event.starts_at) - MINUTES * 60_000;
  assert.ok(Date.now() >= due, "never before it is due");
  await app.screen.popup("Site visit");

  await hub.begin(address);
  await back();
  const history = await eventually("the hub to hear of it", async () => {
    const { notifications } = await ann().get("/api/notifications");
    const row = notifications.find(
      (/** @type {any} */ one) => one.event_id === event.id && one.notification_type === `${MINUTES}min_before`,
    );
    const history = await ann().get(`/api/notifications/${row.id}/history`);
    return history.seen.length > 0 ? { row, history } : null;
  });
  assert.equal(history.row.is_read, false, "that it was shown changes nothing");
  const late = Date.parse(history.history.seen[0].at) - due;
  t.diagnostic(`shown ${late} ms after it was due, by the hub's clock`);
  assert.ok(late >= 0, "never before it is due, by the hub's clock");

  await reminding("Signature", 3);
  await shown("Event reminder: Signature");
  assert.equal(timesShown("Event reminder: Site visit"), 1, "the hub told it too, and it was not shown again");
  await app.screen.press(await app.screen.popup("Event reminder: Site visit"), "Got it");
  await eventually("the hub to know that she is done with it", async () => {
    const { notifications } = await ann().get("/api/notifications");
    return notifications.find((/** @type {any} */ one) => one.id === history.row.id).dismissed_at !== null;
  });
});

test("what was shown without the hub is withdrawn when its event has moved meanwhile", async (t) => {
  const { hub, address, app, bob, reminding, shown, timesShown, back } = await begin(t);
  const event = await reminding("Delivery", 10);
  await hub.kill();
  // It is on again where the desktop cannot know, and off again before it comes back.
  await hub.begin();
  await bob().patch(`/api/events/${event.id}`, { starts_at: fromNow(5 * 60) });
  await shown("Event reminder: Delivery");
  await app.screen.popup("Event reminder: Delivery");
  await hub.kill();

  await hub.begin(address);
  await back();
  await shown("Event moved: Delivery");
  await app.screen.popupGone("Event reminder: Delivery");
  assert.equal(timesShown("Event reminder: Delivery"), 1);
});
