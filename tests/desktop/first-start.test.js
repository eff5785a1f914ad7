// The first minute with the app: it speaks the system's language, asks for a name, and shows how it will tell.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DesktopApp } from "../harness/desktop-app.js";
import { DesktopSession } from "../harness/desktop-session.js";
import { assertWindowAccessible } from "../harness/legibility.js";

test("the first start greets in the system's language and proves itself by a real popup", async (t) => {
  const session = await DesktopSession.start(t, { language: "fr", timeZone: "America/Montreal" });
  const app = await DesktopApp.start(t, session);
  await app.window.says("Bonjour.");
  await assertWindowAccessible(app.window, "the first start");
  await app.window.fill(/^Votre nom/, "Camille Laurent");
  await app.window.press(/^Créer Rappel/);

  const popup = await app.screen.popup("Voilà comment je vous préviendrai.");
  assert.deepEqual([...popup.buttons.keys()], ["Ça marche"]);
  await app.window.says("Voilà comment je vous préviendrai.");
  await assertWindowAccessible(app.window, "the first popup");
  await app.window.press(/^Ça marche$/);
  await app.window.says("Rien de prévu.");

  const me = await (await app.api("Camille Laurent")).get("/api/me");
  assert.equal(me.role, "admin", "whoever creates the office looks after it");
});

test("the tray has what the window does not need to be open for", async (t) => {
  const session = await DesktopSession.start(t);
  const app = await DesktopApp.start(t, session);
  await app.firstStart("en", "Camille");
  const labels = (await app.tray.entries()).map(({ label }) => label).filter((label) => label !== "");
  assert.deepEqual(labels, ["Open Rappel", "Nothing new", "Share with my team…", "Pause notifications", "Quit"]);

  const [window] = (await app.screen.windows()).filter(({ pid }) => pid === app.pid);
  assert.ok(window, "the app has a window");
  await app.screen.close(window);
  await app.tray.choose(/^Open Rappel$/);
  await app.screen.appears(({ pid }) => pid === app.pid, "the window, opened from the tray");
  await app.tray.choose(/^Quit$/);
  await app.ended();
});
