// The hub moves from one desktop to another by the screens of the first: three apps, each on a computer of its own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Api } from "../harness/api.js";
import { DesktopApp } from "../harness/desktop-app.js";
import { Lan } from "../harness/lan.js";
import { fromNow } from "../harness/moment.js";
import { inOwnNetwork } from "../harness/own-network.js";
import { eventually } from "../harness/program.js";
import { Desk, codeIn } from "../network/desk.js";

const skip = await inOwnNetwork(import.meta.url);

/** A desktop asks every ten seconds what its hub wants, and so does one whose hub has moved. */
const MOVES_WITHIN_MS = 60_000;
const PORT = 7710;

test("an admin moves the hub to another desktop, and their own goes on as a member", { skip }, async (t) => {
  const lan = await Lan.lay(t);
  const old = await lan.host("old", "10.77.0.21");
  const next = await lan.host("next", "10.77.0.22");
  const third = await lan.host("third", "10.77.0.23");
  const camille = await Desk.start(t, old);
  await camille.create("Camille");
  await camille.window.press(/^Share with my team$/);
  await camille.window.press(/^Yes, share$/);
  await eventually("the hub to be on its network", async () => (await camille.state()).settings.openToLan);
  await camille.app.command("person", "add", "Zoé");
  await camille.app.command("person", "add", "Noah", "--role", "admin");
  const noah = await Desk.start(t, next);
  await noah.joinFound(/^Our office$/, codeIn(await camille.app.command("invite", "Noah")));
  const zoe = await Desk.start(t, third);
  await zoe.joinFound(/^Our office$/, codeIn(await camille.app.command("invite", "Zoé")));

  const api = await camille.app.api("Camille");
  assert.equal(api.address, `http://${old.address}:${PORT}`);
  const { people } = await api.get("/api/people");
  const [me, other] = ["Camille", "Zoé"].map((name) => people.find((/** @type {any} */ one) => one.name === name).id);
  const event = { starts_at: fromNow(3 * 60), assignees: [me], reminders: [] };
  await noah.post("/api/events", { title: "Site visit", ...event });
  await camille.told("New event assigned: Site visit");
  const before = await office(api);
  assert.deepEqual([before.people.length, before.events.length, before.notifications.length], [3, 1, 1], "there is something to move");

  await camille.window.press(/^Settings$/);
  await camille.window.says("Move the office to another computer");
  await camille.window.press(/^Move the office there$/);
  await camille.window.says("Then this computer is one like the others");
  const [question, window] = await camille.window.run(
    "return [document.querySelector('[role=alertdialog]').getBoundingClientRect().height, window.innerHeight]",
  );
  assert.ok(question < window / 2, `the question is as high as its words: ${question} of ${window} px`);
  await camille.window.press(/^Move$/);
  await camille.window.says("The office is moving to");
  await eventually("the other desktop to be the hub", async () => (await noah.state()).role === "hub", MOVES_WITHIN_MS);
  await eventually("the old one to be a member", async () => (await camille.state()).role === "joined", MOVES_WITHIN_MS);
  await camille.inContact();

  // Nobody there has asked for it: they are told, and whom they have to tell of what.
  await noah.screen.popup("This computer is the main computer now");
  await noah.window.says(`It was http://${old.address}:${PORT}, it is now http://${next.address}:${PORT}.`);
  const { openToLan, keepAwake, startAtLogin } = (await noah.state()).settings;
  assert.deepEqual({ openToLan, keepAwake, startAtLogin }, { openToLan: true, keepAwake: true, startAtLogin: true });

  // Everything is there, and who was let in by the old one is by the new one.
  const moved = new Api(`http://${next.address}:${PORT}`, api.token);
  const after = await office(moved);
  assert.deepEqual({ ...after, epoch: 1 }, before, "people, events, history and identity have moved");
  assert.equal(after.epoch, 2);
  const { moved: isElsewhere, joined, role } = await camille.state();
  assert.deepEqual([role, isElsewhere, joined.address], ["joined", null, `${next.address}:${PORT}`]);
  await camille.window.press(/^Agenda$/);
  await camille.window.says("Site visit");

  // Nobody answers where the hub was, neither on the network nor on that computer itself.
  for (const address of [old.address, "127.0.0.1"]) {
    await assert.rejects(old.run("curl", "--silent", "--show-error", `http://${address}:${PORT}/api/hub/epoch`), /onnect/);
  }

  await noah.post("/api/events", { title: "Signature", ...event });
  await camille.screen.popup("Signature");
  camille.wasTold(["New event assigned: Site visit", "New event assigned: Signature"]);

  // A desktop that had nothing to do with it has followed.
  await zoe.inContact();
  assert.equal((await zoe.state()).joined.address, `${next.address}:${PORT}`);
  await noah.post("/api/events", { title: "Measuring", ...event, assignees: [other] });
  await zoe.screen.popup("Measuring");

  await noah.window.press(/^Settings$/);
  await noah.window.says("The last two years, the latest first.");
  await noah.window.run("for (const closed of document.querySelectorAll('details')) closed.open = true");
  await noah.window.says("The office moved to");

  await camille.app.tray.choose(/^Quit$/);
  await camille.app.ended();
  const again = await DesktopApp.start(t, camille.app.session);
  await again.window.says("Signature");
  await noah.post("/api/events", { title: "Delivery", ...event });
  await again.screen.popup("Delivery");
});

/**
 * What an office is, to an admin of it.
 * @param {Api} api
 */
async function office(api) {
  const { id, fingerprint, epoch } = await api.get("/api/hub");
  const { people } = await api.get("/api/people");
  const { events } = await api.get(`/api/events?from=${fromNow(0)}&to=${fromNow(24 * 60)}`);
  const { notifications } = await api.get("/api/notifications");
  return { id, fingerprint, epoch, people, events, notifications };
}
