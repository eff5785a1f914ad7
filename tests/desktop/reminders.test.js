// The main job on the desktop: the app tells its person of an event by a native popup, and the popup's buttons act.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DesktopApp } from "../harness/desktop-app.js";
import { DesktopSession } from "../harness/desktop-session.js";
import { Program } from "../harness/program.js";
import { appProgram } from "../harness/folders.js";
import { fromNow } from "../harness/moment.js";

const NOTIFICATIONS = "interface='org.freedesktop.Notifications'";

/**
 * The app, past its first start, with its API and an ear on the notification daemon.
 * @param {import("node:test").TestContext} t
 */
async function begin(t) {
  const session = await DesktopSession.start(t);
  const asked = await session.bus.listen(`type='method_call',${NOTIFICATIONS}`);
  const pressed = await session.bus.listen(`type='signal',${NOTIFICATIONS}`);
  const app = await DesktopApp.start(t, session);
  await app.firstStart("en", "Camille");
  const api = await app.api("Camille");
  const me = (await api.get("/api/me")).id;

  /** @param {string} title @param {number} minutes */
  const eventIn = (title, minutes) =>
    api.post("/api/events", { title, starts_at: fromNow(minutes, 2), location: "12 rue des Lilas", assignees: [me], reminders: [minutes] });
  /** @param {string} title */
  const notified = (title) =>
    asked.message(({ member, payload }) => member === "Notify" && payload[3].includes(title), `a popup about "${title}"`);
  /** @param {string} title */
  const about = async (title) =>
    (await api.get("/api/notifications")).notifications.find((/** @type {any} */ row) => row.event.title === title);
  return { session, app, api, pressed, eventIn, notified, about, screen: app.screen };
}

test("a reminder pops up, is snoozed by the mouse, and the next one comes with the window closed", async (t) => {
  const { app, pressed, eventIn, notified, about, screen } = await begin(t);

  await eventIn("Site visit", 30);
  const [, , , summary, body, actions] = (await notified("Site visit")).payload;
  assert.equal(summary, "Event reminder: Site visit");
  assert.match(body, /^Your event starts in 30 minutes/);
  assert.match(body, /12 rue des Lilas/);
  // The first pair is a click on the popup itself: it has no button.
  assert.deepEqual(actions, ["default", "", "dismiss", "Got it", "snooze", "In 5 min", "open", "Open"]);

  const popup = await screen.popup("Site visit");
  const before = Date.now();
  await screen.press(popup, "In 5 min");
  await pressed.message(({ member }) => member === "ActionInvoked", "the press of a button");
  await screen.popupGone("Site visit");
  const snoozed = await about("Site visit");
  assert.equal(snoozed.is_read, true);
  const minutes = (Date.parse(snoozed.snoozed_until) - before) / 60_000;
  assert.ok(minutes > 4.9 && minutes < 5.5, `snoozed for 5 minutes, not ${minutes}`);

  const [window] = (await screen.windows()).filter(({ pid }) => pid === app.pid);
  assert.ok(window, "the app has a window");
  await screen.close(window);
  assert.ok(app.alive, "closing the window does not end the app");
  await eventIn("Signature", 5);
  await notified("Signature");
  await screen.press(await screen.popup("Signature"), "Got it");
  await screen.popupGone("Signature");
  assert.notEqual((await about("Signature")).dismissed_at, null);
});

test("a second start shows the first one's window, and quitting takes the popups along", async (t) => {
  const { session, app, eventIn, screen } = await begin(t);
  const [window] = (await screen.windows()).filter(({ pid }) => pid === app.pid);
  assert.ok(window, "the app has a window");
  await screen.close(window);

  const second = new Program(appProgram, [], { env: session.env, listenTo: [] });
  assert.equal(await second.ended, 0, "the second process hands over and ends");
  await screen.appears(({ pid }) => pid === app.pid, "the first process's window");
  assert.equal(await app.tray.count(), 1);

  await eventIn("Signature", 5);
  await screen.popup("Signature");
  await app.tray.choose(/^Quit/);
  await app.ended();
  await screen.popupGone("Signature");
});
