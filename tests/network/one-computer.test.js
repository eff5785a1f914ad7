// Two people's sessions on one computer: the second finds that Rappel is there already, and joins it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Lan } from "../harness/lan.js";
import { fromNow } from "../harness/moment.js";
import { inOwnNetwork } from "../harness/own-network.js";
import { Desk, codeIn } from "./desk.js";

const skip = await inOwnNetwork(import.meta.url);

test("a second person's session on the hub's computer joins it, and each gets their own popups", { skip }, async (t) => {
  const lan = await Lan.lay(t);
  const computer = await lan.host("computer", "10.77.0.10");
  const camille = await Desk.start(t, computer);
  await camille.create("Camille");
  // It is shared with nobody: no network could tell of it.
  assert.equal((await camille.state()).settings.openToLan, false);

  const zoe = await Desk.start(t, computer);
  const id = await camille.app.command("person", "add", "Zoé");
  await zoe.joinFound(/on this computer$/, codeIn(await camille.app.command("invite", "Zoé")));
  const { role, joined } = await zoe.state();
  assert.deepEqual([role, joined.address], ["joined", "127.0.0.1:7710"]);

  const me = (await camille.app.command("person", "list")).split("\n").find((line) => line.endsWith("Camille"))?.split("\t")[0];
  /** @param {string} title @param {string | undefined} person @param {number} minutes */
  const create = (title, person, minutes) =>
    zoe.post("/api/events", { title, starts_at: fromNow(minutes, 2), assignees: [person], reminders: [minutes] });
  await create("For Zoé", id, 30);
  await create("For Camille", me, 30);
  await Promise.all([zoe.told("Event reminder: For Zoé"), camille.told("Event reminder: For Camille")]);
  // Each has been told all by now: what is due at one moment is decided at once.
  camille.wasTold(["New event assigned: For Camille", "Event reminder: For Camille"]);
  zoe.wasTold(["Event reminder: For Zoé"]);
});
