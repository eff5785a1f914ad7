// A hub that goes back to a backup while a page is open.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { startBrowser } from "../harness/browser.js";
import { fromNow } from "../harness/moment.js";
import { Office } from "../harness/office.js";

const browser = await startBrowser({ after });

test("a page goes on after its hub was restored, and shows nothing twice", async (t) => {
  const office = await Office.open(t, browser, { Hugo: "en", Camille: "en" });
  const { screens, page } = await office.seat("Camille", { expected: [/status of 404 .*\/dismiss\)$/] });
  const hugo = await office.api("Hugo");
  const assignees = [office.id("Camille")];
  const backup = join(office.hub.folder.path, "backup.db");
  const assign = (/** @type {string} */ title, /** @type {object} */ more = {}) =>
    hugo.post("/api/events", { title, starts_at: fromNow(120), assignees, ...more });

  await assign("Site visit", { starts_at: fromNow(30, 4), reminders: [30] });
  const assigned = screens.popups().filter({ hasText: screens.words.assigned });
  await assigned.waitFor();
  await office.hub.command("backup", backup);
  // What the backup does not know: that this was seen, that the reminder came, and another event.
  await assigned.getByRole("button", { name: screens.words.gotIt, exact: true }).click();
  await assigned.waitFor({ state: "detached" });
  const reminder = screens.popup("Site visit").filter({ hasText: screens.words.reminder });
  await reminder.waitFor();
  await assign("Signature");
  await screens.popup("Signature").waitFor();

  await office.hub.command("restore", backup);
  const { notifications } = await (await office.api("Camille")).get("/api/notifications");
  assert.ok(notifications.length <= 2, "Signature is gone");
  // Alone, or on the card for what came while the line was down.
  await assign("Delivery");
  await screens.popup("Delivery").waitFor();

  const shown = await screens.popups().getByRole("heading").allInnerTexts();
  assert.deepEqual(shown.toSorted(), ["Delivery", "Signature", "Site visit"], "one each: what was seen is not shown as new");
  assert.equal(await reminder.count(), 1, "it came again");
  assert.deepEqual((await page.getByRole("status").allInnerTexts()).filter((text) => /lost|failed|wrong/i.test(text)), []);
  assert.equal(await page.getByRole("alert").count(), 0);

  await screens.goTo(screens.words.notifications);
  const rows = page.getByRole("main").getByRole("listitem");
  await rows.filter({ hasText: "Delivery" }).waitFor();
  assert.equal(await rows.filter({ hasText: "Site visit" }).count(), 2, "that it was assigned, and the reminder");
  assert.equal(await rows.filter({ hasText: "Signature" }).count(), 0, "the list is the restored one");
  assert.equal(await screens.unread(), 3);

  // The hub does not know it any more; acting on it closes it all the same.
  await screens.popup("Signature").getByRole("button", { name: screens.words.gotIt, exact: true }).click();
  await screens.popup("Signature").waitFor({ state: "detached" });
  await page.getByText("This reminder no longer applies.").waitFor();
});
