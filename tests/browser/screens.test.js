// Every screen, in both languages, light and dark, wide and narrow: readable, usable, nothing cut off.

import { after, describe, test } from "node:test";
import { Seat, startBrowser } from "../harness/browser.js";
import { Hub } from "../harness/hub.js";
import { assertAccessible, assertNothingCutOff } from "../harness/legibility.js";
import { fromNow } from "../harness/moment.js";
import { Office } from "../harness/office.js";

const browser = await startBrowser({ after });

/** 320 px is also what 200 % zoom leaves of a small window. */
const WIDTHS = [320, 1280];

/** @param {import("playwright-core").Page} page @param {string} screen */
async function assertLegible(page, screen) {
  await assertNothingCutOff(page, screen);
  await assertAccessible(page, screen);
}

for (const language of /** @type {const} */ (["fr", "en"])) {
  for (const colors of /** @type {const} */ (["light", "dark"])) {
    for (const width of WIDTHS) {
      const look = { colors, width, height: 800 };

      test(`the screens of somebody at work (${language}, ${colors}, ${width} px)`, async (t) => {
        const office = await Office.open(t, browser, { Hugo: language, "Camille Laurent-Desrousseaux": language });
        const camille = await office.seat("Camille Laurent-Desrousseaux", look);
        const hugo = await office.api("Hugo");
        const { page, screens } = camille;
        const { words } = screens;
        await assertLegible(page, "the empty agenda");
        await screens.goTo(words.notifications);
        await assertLegible(page, "the empty inbox");

        const assignees = [office.id("Camille Laurent-Desrousseaux")];
        await hugo.post("/api/events", {
          title: "Visite de chantier avec l’architecte et la maîtrise d’ouvrage",
          location: "12 rue des Lilas, bâtiment C, troisième étage",
          contact: { id: null, name: "Marie-Christine Dupont-Lajoie", phone: "+33 6 39 98 12 40", email: "marie@example.org" },
          comment: "Apporter les plans.\nPrévoir les casques.",
          starts_at: fromNow(25),
          ends_at: fromNow(85),
          assignees,
        });
        await hugo.post("/api/events", { title: "Signature", starts_at: fromNow(26 * 60), assignees });
        await screens.popup("Signature").waitFor();
        await assertLegible(page, "the inbox with popups");
        for (const popup of [screens.popup("Signature"), screens.popups()]) {
          await popup.first().getByRole("button", { name: words.gotIt, exact: true }).click();
        }
        await page.getByRole("region", { name: words.popups }).getByRole("article").waitFor({ state: "detached" });

        await page.getByRole("main").getByRole("button", { name: words.history }).first().click();
        await page.getByRole("main").getByRole("heading", { name: words.reminders }).waitFor();
        await assertLegible(page, "the inbox with a history");

        await screens.goTo(words.agenda);
        await screens.row("Signature").first().waitFor();
        await assertLegible(page, "the agenda");
        await screens.row("Signature").first().getByRole("link").click();
        await page.getByRole("heading", { name: "Signature", level: 1 }).waitFor();
        await assertLegible(page, "an event of somebody else's");
        await page.getByRole("link", { name: words.newEvent }).click();
        await screens.field(words.title).waitFor();
        await assertLegible(page, "the editor");
        await screens.field(words.date).fill("?");
        await screens.button(words.create).click();
        await page.getByRole("alert").waitFor();
        await assertLegible(page, "the editor with a mistake");
      });

      test(`the settings of an admin (${language}, ${colors}, ${width} px)`, async (t) => {
        const office = await Office.open(t, browser, { Hugo: language, Camille: language });
        const { page, screens } = await office.seat("Hugo", look);
        await screens.goTo(screens.words.settings);
        await page.getByRole("heading", { name: screens.words.settings, level: 1 }).waitFor();
        await page.getByText("Camille").first().waitFor();
        await assertLegible(page, "the settings");
      });

      test(`the way to the secure office (${language}, ${colors}, ${width} px)`, async (t) => {
        const office = await Office.open(t, browser, { Hugo: language });
        await office.hub.command("secure-office", "on");
        const secure = office.hub.address.replace("http:", "https:");
        const { page } = await office.seat("Hugo", { ...look, also: [secure], expected: [/ERR_CERT_AUTHORITY_INVALID/] });
        await page.goto(`${office.hub.address}/secure`);
        await page.getByRole("list").first().waitFor();
        for (const system of ["iPhone, iPad", "Windows"]) {
          await page.getByRole("button", { name: system }).click();
          await assertLegible(page, `what is to be done on ${system}`);
        }
      });

      test(`the screens before anybody is known (${language}, ${colors}, ${width} px)`, async (t) => {
        const hub = await Hub.start(t, { locale: language });
        const seat = await Seat.take(t, browser, hub.address, { language, ...look, expected: [/status of 40[13]/] });
        const page = await seat.tab();
        await page.getByRole("button").first().waitFor();
        await assertLegible(page, "the question for an invitation");
        const invited = await seat.tab(hub.firstSignIn);
        await invited.getByRole("button").first().waitFor();
        await assertLegible(invited, "an invitation");
      });
    }
  }
}

describe("with the styles of the system", () => {
  test("the colours follow the system while the page is open", async (t) => {
    const office = await Office.open(t, browser, { Hugo: "en" });
    const { page } = await office.seat("Hugo");
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.emulateMedia({ colorScheme: "dark" });
    await page.waitForFunction((before) => getComputedStyle(document.body).backgroundColor !== before, light);
  });
});
