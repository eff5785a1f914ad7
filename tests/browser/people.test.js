// People and their devices: what somebody leaves behind goes to others, and a device is called as one likes.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, describe, test } from "node:test";
import { startBrowser } from "../harness/browser.js";
import { assertAccessible, assertNothingCutOff } from "../harness/legibility.js";
import { fromNow } from "../harness/moment.js";
import { Office } from "../harness/office.js";

const browser = await startBrowser({ after });

/** Who the event of this title is for. @param {any} api @param {string} title */
async function assignees(api, title) {
  const { events } = await api.get("/api/events");
  return events.find((/** @type {any} */ event) => event.title === title).assignees;
}

describe("somebody who leaves", () => {
  for (const width of [320, 1100]) {
    test(`hands over what they have ahead, one by one (${width} px)`, async (t) => {
      const office = await Office.open(t, browser, { Hugo: "en", Camille: "en", Noé: "en" });
      const hugo = await office.api("Hugo");
      for (const title of ["Site visit", "Signing", "Launch"]) {
        await hugo.post("/api/events", { title, starts_at: fromNow(600), assignees: [office.id("Camille")] });
      }
      const camille = await office.seat("Camille", { expected: [/status of 401/, /WebSocket connection/] });
      const { page, screens } = await office.seat("Hugo", { width });
      await screens.goTo("Settings");
      await page.getByRole("button", { name: "Remove from the team: Camille" }).click();
      const dialog = page.getByRole("alertdialog");
      await dialog.getByText("3 events ahead").waitFor();
      const sure = dialog.getByRole("button", { name: "Remove from the team" });
      assert.ok(await sure.isDisabled(), "not before it is known who takes over");
      await assertAccessible(page, "who takes over");
      await dialog.getByText("One by one").click();
      await dialog.getByLabel("To whom: Signing").selectOption({ label: "Noé" });
      await dialog.getByLabel("To whom: Launch").selectOption({ label: "Hugo" });
      await assertAccessible(page, "who takes over what");
      await assertNothingCutOff(page, "who takes over what");
      await sure.click();

      await camille.page.getByLabel("Your name").waitFor();
      await page.getByText("Camille has left the team. Their events are handed over.").waitFor();
      assert.deepEqual(await assignees(hugo, "Site visit"), []);
      assert.deepEqual(await assignees(hugo, "Signing"), [office.id("Noé")]);
      assert.deepEqual(await assignees(hugo, "Launch"), [office.id("Hugo")]);
    });
  }

  test("hands over all to one person", async (t) => {
    const office = await Office.open(t, browser, { Hugo: "en", Camille: "en", Noé: "en" });
    const hugo = await office.api("Hugo");
    for (const title of ["Site visit", "Signing"]) {
      await hugo.post("/api/events", { title, starts_at: fromNow(600), assignees: [office.id("Camille")] });
    }
    const { page, screens } = await office.seat("Hugo");
    await screens.goTo("Settings");
    await page.getByRole("button", { name: "Remove from the team: Camille" }).click();
    const dialog = page.getByRole("alertdialog");
    await dialog.getByLabel("To whom").selectOption({ label: "Noé" });
    await dialog.getByRole("button", { name: "Remove from the team" }).click();
    await page.getByText("Their events are handed over.").waitFor();
    for (const title of ["Site visit", "Signing"]) assert.deepEqual(await assignees(hugo, title), [office.id("Noé")]);
  });
});

describe("the team", () => {
  test("is renamed by an admin, who is told why they cannot stop being the last one", async (t) => {
    const office = await Office.open(t, browser, { Hugo: "en", Camille: "en" });
    const { page, screens } = await office.seat("Hugo");
    const hugo = await office.api("Hugo");
    const { people } = await hugo.get("/api/people");
    // The hub made one when it first started.
    const first = people.find((/** @type {any} */ person) => person.role === "admin" && person.name !== "Hugo");
    await hugo.patch(`/api/people/${first.id}`, { role: "member" });
    await screens.goTo("Settings");
    await page.getByText("Nobody else looks after Rappel: choose somebody first.").waitFor();
    assert.ok(await page.getByLabel("Role of Hugo").isDisabled());

    await page.getByRole("button", { name: "Rename Camille" }).click();
    await page.getByLabel("New name of Camille").fill("Camille Laurent");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("button", { name: "Rename Camille Laurent" }).waitFor();
    await page.getByLabel("Role of Camille Laurent").selectOption({ label: "Looks after Rappel" });
    await page.getByText("Nobody else looks after Rappel").waitFor({ state: "detached" });
    assert.ok(await page.getByLabel("Role of Hugo").isEnabled());
  });
});

describe("a member's devices", () => {
  test("are their own, are told apart, renamed, and signed out at once", async (t) => {
    const office = await Office.open(t, browser, { Hugo: "en", Camille: "en" });
    const kitchen = await office.seat("Camille", { expected: [/status of 401/, /WebSocket connection/] });
    await office.seat("Hugo");
    const { page, screens } = await office.seat("Camille");
    await screens.goTo("Settings");
    const devices = page.getByRole("region", { name: "My devices" }).getByRole("listitem");
    await devices.nth(1).waitFor();
    assert.equal(await devices.count(), 2, "nobody else's");
    const here = devices.filter({ hasText: "This device" });
    await here.getByText("Connected").waitFor();
    await here.getByRole("button", { name: /^Rename/ }).click();
    await page.getByLabel(/^New name of/).fill("Desk");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await here.getByText("Desk").waitFor();
    const other = devices.filter({ hasNotText: "This device" });
    await other.getByRole("button", { name: /^Remove/ }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
    await kitchen.page.getByText("This device is no longer signed in.").waitFor();
    await other.waitFor({ state: "detached" });
  });
});

describe("an event", () => {
  test("can be taken along in the calendar of a telephone", async (t) => {
    const office = await Office.open(t, browser, { Hugo: "en", Camille: "en" });
    const hugo = await office.api("Hugo");
    const { id } = await hugo.post("/api/events", { title: "Site visit", starts_at: fromNow(600), assignees: [office.id("Camille")] });
    for (const name of ["Hugo", "Camille"]) {
      const { page, seat } = await office.seat(name);
      await page.goto(`${seat.address}/events/${id}`);
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("link", { name: "Add to my calendar" }).click(),
      ]);
      assert.equal(download.suggestedFilename(), "rappel.ics");
      const text = await readFile(await download.path(), "utf8");
      assert.match(text, /^BEGIN:VCALENDAR\r\n/);
      assert.match(text, new RegExp(`UID:${id}\r\n`));
      assert.match(text, /TRIGGER:-PT30M\r\n/);
      await page.getByRole("link", { name: "Add to my calendar" }).waitFor();
    }
  });
});
