// The story of sharing.test.js, told in a network of its own: from the first start to another address.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DesktopApp } from "../harness/desktop-app.js";
import { DesktopSession } from "../harness/desktop-session.js";
import { assertWindowAccessible } from "../harness/legibility.js";
import { OfficeNetwork, Story } from "../harness/network.js";
import { eventually } from "../harness/program.js";

/** The tray's entries. @param {DesktopApp} app */
async function entries(app) {
  return (await app.tray.entries()).map(({ label }) => label).filter((label) => label !== "");
}

/** The link that is shown. @param {DesktopApp} app @param {string} address */
function link(app, address) {
  return eventually(`a link to ${address}`, async () => {
    const links = await app.window.run("return [...document.querySelectorAll('input[readonly]')].map((field) => field.value)");
    return links.find((/** @type {string} */ one) => one.startsWith(`http://${address}:7710/join#`));
  });
}

/**
 * Has the window hear from now on that the network is a public one, which only a machine with firewalld finds out.
 * @param {DesktopApp} app
 */
function onPublicNetwork(app) {
  return app.window.run(`
    const ask = window.fetch;
    window.fetch = async (...request) => {
      const answer = await ask(...request);
      if (!String(request[0]).endsWith("/desktop_state")) return answer;
      const state = await answer.json();
      state.sharing.publicNetwork = true;
      return new Response(JSON.stringify(state), answer);
    };
    return window.__TAURI_INTERNALS__.invoke("show_test_popup");
  `);
}

await Story.tell("sharing with the team", async (story) => {
  const network = await OfficeNetwork.plugIn(story, "192.168.7.20");
  const session = await DesktopSession.start(story);
  const app = await DesktopApp.start(story, session);
  await app.firstStart("en", "Camille");
  await app.window.says("So far you are the only one who uses Rappel.");
  assert.equal((await app.tray.entries()).some(({ label }) => /address/.test(label)), false);

  // The whole story: share, yes, and later accept.
  await app.window.press(/^Share with my team$/);
  await app.window.says("Is this the computer that is on most?");
  await assertWindowAccessible(app.window, "the question before sharing");
  await app.window.press(/^No, another one is$/);
  await app.window.says("Then share from here, and move the office");
  await assertWindowAccessible(app.window, "the way to another computer");
  await app.window.press(/^Back$/);
  await app.window.press(/^Yes, share$/);
  await link(app, "192.168.7.20");
  await app.window.says(/[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}/);
  assert.equal(await app.window.run("return document.querySelectorAll('svg[role=img] path').length > 0"), true, "a QR code");
  await eventually("what was offered to be kept", async () => {
    const kept = JSON.parse(await readFile(join(app.folder, "desktop.json"), "utf8"));
    return kept.openToLan && kept.keepAwake && kept.startAtLogin;
  });
  assert.match(await readFile(join(session.folder.path, ".config/autostart/Rappel.desktop"), "utf8"), /--hidden/);

  // Nobody comes: the person is told what it may be, until somebody does.
  await app.window.says("Has nobody come yet?", 60_000);
  await app.window.says("A “guest” Wi-Fi keeps devices apart");
  await assertWindowAccessible(app.window, "sharing, with nobody there");
  await app.window.press(/^Settings$/);
  await app.window.says("Has nobody come yet?", 60_000);
  await app.window.press(/^Share with my team$/);
  await onPublicNetwork(app);
  await app.window.says("This network is marked as public");
  await app.window.says("whoever looks after your computers can mark it as trusted");
  await assertWindowAccessible(app.window, "sharing on a public network");
  const asked = await network.post("http://192.168.7.20:7710/api/join-requests", { name: "Paul", device_name: "Safari on iPhone" });
  await app.window.says("Another device has found Rappel already");
  await eventually("the help to go", async () => !(await app.window.text()).includes("Has nobody come yet?"));
  const popup = await app.screen.popup("Paul (Safari on iPhone) wants to join");
  await app.screen.press(popup, "Accept");
  await app.screen.popupGone("Paul");
  const status = `http://192.168.7.20:7710/api/join-requests/${asked.id}/status`;
  assert.equal((await network.post(status, { secret: asked.secret })).state, "accepted");

  // The DHCP server has another address for this computer.
  await network.moveTo("192.168.7.31");
  await link(app, "192.168.7.31");
  await app.window.says("It was http://192.168.7.20:7710, it is now http://192.168.7.31:7710.");
  await app.window.press(/^Agenda$/);
  await app.window.says("Rappel’s address has changed");
  await eventually("the tray to say so", async () => (await entries(app)).includes("Rappel's address has changed"));

  // Nobody was told yet, so it still says so after a restart; and it is still shared.
  await app.tray.choose(/^Quit$/);
  await app.ended();
  const again = await DesktopApp.start(story, session);
  await again.tray.choose(/^Rappel's address has changed$/);
  await link(again, "192.168.7.31");
  await again.window.press(/^Everybody knows$/);
  await eventually("the tray to say no more of it", async () =>
    (await entries(again)).join(", ") === "Open Rappel, Nothing new, Share with my team…, Pause notifications, Quit",
  );
  await eventually("the window to say no more of it", async () =>
    !(await again.window.text()).includes("Rappel’s address has changed"),
  );

  await again.window.press(/^Stop sharing$/);
  await again.window.says("Stop sharing Rappel?");
  await again.window.run("document.querySelector('[role=alertdialog] .danger').click()");
  await again.window.says("Is this the computer that is on most?");
  await assert.rejects(network.post("http://192.168.7.31:7710/api/join-requests", { name: "Zoé", device_name: "Firefox" }));
});
