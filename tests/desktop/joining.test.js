// Somebody asks to come in: whoever looks after Rappel sees a popup of the system, and lets them in with one click.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Api } from "../harness/api.js";
import { DesktopApp } from "../harness/desktop-app.js";
import { DesktopSession } from "../harness/desktop-session.js";
import { eventually } from "../harness/program.js";

test("whoever asks to come in is let in from the popup, and what is answered elsewhere leaves the screen", async (t) => {
  const session = await DesktopSession.start(t);
  const app = await DesktopApp.start(t, session);
  await app.firstStart("en", "Camille");
  const camille = await app.api("Camille");
  // What asking takes is no token: anybody may.
  const anybody = new Api(camille.address, "");
  /** @param {string} name */
  const knock = (name) => anybody.post("/api/join-requests", { name, device_name: "Safari on iPhone" });
  // As on most days, the window is closed.
  const [window] = (await app.screen.windows()).filter(({ pid }) => pid === app.pid);
  assert.ok(window, "the app has a window");
  await app.screen.close(window);

  const paul = await knock("Paul");
  const popup = await app.screen.popup("Paul (Safari on iPhone) wants to join");
  assert.deepEqual([...popup.buttons.keys()], ["Accept", "Not now"]);
  await app.screen.press(popup, "Accept");
  await app.screen.popupGone("Paul");
  const accepted = await eventually("Paul to be let in", async () => {
    const status = await anybody.post(`/api/join-requests/${paul.id}/status`, { secret: paul.secret });
    return status.state === "waiting" ? null : status;
  });
  assert.deepEqual([accepted.state, accepted.person.name, accepted.person.role], ["accepted", "Paul", "member"]);

  const zoe = await knock("Zoé");
  await app.screen.press(await app.screen.popup("Zoé"), "Not now");
  await eventually("Zoé to be told", async () =>
    (await anybody.post(`/api/join-requests/${zoe.id}/status`, { secret: zoe.secret })).state === "declined",
  );

  const hugo = await knock("Hugo");
  await app.screen.popup("Hugo");
  await camille.post(`/api/join-requests/${hugo.id}/accept`, {});
  await app.screen.popupGone("Hugo");
});
