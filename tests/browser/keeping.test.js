// What is kept: copies of all data that an admin makes, takes away, brings and goes back to, and who did what.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { startBrowser } from "../harness/browser.js";
import { assertAccessible, assertNothingCutOff } from "../harness/legibility.js";
import { fromNow } from "../harness/moment.js";
import { Office } from "../harness/office.js";

const browser = await startBrowser({ after });

/** @param {import("playwright-core").Page} page */
const backups = (page) => page.getByRole("region", { name: "Backups" });

/** @param {any} api */
async function titles(api) {
  const { events } = await api.get("/api/events");
  return events.map((/** @type {any} */ event) => event.title).toSorted();
}

describe("backups", () => {
  test("are made, and gone back to after it was said what is lost", async (t) => {
    const office = await Office.open(t, browser, { Hugo: "en", Camille: "en" });
    const hugo = await office.api("Hugo");
    const { page, screens } = await office.seat("Hugo");
    await screens.goTo("Settings");
    await backups(page).getByText("No backup yet").waitFor();
    await backups(page).getByText(join(office.hub.folder.path, "backups")).waitFor();
    await hugo.post("/api/events", { title: "Before", starts_at: fromNow(600) });
    await screens.button("Back up now").click();
    await page.getByText("Backup made.").waitFor();
    await backups(page).getByText(/^Last backup: /).waitFor();

    await hugo.post("/api/events", { title: "After", starts_at: fromNow(600) });
    const restore = backups(page).getByRole("button", { name: /^Restore: .*On request$/ });
    await restore.click();
    const dialog = page.getByRole("alertdialog");
    await dialog.getByText("This will be lost: 1 event created since.").waitFor();
    await assertAccessible(page, "what a restore loses");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    assert.deepEqual(await titles(hugo), ["After", "Before"], "nothing is done yet");

    await restore.click();
    await dialog.getByRole("button", { name: "Restore", exact: true }).click();
    await page.getByText("Restored. What was there before is in the list.").waitFor();
    assert.deepEqual(await titles(hugo), ["Before"]);
    await backups(page).getByRole("button", { name: /^Restore: .*Before a restore$/ }).click();
    await dialog.getByRole("button", { name: "Restore", exact: true }).click();
    await backups(page).getByRole("button", { name: /^Restore: .*Before a restore$/ }).nth(1).waitFor();
    assert.deepEqual(await titles(hugo), ["After", "Before"], "the restore is undone");
    assert.deepEqual(await page.getByRole("alert").allInnerTexts(), [], "the page went on by itself");
  });

  test("are taken away, and brought to be restored; what is none is refused", async (t) => {
    const office = await Office.open(t, browser, { Hugo: "en" });
    const hugo = await office.api("Hugo");
    const { page, screens } = await office.seat("Hugo", { expected: [/status of 422/] });
    await hugo.post("/api/events", { title: "Before", starts_at: fromNow(600) });
    await screens.goTo("Settings");
    await screens.button("Back up now").click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      backups(page).getByRole("button", { name: /^Download: / }).click(),
    ]);
    assert.match(download.suggestedFilename(), /^rappel-manual-.*\.db$/);
    const file = join(office.hub.folder.path, "taken.db");
    await download.saveAs(file);
    assert.equal((await readFile(file)).subarray(0, 15).toString(), "SQLite format 3");

    const diary = join(office.hub.folder.path, "diary.db");
    await writeFile(diary, "Dear diary");
    const picker = backups(page).locator("input[type=file]");
    await picker.setInputFiles(diary);
    await page.getByText("This file is no backup of Rappel. Nothing has changed.").waitFor();

    const { events } = await hugo.get("/api/events");
    await hugo.delete(`/api/events/${events[0].id}`);
    await picker.setInputFiles(file);
    await page.getByText("The file is good").waitFor();
    await backups(page).getByRole("button", { name: /^Restore: .*File that was brought$/ }).click();
    const dialog = page.getByRole("alertdialog");
    await dialog.getByText("Its content goes up to").waitFor();
    await dialog.getByRole("button", { name: "Restore", exact: true }).click();
    await page.getByText("Restored.").waitFor();
    assert.deepEqual(await titles(hugo), ["Before"]);
  });

  test("and the log are not for members", async (t) => {
    const office = await Office.open(t, browser, { Hugo: "en", Camille: "en" });
    const { page, screens } = await office.seat("Camille");
    await screens.goTo("Settings");
    await page.getByRole("heading", { name: "My devices" }).waitFor();
    assert.equal(await page.getByRole("heading", { name: /Backups|Who did what/ }).count(), 0);
  });
});

