// Popups in the page: they come at once, stay until acted on, and are closed everywhere by acting on one.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { startBrowser } from "../harness/browser.js";
import { fromNow } from "../harness/moment.js";
import { Office } from "../harness/office.js";

const browser = await startBrowser({ after });

/** @param {any} api @param {string} title */
async function notificationAbout(api, title) {
  const { notifications } = await api.get("/api/notifications");
  return notifications.find((/** @type {any} */ row) => row.event.title === title);
}

describe("a popup", () => {
  test("appears to the person an event is created for, in their language, and to nobody else", async (t) => {
    const office = await Office.open(t, browser, { Hugo: "en", Camille: "fr" });
    const [hugo, camille] = [await office.seat("Hugo"), await office.seat("Camille")];
    await hugo.screens.createEvent({
      title: "Visite de chantier",
      start: new Date(Date.now() + 3 * 3_600_000),
      location: "12 rue des Lilas",
      assignees: ["Camille"],
    });

    const popup = camille.screens.popup("Visite de chantier");
    await popup.waitFor();
    assert.match(await popup.innerText(), /Nouvel événement assigné · 12 rue des Lilas/);
    assert.match(await camille.page.title(), /^\(1\)/, "the tab says that something is unread");
    assert.equal(await hugo.screens.popups().count(), 0, "who acts is not told of it");

    await popup.getByRole("button", { name: "Ouvrir", exact: true }).click();
    await camille.page.waitForURL(/\/events\/[0-9a-f-]+$/);
    await popup.waitFor({ state: "detached" });
    await camille.page.getByRole("heading", { name: "Visite de chantier", level: 1 }).waitFor();
  });

  test("is closed on every device of its person by a snooze, and by a dismissal", async (t) => {
    const office = await Office.open(t, browser, { Hugo: "fr", Camille: "fr" });
    const [desk, kitchen] = [await office.seat("Camille"), await office.seat("Camille")];
    const [hugo, camille] = [await office.api("Hugo"), await office.api("Camille")];
    for (const [title, minutes] of /** @type {const} */ ([["Visite", 30], ["Signature", 5]])) {
      const assignees = [office.id("Camille")];
      await hugo.post("/api/events", { title, starts_at: fromNow(minutes, 4), assignees, reminders: [minutes] });
    }
    for (const { screens } of [desk, kitchen]) {
      await screens.popup("Visite").filter({ hasText: "Rappel événement" }).waitFor();
      await screens.popup("Signature").filter({ hasText: "Rappel événement" }).waitFor();
    }

    const before = Date.now();
    await desk.screens.popup("Visite").filter({ hasText: "Rappel" }).getByRole("button", { name: "Dans 5 min", exact: true }).click();
    await kitchen.screens.popup("Visite").filter({ hasText: "Rappel" }).waitFor({ state: "detached" });
    const snoozed = await notificationAbout(camille, "Visite");
    assert.equal(snoozed.notification_type, "30min_before");
    assert.ok(Math.abs(Date.parse(snoozed.snoozed_until) - before - 5 * 60_000) < 15_000);

    await kitchen.screens.popup("Signature").filter({ hasText: "Rappel" }).getByRole("button", { name: "OK, vu", exact: true }).click();
    await desk.screens.popup("Signature").filter({ hasText: "Rappel" }).waitFor({ state: "detached" });
    assert.notEqual((await notificationAbout(camille, "Signature")).dismissed_at, null);
  });

  test("gives way to the news when its event is cancelled", async (t) => {
    const office = await Office.open(t, browser, { Hugo: "en", Camille: "en" });
    // The page may be asking for the event at the moment it is deleted.
    const { screens } = await office.seat("Camille", { expected: [/status of 404 .*\/api\/events\//] });
    const hugo = await office.api("Hugo");
    const { id } = await hugo.post("/api/events", { title: "Site visit", starts_at: fromNow(120), assignees: [office.id("Camille")] });
    await screens.popup("Site visit").filter({ hasText: "New event assigned" }).waitFor();
    await hugo.delete(`/api/events/${id}`);
    await screens.popup("Site visit").filter({ hasText: "Event cancelled" }).waitFor();
    assert.equal(await screens.popups().count(), 1);
  });

  test("survives a reload, and what came while nobody was there is one card", async (t) => {
    const office = await Office.open(t, browser, { Hugo: "en", Camille: "en" });
    const camille = await office.seat("Camille");
    const hugo = await office.api("Hugo");
    const assign = (/** @type {string} */ title) =>
      hugo.post("/api/events", { title, starts_at: fromNow(240), assignees: [office.id("Camille")] });

    await assign("Before");
    await camille.screens.popup("Before").waitFor();
    await camille.page.reload();
    await camille.screens.popup("Before").waitFor();

    await camille.page.close();
    for (const title of ["Second", "Third", "Fourth"]) await assign(title);
    const { page, words } = await camille.another();
    const card = page.getByRole("region", { name: words.away });
    await card.waitFor();
    for (const title of ["Second", "Third", "Fourth"]) await card.getByRole("link", { name: title }).waitFor();
    await card.getByRole("button", { name: "Got it", exact: true }).click();
    await card.waitFor({ state: "detached" });
  });

  test("shows in one tab of a browser, and moves to another when that one closes", async (t) => {
    const office = await Office.open(t, browser, { Hugo: "en", Camille: "en" });
    const camille = await office.seat("Camille");
    const second = await camille.another();
    const hugo = await office.api("Hugo");
    await hugo.post("/api/events", { title: "Site visit", starts_at: fromNow(240), assignees: [office.id("Camille")] });
    await second.popup("Site visit").waitFor();
    assert.equal(await camille.screens.popup("Site visit").count(), 0, "one popup per device");
    await second.page.close({ runBeforeUnload: true });
    await camille.screens.popup("Site visit").waitFor();
  });

  test("is one of three at most, with the others counted", async (t) => {
    const office = await Office.open(t, browser, { Hugo: "en", Camille: "en" });
    const { screens, page } = await office.seat("Camille");
    const hugo = await office.api("Hugo");
    for (const title of ["One", "Two", "Three", "Four", "Five"]) {
      await hugo.post("/api/events", { title, starts_at: fromNow(240), assignees: [office.id("Camille")] });
    }
    await page.getByText("+2 others").waitFor();
    assert.equal(await screens.popups().count(), 3);
    await screens.popup("Five").getByRole("button", { name: "Got it", exact: true }).click();
    await page.getByText("+1 other").waitFor();
    assert.equal(await screens.popups().count(), 3, "the next in line takes the free place");
  });

  test("shows what an event says as text, whatever it says", async (t) => {
    const office = await Office.open(t, browser, { Hugo: "en", Camille: "en" });
    const { screens } = await office.seat("Camille");
    const title = `<img src="x" onerror="document.title='taken'"><b>bold</b>`;
    await (await office.api("Hugo")).post("/api/events", {
      title,
      location: "<script>document.title='taken'</script>",
      starts_at: fromNow(240),
      assignees: [office.id("Camille")],
    });
    await screens.popup(title).waitFor();
    assert.notEqual(await screens.page.title(), "taken");
  });
});

test("the unread count is the same on every device", async (t) => {
  const office = await Office.open(t, browser, { Hugo: "en", Camille: "en" });
  const [desk, kitchen] = [await office.seat("Camille"), await office.seat("Camille")];
  const hugo = await office.api("Hugo");
  for (const title of ["One", "Two"]) {
    await hugo.post("/api/events", { title, starts_at: fromNow(240), assignees: [office.id("Camille")] });
  }
  await desk.page.waitForFunction(() => document.title.startsWith("(2)"));
  await kitchen.page.waitForFunction(() => document.title.startsWith("(2)"));
  assert.equal(await desk.screens.unread(), 2);

  await desk.screens.goTo(desk.screens.words.notifications);
  assert.equal(await desk.screens.unread(), 2, "opening the list reads nothing");
  await desk.page.getByRole("listitem").filter({ hasText: "One" }).getByRole("button", { name: "Mark as read" }).click();
  await kitchen.page.waitForFunction(() => document.title.startsWith("(1)"));
  await desk.screens.button("Mark all as read").click();
  await kitchen.page.waitForFunction(() => !document.title.startsWith("("));
  await kitchen.screens.popup("Two").waitFor();
  assert.equal(await kitchen.screens.popups().count(), 2, "reading closes no popup");
});
