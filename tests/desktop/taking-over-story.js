// The story of taking-over.test.js, told in a network of its own: from the copy to the old hub's return.

import assert from "node:assert/strict";
import { Api } from "../harness/api.js";
import { DesktopApp } from "../harness/desktop-app.js";
import { DesktopSession } from "../harness/desktop-session.js";
import { Hub } from "../harness/hub.js";
import { assertWindowAccessible } from "../harness/legibility.js";
import { fromNow } from "../harness/moment.js";
import { OfficeNetwork, Story } from "../harness/network.js";

/** The desktop asks its hub every ten seconds whether a copy is wanted. */
const COPIES_WITHIN_MS = 60_000;
const MINUTES = 30;

await Story.tell("taking over", async (story) => {
  await OfficeNetwork.plugIn(story, "192.168.7.20");
  const hub = await Hub.start(/** @type {any} */ (story), { locale: "en", listen: "192.168.7.20" });
  const [admin = ""] = (await hub.command("person", "list")).split("\t");
  const before = await hub.api(admin);
  const session = await DesktopSession.start(story);
  const app = await DesktopApp.start(story, session);
  /** @param {string} command @param {object} [args] */
  const ask = (command, args = {}) => app.window.run("return window.__TAURI_INTERNALS__.invoke(...arguments)", command, args);
  const people = { assignees: [admin], reminders: [MINUTES] };
  await before.post("/api/events", { title: "Site visit", starts_at: fromNow(3 * 60), ...people });

  await ask("join_by_link", { link: await hub.invite(admin) });
  await app.window.run("location.reload()");
  await app.window.says("Site visit");
  await app.window.press(/^Settings$/);
  await app.window.press(/^Keep the copy there$/);
  await app.window.says("Last copy:", COPIES_WITHIN_MS);
  await app.window.press(/^Agenda$/);

  await hub.kill();
  await app.window.says("The main computer does not answer.");
  await assertWindowAccessible(app.window, "the hub that is gone");
  await app.window.press(/^Is the main computer gone for good\?/);
  await app.window.says("added or changed since then are lost");
  await app.window.says("In browsers the address changes");
  await assertWindowAccessible(app.window, "the question before taking over");
  await app.window.press(/^Make this one the main computer$/);
  await app.window.says("This computer is the main computer now.");
  await app.window.says("Site visit");
  const state = await ask("desktop_state");
  assert.deepEqual([state.role, state.joined, state.moved], ["hub", null, null]);
  const { openToLan, keepAwake, startAtLogin } = state.settings;
  assert.deepEqual({ openToLan, keepAwake, startAtLogin }, { openToLan: true, keepAwake: true, startAtLogin: true });
  await app.window.says(`It was ${hub.address}, it is now http://192.168.7.20:7710.`);

  const after = await app.api(admin);
  const { events } = await after.get(`/api/events?from=${fromNow(0)}&to=${fromNow(24 * 60)}`);
  assert.deepEqual(events.map((/** @type {any} */ event) => event.title), ["Site visit"], "what was in the copy is there");
  await after.post("/api/events", { title: "Signature", starts_at: fromNow(MINUTES, 3), ...people });
  await app.screen.popup("Signature");

  await app.window.press(/^Settings$/);
  await app.window.says("The last two years, the latest first.");
  await app.window.run("for (const closed of document.querySelectorAll('details')) closed.open = true");
  await app.window.says("became the main computer, from its copy");

  // The old one comes back, and asks where its copies are before it decides anything.
  await hub.begin(hub.address);
  const old = new Api(hub.address, before.token);
  await assert.rejects(old.get("/api/me"), /hub_moved/, "it serves nobody");
  const { moved } = await old.get("/api/hub/epoch");
  assert.match(moved.addresses[0], /:7710$/, "it says where the office is");
});
