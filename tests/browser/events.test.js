// Events on the screen: writing them down, changing them, and seeing what others change.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { startBrowser } from "../harness/browser.js";
import { Office } from "../harness/office.js";
import { written } from "../harness/rappel-page.js";

const browser = await startBrowser({ after });

const later = () => new Date(Date.now() + 26 * 3_600_000);

describe("an event", () => {
  test("is created with the keyboard alone", async (t) => {
    const office = await Office.open(t, browser, { Hugo: "en", Camille: "en" });
    const { page, screens } = await office.seat("Hugo");
    const { keyboard } = page;
    /** @param {import("playwright-core").Locator} target */
    const tabTo = async (target) => {
      for (let step = 0; step < 60; step++) {
        if (await target.evaluate((element) => element === document.activeElement)) return;
        await keyboard.press("Tab");
      }
      assert.fail(`the Tab key does not lead to ${target}`);
    };
    const { date, time } = written(later());

    await tabTo(page.getByRole("link", { name: "New event" }));
    await keyboard.press("Enter");
    await screens.field("Title").waitFor();
    await tabTo(screens.field("Title"));
    await keyboard.type("Site visit");
    await tabTo(screens.field("Date"));
    await keyboard.press("Control+A");
    await keyboard.type(date);
    await tabTo(screens.field("Start"));
    await keyboard.press("Control+A");
    await keyboard.type(time);
    await tabTo(screens.assignees());
    await keyboard.type("Camille");
    await page.getByRole("option", { name: "Camille" }).waitFor();
    await keyboard.press("ArrowDown");
    await keyboard.press("Enter");
    await keyboard.press("Escape");
    await tabTo(screens.button("Create event"));
    await keyboard.press("Enter");
    await page.getByText("Event created.").waitFor();

    const { events } = await (await office.api("Hugo")).get("/api/events");
    const event = events.find((/** @type {any} */ one) => one.title === "Site visit");
    assert.ok(event.assignees.includes(office.id("Camille")));
    assert.deepEqual(written(new Date(event.starts_at)), { date, time });
  });

  test("says what is missing, at the field, and keeps what was written", async (t) => {
    const office = await Office.open(t, browser, { Hugo: "en" });
    const { page, screens } = await office.seat("Hugo");
    await page.getByRole("link", { name: "New event" }).click();
    await screens.field("Title").fill("Site visit");
    await screens.field("Date").fill("soon");
    await screens.button("Create event").click();
    const date = screens.field("Date");
    assert.equal(await date.getAttribute("aria-invalid"), "true");
    await page.getByText("This date cannot be read.").waitFor();
    assert.equal(await screens.field("Title").inputValue(), "Site visit");
    assert.deepEqual((await (await office.api("Hugo")).get("/api/events")).events, [], "nothing half-written");
  });

  test("appears, changes and disappears on another's screen as it happens, and comes back by undo", async (t) => {
    const office = await Office.open(t, browser, { Hugo: "en", Camille: "fr" });
    const [hugo, camille] = [await office.seat("Hugo"), await office.seat("Camille")];
    await hugo.screens.createEvent({ title: "Site visit", start: later(), assignees: ["Camille"] });
    await camille.screens.row("Site visit").first().waitFor();

    await hugo.screens.goTo("Agenda");
    await hugo.screens.row("Site visit").getByRole("link").click();
    await hugo.screens.field("Title").fill("Second visit");
    await hugo.screens.button("Save").click();
    await camille.screens.row("Second visit").first().waitFor();

    await hugo.screens.goTo("Agenda");
    await hugo.screens.row("Second visit").getByRole("link").click();
    await hugo.screens.button("Delete").click();
    await hugo.page.getByText("Event deleted.").waitFor();
    await camille.screens.row("Second visit").first().waitFor({ state: "detached" });
    await hugo.screens.button("Undo").click();
    await camille.screens.row("Second visit").first().waitFor();
  });
});
