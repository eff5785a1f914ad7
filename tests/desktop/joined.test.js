// A second desktop: it joins the office of a hub elsewhere, is told of its events, and lives through what happens to
// the hub.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DesktopApp } from "../harness/desktop-app.js";
import { DesktopSession } from "../harness/desktop-session.js";
import { Hub } from "../harness/hub.js";
import { assertWindowAccessible } from "../harness/legibility.js";
import { fromNow } from "../harness/moment.js";

/**
 * A hub of its own, and Ann's desktop at its first start.
 * @param {import("node:test").TestContext} t
 */
async function begin(t) {
  const hub = await Hub.start(t, { locale: "en" });
  const ann = await hub.addPerson("Ann");
  const admin = await hub.api((await hub.command("person", "list")).split("\t")[0] ?? "");
  const session = await DesktopSession.start(t);
  const app = await DesktopApp.start(t, session);
  /** @param {string} title @param {number} minutes */
  const eventIn = (title, minutes) =>
    admin.post("/api/events", { title, starts_at: fromNow(minutes, 2), assignees: [ann], reminders: [minutes] });
  return { hub, admin, app, ann, eventIn };
}

/**
 * From "Join my office" to the popup that shows how popups look.
 * @param {DesktopApp} app
 * @param {string} where a link or an address
 * @param {string | null} code where it is an address
 */
async function join(app, where, code) {
  await app.window.press(/^Join my office$/);
  await assertWindowAccessible(app.window, "joining an office");
  await app.window.fill(/^Link or address/, where);
  await app.window.press(/^Continue$/);
  if (code !== null) {
    await app.window.fill(/^Code/, code);
    await app.window.press(/^Join$/);
  }
}

/** @param {DesktopApp} app */
async function popupWorks(app) {
  const popup = await app.screen.popup("This is how I will tell you.");
  await app.window.press(/^It works$/);
  await app.screen.press(popup, "It works");
  await app.screen.popupGone("This is how I will tell you.");
}

/** @param {Hub} hub @param {string} person */
async function codeFor(hub, person) {
  const code = (await hub.command("invite", person)).match(/\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b/)?.[0];
  assert.ok(code, "an invitation has a code");
  return code;
}

test("a desktop joins by a typed code and is told with its window closed, also after its hub was killed", async (t) => {
  const { hub, admin, app, ann, eventIn } = await begin(t);
  const { host } = new URL(hub.address);
  await join(app, host, "0000-0000-0000");
  await app.window.says("This code or link is not right");
  await assertWindowAccessible(app.window, "a code that is not right");
  await app.window.fill(/^Code/, (await codeFor(hub, ann)).toLowerCase());
  await app.window.press(/^Join$/);
  await popupWorks(app);
  const { devices } = await admin.get("/api/devices");
  const kinds = devices.filter((/** @type {any} */ device) => device.person_id === ann).map((/** @type {any} */ device) => device.kind);
  assert.deepEqual(kinds, ["desktop"], "its token is good with its key only");

  const [window] = (await app.screen.windows()).filter(({ pid }) => pid === app.pid);
  assert.ok(window, "the app has a window");
  await app.screen.close(window);
  await eventIn("Site visit", 30);
  await app.screen.press(await app.screen.popup("Site visit"), "Got it");
  await app.screen.popupGone("Site visit");

  await hub.kill();
  await hub.begin(hub.address);
  await eventIn("Signature", 30);
  await app.screen.popup("Signature");
  assert.ok(app.alive, "nobody has started it anew");
});

test("a desktop that was signed out says so, and joins again by a link", async (t) => {
  const { hub, admin, app, ann, eventIn } = await begin(t);
  await join(app, await hub.invite(ann), null);
  await popupWorks(app);
  await app.window.says("Nothing planned.");
  await app.window.press(/^Settings$/);
  await app.window.says("Leave this office");
  await assertWindowAccessible(app.window, "the settings of a desktop that has joined");
  await app.window.press(/^Agenda$/);

  const { devices } = await admin.get("/api/devices");
  const desktop = devices.find((/** @type {any} */ device) => device.kind === "desktop");
  await admin.delete(`/api/devices/${desktop.id}`);
  await app.window.says("This computer is no longer a member");
  await assertWindowAccessible(app.window, "having been signed out");

  await app.window.press(/^Join again$/);
  await app.window.fill(/^Link or address/, await hub.invite(ann));
  await app.window.press(/^Continue$/);
  await app.window.says("Nothing planned.");
  await eventIn("Delivery", 30);
  await app.screen.popup("Delivery");
});

test("with the invitation for everybody a desktop asks, and comes in when it is accepted", async (t) => {
  const { admin, app } = await begin(t);
  const { link } = await admin.post("/api/invitations");
  await join(app, link, null);
  await app.window.press(/^My name is not in the list$/);
  await app.window.fill(/^Your name/, "Dora");
  await app.window.press(/^Ask to come in$/);
  await app.window.says("Your request is on its way.");
  await assertWindowAccessible(app.window, "waiting at the door");
  const [request] = (await admin.get("/api/join-requests")).requests;
  assert.deepEqual([request.name, request.invited], ["Dora", true]);
  await admin.post(`/api/join-requests/${request.id}/accept`, {});
  await popupWorks(app);
  await app.window.says("Nothing planned.");
});
