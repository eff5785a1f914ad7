// The hub is at another address: browsers do not find it there by themselves, and are one approval away.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startBrowser } from "../harness/browser.js";
import { assertAccessible } from "../harness/legibility.js";
import { fromNow } from "../harness/moment.js";
import { Office } from "../harness/office.js";
import { eventually } from "../harness/program.js";
import { RappelPage } from "../harness/rappel-page.js";

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
