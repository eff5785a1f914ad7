// The pictures of the web view, as one person of the story sees it in a browser.

import { join } from "node:path";
import { Seat } from "../harness/browser.js";
import { RappelPage } from "../harness/rappel-page.js";
import { clockAt } from "./clock.js";
import { openOffice } from "./office.js";
import { APPOINTMENTS, MOMENTS } from "./story.js";

const WIDE = { width: 1120, height: 760, scale: 1.5 };
const PHONE = { width: 375, height: 740, scale: 2 };

/**
 * @param {import("../harness/ending.js").Running} test
 * @param {import("playwright-core").Browser} browser
 * @param {"fr" | "en"} language
 * @param {string} folder where the pictures go
 */
export async function picturePages(test, browser, language, folder) {
  const { hub, ids } = await openOffice(test, language);
  const [first] = APPOINTMENTS[language];
  const title = String(first?.title);

  /** @param {"light" | "dark"} colors @param {{ width: number, height: number, scale: number }} size */
  const sit = async (colors, size) => {
    const seat = await Seat.take(test, browser, hub.address, { language, colors, ...size, expected: [/WebSocket|Failed to load/] });
    const screens = await RappelPage.join(seat, await hub.invite(ids.camille), language);
    const shoot = async (/** @type {string} */ name) => {
      await screens.page.mouse.move(0, 0);
      await screens.page.screenshot({ path: join(folder, `${name}-${language}-${colors}.png`), animations: "disabled" });
    };
    return { screens, shoot };
  };

  await hub.restart({ clock: clockAt(MOMENTS.midway) });
  const desks = [await sit("light", WIDE), await sit("dark", WIDE)];
  const phone = await sit(language === "fr" ? "light" : "dark", PHONE);
  for (const { screens, shoot } of desks) {
    const { page, words } = screens;
    await screens.row(title).first().waitFor();
    await shoot("list");
    await screens.goTo(words.notifications);
    await page.getByRole("heading", { name: words.notifications, level: 1 }).waitFor();
    await shoot("inbox");
    await page.getByRole("link", { name: words.newEvent }).click();
    await screens.field(words.title).fill(title);
    await screens.field(words.location).fill(String(first?.location));
    await screens.field(words.start).fill("10:00");
    await screens.assign("Hugo");
    await page.getByRole("heading", { level: 1 }).click();
    await shoot("editor");
    await page.goto(hub.address);
    await screens.atAgenda();
  }
  await phone.shoot("phone-list");

  await hub.restart({ clock: clockAt(MOMENTS.beforeFiveMinutes) });
  for (const { screens, shoot } of [...desks, phone]) {
    await screens.popup(title).filter({ hasText: screens.words.reminder }).getByText("5 min", { exact: true }).waitFor();
    await shoot(screens === phone.screens ? "phone-popup" : "popup");
  }
}