test("who did what is read in sentences, page by page and of one person", async (t) => {
  const office = await Office.open(t, browser, { Hugo: "en", Camille: "en" });
  const camille = await office.api("Camille");
  const visit = await camille.post("/api/events", { title: "Site visit", starts_at: fromNow(600) });
  await camille.patch(`/api/events/${visit.id}`, { location: "Lyon", assignees: [office.id("Hugo")] });
  await camille.post("/api/events", { title: "Doctor", visibility: "private", starts_at: fromNow(600) });
  for (let number = 0; number < 50; number++) {
    await camille.post("/api/events", { title: `Visit ${number}`, starts_at: fromNow(600) });
  }
  const { page, screens } = await office.seat("Hugo");
  await screens.goTo("Settings");
  await page.getByText("The last two years, the latest first.").click();
  const log = page.getByRole("region", { name: "Who did what" });
  await log.getByText("Camille created “Visit 49”").waitFor();
  assert.equal(await log.getByText("Camille created “Site visit”").count(), 0, "that is on the next page");
  await log.getByRole("button", { name: "Show older" }).click();
  await log.getByText("Camille created “Site visit”").waitFor();
  await log.getByText("Camille changed “Site visit” (changes: place ; adds Hugo)").waitFor();
  await log.getByText("Camille created a private event").waitFor();
  assert.equal(await log.getByText("Doctor").count(), 0, "an admin is told of it no more than anybody else");
  await log.getByLabel("About what").selectOption({ label: "Team" });
  await log.getByText(/added Camille to the team$/).waitFor();
  assert.equal(await log.getByText("Visit").count(), 0);
  assert.equal(await log.getByText(/[a-z]+\.[a-z]+$/).count(), 0, "no code of a program");
});

for (const language of /** @type {const} */ (["fr", "en"])) {
  for (const colors of /** @type {const} */ (["light", "dark"])) {
    for (const width of [320, 1280]) {
      test(`backups and the log are legible (${language}, ${colors}, ${width} px)`, async (t) => {
        const office = await Office.open(t, browser, { Hugo: language, "Camille Laurent-Desrousseaux": language });
        const hugo = await office.api("Hugo");
        await hugo.post("/api/events", {
          title: "Visite de chantier avec l’architecte et la maîtrise d’ouvrage",
          starts_at: fromNow(600),
          assignees: [office.id("Camille Laurent-Desrousseaux")],
        });
        const { page, screens } = await office.seat("Hugo", { colors, width, height: 800 });
        await screens.goTo(screens.words.settings);
        const section = page.getByRole("region", { name: /^(Backups|Sauvegardes)$/ });
        await screens.button(language === "fr" ? "Sauvegarder maintenant" : "Back up now").click();
        await section.getByRole("listitem").first().waitFor();
        await page.getByText(/^(The last two years|Les deux dernières années)/).click();
        const log = page.getByRole("region", { name: /^(Who did what|Qui a fait quoi)$/ });
        await log.getByText(/Visite de chantier/).first().waitFor();
        await assertNothingCutOff(page, "backups and the log");
        await assertAccessible(page, "backups and the log");
        await section.getByRole("button", { name: /^(Restore|Restaurer)\s?: / }).first().click();
        await page.getByRole("alertdialog").waitFor();
        await assertNothingCutOff(page, "what a restore loses");
      });
    }
  }
}
