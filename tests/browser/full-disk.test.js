// The hub's disk is full: everybody sees it, whoever saves keeps what they wrote, and it goes by itself.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startBrowser } from "../harness/browser.js";
import { Disk } from "../harness/disk.js";
import { Office } from "../harness/office.js";
import { written } from "../harness/rappel-page.js";

const browser = await startBrowser({ after });

/** A refused call is an answer, which the browser reports as an error. */
const expected = [/status of 503/];

test("a full disk is on everybody's screen until there is space, and nothing typed is lost", async (t) => {
  /** @type {Disk | string} */
  let disk = "";
  const office = await Office.open(t, browser, { Hugo: "en", Camille: "fr" }, {
    prepare: async (folder) => {
      disk = await Disk.mount(t, folder);
      return typeof disk === "string" ? undefined : disk;
    },
  });
  if (typeof disk === "string") {
    console.log(`SKIPPED: no disk can be mounted here: ${disk}`);
    return t.skip(disk);
  }
  const full = /** @type {Disk} */ (disk);
  const [hugo, camille] = [await office.seat("Hugo", { expected }), await office.seat("Camille", { expected })];
  const banner = camille.page.getByRole("alert").getByText("Le disque de l’ordinateur principal est plein.");
  const start = new Date(Date.now() + 26 * 3_600_000);
  const api = await office.api("Hugo");
  await hugo.page.getByRole("link", { name: "New event" }).click();
  const { date, time } = written(start);
  await hugo.screens.field("Title").fill("Site visit");
  await hugo.screens.field("Date").fill(date);
  await hugo.screens.field("Start").fill(time);

  await full.fill();
  // What is left in pages that are there already may take some commits.
  const filling = async () => {
    for (;;) await api.post("/api/events", { title: "Another", starts_at: start.toISOString() });
  };
  await assert.rejects(filling, /503/);
  // Camille does nothing, and is told.
  await banner.waitFor();
  await camille.page.getByText("les rappels attendent").waitFor();
  await hugo.screens.button("Create event").click();
  await hugo.page.getByText("It is not saved: the disk of the main computer is full.").waitFor();
  assert.equal(await hugo.screens.field("Title").inputValue(), "Site visit");
  assert.equal(await hugo.screens.field("Start").inputValue(), time);
  await camille.another().then(async (another) => {
    await another.page.getByRole("alert").getByText("Le disque de l’ordinateur principal est plein.").waitFor();
    await another.page.close();
  });

  await full.free();
  await banner.waitFor({ state: "detached" });
  await hugo.screens.button("Create event").click();
  await hugo.page.getByText("Event created.").waitFor();
  const { events } = await api.get("/api/events");
  const saved = events.filter((/** @type {any} */ event) => event.title === "Site visit");
  assert.equal(saved.length, 1, "once, however often it was tried");
});
