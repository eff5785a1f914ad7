// Coming in: a link is opened in a browser, and that browser is its person's from then on.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { Seat, startBrowser } from "../harness/browser.js";
import { Hub } from "../harness/hub.js";
import { RappelPage } from "../harness/rappel-page.js";

const browser = await startBrowser({ after });

describe("the first sign-in link", () => {
  test("makes its browser the office's first admin's, once", async (t) => {
    const hub = await Hub.start(t, { locale: "en" });
    const seat = await Seat.take(t, browser, hub.address);
    const screens = await RappelPage.join(seat, hub.firstSignIn, "en");
    assert.equal(new URL(screens.page.url()).hash, "", "the code does not stay in the address");

    const stranger = await Seat.take(t, browser, hub.address, { expected: [/status of 40[13]/] });
    const page = await stranger.tab(hub.firstSignIn);
    await page.getByText(screens.words.invitationRefused).waitFor();
  });

  test("leaves nothing in the page that another could use", async (t) => {
    const hub = await Hub.start(t, { locale: "en" });
    const seat = await Seat.take(t, browser, hub.address);
    const { page } = await RappelPage.join(seat, hub.firstSignIn, "en");
    const [cookie, ...others] = await seat.context.cookies();
    assert.deepEqual(others, []);
    assert.equal(cookie?.httpOnly, true);
    assert.equal(cookie?.sameSite, "Strict");
    const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie);
    assert.ok(!kept.includes(String(cookie?.value)), "the session is out of the page's reach");
    assert.equal(await page.evaluate(() => document.cookie), "");
  });
});

describe("an invitation", () => {
  for (const [language, greeting] of /** @type {const} */ ([
    ["fr", /Vous êtes Anna/],
    ["en", /You are Anna/],
  ])) {
    test(`greets its person in their own language (${language}), whatever the browser's`, async (t) => {
      const hub = await Hub.start(t, { locale: language === "fr" ? "en" : "fr" });
      await hub.addPerson("Anna", "--locale", language);
      const seat = await Seat.take(t, browser, hub.address, { language: language === "fr" ? "en" : "fr" });
      const screens = await RappelPage.join(seat, await hub.invite("Anna"), language);
      assert.equal(await screens.page.evaluate(() => document.documentElement.lang), language);
      await screens.goTo(screens.words.settings);
      await screens.page.getByText(greeting).waitFor();
    });
  }

  test("is remembered by its browser, until the device is revoked", async (t) => {
    const hub = await Hub.start(t, { locale: "en" });
    await hub.addPerson("Anna");
    const seat = await Seat.take(t, browser, hub.address, { expected: [/status of 401/, /WebSocket connection/, /ERR_CONNECTION_(REFUSED|RESET)/] });
    const first = await RappelPage.join(seat, await hub.invite("Anna"), "en");
    await hub.restart();
    const second = await RappelPage.reopen(seat, "en");

    await hub.command("token", "revoke", await hub.deviceOf("Anna"));
    for (const { page } of [first, second]) await page.getByText(/ask whoever looks after Rappel/).waitFor();
  });

  test("ends in pages that were cut off from the hub when the device was revoked", async (t) => {
    const hub = await Hub.start(t, { locale: "en" });
    await hub.addPerson("Anna");
    const seat = await Seat.take(t, browser, hub.address, { expected: [/status of 401/, /WebSocket connection/, /ERR_CONNECTION_(REFUSED|RESET)/] });
    const { page } = await RappelPage.join(seat, await hub.invite("Anna"), "en");
    await hub.restart({
      meanwhile: async () => {
        await page.getByText(/Connection lost/).waitFor();
        await hub.command("token", "revoke", await hub.deviceOf("Anna"));
      },
    });
    await page.getByText(/ask whoever looks after Rappel/).waitFor();
  });
});
