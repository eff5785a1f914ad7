// What became of a notification: where it was seen, said by the devices themselves and read in the list.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startBrowser } from "../harness/browser.js";
import { assertAccessible } from "../harness/legibility.js";
import { fromNow } from "../harness/moment.js";
import { Office } from "../harness/office.js";
import { eventually } from "../harness/program.js";

const browser = await startBrowser({ after });

/**
 * The history of a person's only notification, once the hub has what it is asked for.
 * @param {any} api
 * @param {(history: any) => boolean} holds
 */
async function historyWith(api, holds) {
  const { notifications } = await api.get("/api/notifications");
  assert.equal(notifications.length, 1);
  return eventually("a history that says so", async () => {
    const history = await api.get(`/api/notifications/${notifications[0].id}/history`);
    return holds(history) && history;
  });
}

test("a popup on screen was seen there, and the list says so", async (t) => {
  const office = await Office.open(t, browser, { Hugo: "en", Camille: "en" });
  const { screens, page } = await office.seat("Camille");
  const [hugo, camille] = [await office.api("Hugo"), await office.api("Camille")];
  await hugo.post("/api/events", { title: "Site visit", starts_at: fromNow(240), assignees: [office.id("Camille")] });
  await screens.popup("Site visit").waitFor();
  const { devices } = await camille.get("/api/devices");
  const browsers = devices.filter((/** @type {any} */ device) => device.kind === "browser");
  const history = await historyWith(camille, ({ seen, received }) => seen.length > 0 && received.length > 0);
  assert.deepEqual(history.seen.map((/** @type {any} */ one) => one.device_id), [browsers[0].id]);
  assert.deepEqual(history.received.map((/** @type {any} */ one) => one.device_id), [browsers[0].id]);
  assert.ok(history.seen[0].at >= history.created_at);

  await screens.goTo(screens.words.notifications);
  const row = page.getByRole("listitem").filter({ hasText: "Site visit" });
  const button = row.getByRole("button", { name: screens.words.history });
  assert.equal(await button.getAttribute("aria-expanded"), "false");
  await button.focus();
  await page.keyboard.press("Enter");
  await row.getByText("Seen on this device").waitFor();
  assert.match(await row.innerText(), /\d\d:\d\d:\d\d\s+Sent/);
  await row.getByText("30 min before: to come").waitFor();
  assert.equal(await button.getAttribute("aria-expanded"), "true");
  await assertAccessible(page, "the list with a history");

  await screens.popup("Site visit").getByRole("button", { name: "Got it", exact: true }).click();
  await row.getByText("Closed with “Got it”").waitFor();
  await button.click();
  await row.getByText("Seen on this device").waitFor({ state: "detached" });
});

test("a page that is hidden has it, and shows it to nobody until somebody looks", async (t) => {
  const office = await Office.open(t, browser, { Hugo: "en", Camille: "en" });
  const { page, screens } = await office.seat("Camille");
  const [hugo, camille] = [await office.api("Hugo"), await office.api("Camille")];
  const becomes = (/** @type {string} */ state) =>
    page.evaluate((state) => {
      Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);
  await becomes("hidden");
  await hugo.post("/api/events", { title: "Site visit", starts_at: fromNow(240), assignees: [office.id("Camille")] });
  await screens.popup("Site visit").waitFor();
  const hidden = await historyWith(camille, ({ received }) => received.length > 0);
  // What is in view is known a frame after it is drawn; two have passed when this answers.
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  assert.deepEqual(hidden.seen, []);
  assert.deepEqual((await historyWith(camille, () => true)).seen, [], "the page is there, nobody looks at it");
  await becomes("visible");
  await historyWith(camille, ({ seen }) => seen.length > 0);
});

test("a row of the list is seen when it is scrolled to", async (t) => {
  const office = await Office.open(t, browser, { Hugo: "en", Camille: "en" });
  const [hugo, camille] = [await office.api("Hugo"), await office.api("Camille")];
  for (let count = 1; count <= 30; count += 1) {
    await hugo.post("/api/events", { title: `Visit ${count}`, starts_at: fromNow(240), assignees: [office.id("Camille")] });
  }
  const { page, screens } = await office.seat("Camille");
  const { notifications } = await camille.get("/api/notifications");
  const seenOf = async (/** @type {string} */ title) => {
    const { id } = notifications.find((/** @type {any} */ row) => row.event.title === title);
    return (await camille.get(`/api/notifications/${id}/history`)).seen;
  };
  const seen = (/** @type {string} */ title) =>
    eventually(`${title} seen`, async () => (await seenOf(title)).length > 0);
  await screens.goTo(screens.words.notifications);
  await seen("Visit 30");
  assert.deepEqual(await seenOf("Visit 1"), [], "it is far below");
  await page.getByRole("link", { name: "Visit 1", exact: true }).scrollIntoViewIfNeeded();
  await seen("Visit 1");
});

test("whoever may change an event sees what became of their own reminders of it", async (t) => {
  const office = await Office.open(t, browser, { Hugo: "en" });
  const { page, screens } = await office.seat("Hugo");
  const hugo = await office.api("Hugo");
  const { id } = await hugo.post("/api/events", { title: "Visit", starts_at: fromNow(20), assignees: [office.id("Hugo")] });
  await page.goto(`${office.hub.address}/events/${id}`);
  await screens.field(screens.words.title).waitFor();
  await page.getByText("30 min before: its time had already passed").waitFor();
  await page.getByText("5 min before: to come").waitFor();
  await assertAccessible(page, "an event with one's own reminders");
});

test("an event says what became of one's own reminders", async (t) => {
  const office = await Office.open(t, browser, { Hugo: "fr", Camille: "fr" });
  const { page, screens } = await office.seat("Camille");
  const hugo = await office.api("Hugo");
  const { id } = await hugo.post("/api/events", { title: "Visite", starts_at: fromNow(20), assignees: [office.id("Camille")] });
  await screens.popup("Visite").getByRole("button", { name: screens.words.open, exact: true }).click();
  await page.waitForURL(`**/events/${id}`);
  await page.getByText(screens.words.reminders, { exact: true }).waitFor();
  await page.getByText("30 min avant : son heure était déjà passée").waitFor();
  await page.getByText("5 min avant : à venir").waitFor();
  await hugo.patch(`/api/events/${id}`, { reminders: [10] });
  await page.getByText("10 min avant : à venir").waitFor();
});
