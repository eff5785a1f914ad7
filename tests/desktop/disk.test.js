// The desktop whose disk takes nothing: its person is told by a popup, by the tray and in the window, until it is over.

import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { DesktopApp } from "../harness/desktop-app.js";
import { DesktopSession } from "../harness/desktop-session.js";
import { root } from "../harness/folders.js";
import { eventually, output } from "../harness/program.js";

test("a disk that takes nothing is one popup and a line in the tray, and both go when it is over", async (t) => {
  const session = await DesktopSession.start(t);
  const [library, full] = [join(session.folder.path, "fault.so"), join(session.folder.path, "full")];
  const source = join(root, "tests/wire/failing_writes/fault.c");
  await output("gcc", ["-shared", "-fPIC", "-O1", "-o", library, source]);
  Object.assign(session.env, { LD_PRELOAD: library, RAPPEL_FAULT: "ENOSPC", RAPPEL_FAULT_WHILE: full });
  const app = await DesktopApp.start(t, session);
  await app.firstStart("en", "Camille");
  const api = await app.api("Camille");
  const lines = async () => (await app.tray.entries()).map(({ label }) => label).filter((label) => label !== "");
  const before = await lines();

  await writeFile(full, "");
  const refused = api.post("/api/events", { title: "Site visit", starts_at: new Date().toISOString() });
  await assert.rejects(refused, /503 disk_full/);
  await app.screen.popup("The disk of the main computer is full.");
  await eventually("the line in the tray", async () => (await lines()).includes("The disk of the main computer is full."));
  await app.window.says("Nothing can be saved, and reminders wait.");

  await rm(full);
  await app.screen.popupGone("The disk of the main computer is full.");
  await eventually("the menu as it was", async () => (await lines()).join() === before.join());
  await api.post("/api/events", { title: "Site visit", starts_at: new Date().toISOString() });
});
