// The hub is at another address, or on another computer: browsers do not find it there by themselves.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startBrowser } from "../harness/browser.js";
import { assertAccessible, assertNothingCutOff } from "../harness/legibility.js";
import { fromNow } from "../harness/moment.js";
import { Office } from "../harness/office.js";
import { eventually } from "../harness/program.js";
import { RappelPage } from "../harness/rappel-page.js";
import { StandBy } from "../harness/stand-by.js";

const browser = await startBrowser({ after });

test("whoever opens the new address says who they are, and is back in with one approval and no invitation", async (t) => {
  const office = await Office.open(t, browser, { Hugo: "en", Paul: "en" });
  const expected = [/ERR_CONNECTION_REFUSED/, /WebSocket connection/];
  const { seat, page: old } = await office.seat("Paul", { expected });
  const hugo = await office.api("Hugo");
  await hugo.post("/api/events", { title: "Site visit", starts_at: fromNow(300), assignees: [office.id("Paul")] });

  // Cookies are for one address: by the other one this browser is nobody.
  await office.hub.restart({ listen: "127.0.0.2" });
  await old.getByText("Rappel’s address may have changed: ask").waitFor();
  await assertAccessible(old, "the page that was left behind");
  seat.moveTo(office.hub.address);
  const page = await seat.tab();
  await page.getByLabel("Your name").fill("Paul");
  await page.getByRole("button", { name: "Ask to come in" }).click();
  await page.getByText("Your request is on its way").waitFor();

  const admin = await office.api("Hugo");
  const request = await eventually("Paul's request", async () => (await admin.get("/api/join-requests")).requests[0]);
  assert.equal(request.looks_like, office.id("Paul"), "the hub says who it may be");
  await admin.post(`/api/join-requests/${request.id}/accept`, { person_id: request.looks_like });
  const paul = new RappelPage(page, "en");
  await paul.atAgenda();
  await paul.row("Site visit").waitFor();
  const { people } = await admin.get("/api/people");
  assert.equal(people.length, 3, "the account's, Hugo and the one Paul");
});

test("whoever has a page open while the hub moves to another computer is shown the way there", async (t) => {
  const office = await Office.open(t, browser, { Hugo: "en", Zoé: "fr" });
  const expected = [/status of 503/, /ERR_CONNECTION_REFUSED/, /WebSocket connection/];
  const [hugo, zoe] = [
    await office.seat("Hugo", { expected, width: 1280 }),
    await office.seat("Zoé", { expected, width: 320, colors: "dark" }),
  ];
  const api = await office.api("Hugo");
  await api.post("/api/events", { title: "Site visit", starts_at: fromNow(300), assignees: [office.id("Hugo")] });
  const heir = await StandBy.join(t, await office.hub.invite(office.id("Hugo")));
  await eventually("the other computer to be heard", async () => /\tonline\t/.test(await office.hub.command("keeper")));
  await office.hub.command("handover", heir.device);

  const said = { en: "This office is now on another computer.", fr: "Ce bureau est maintenant sur un autre ordinateur." };
  for (const { page, screens, seat } of [hugo, zoe]) {
    await page.getByRole("heading", { name: said[seat.language], level: 1 }).waitFor();
    await assertAccessible(page, `the page that says where the office is (${seat.language})`);
    await assertNothingCutOff(page, `the page that says where the office is (${seat.language})`);
    seat.moveTo(heir.address);
    await page.getByRole("link", { name: `${heir.address}/` }).click();
    // A cookie is for an address whatever the port, and for one hub by its name: they are known there.
    await screens.atAgenda();
  }
  await hugo.screens.row("Site visit").waitFor();
});
