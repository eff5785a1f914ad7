// Coming in without an invitation of one's own: one link for everybody, and an admin who lets people in.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { Seat, startBrowser } from "../harness/browser.js";
import { assertAccessible, assertNothingCutOff } from "../harness/legibility.js";
import { Office } from "../harness/office.js";
import { RappelPage } from "../harness/rappel-page.js";
import { WORDS } from "../harness/words.js";

const browser = await startBrowser({ after });

const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
const PHONE = { width: 390, height: 760, userAgent: IPHONE };
/** Somebody who is not let in yet, and a hub that is away for a moment. */
const expected = [/status of 40[134]/, /ERR_CONNECTION_(REFUSED|RESET)/, /WebSocket connection/];

/** Makes the invitation for everybody. @param {RappelPage} admin */
async function inviteEverybody(admin) {
  await admin.goTo(admin.words.settings);
  await admin.button(admin.words.showInvitation).click();
  const link = await admin.field(admin.words.link).inputValue();
  const code = await admin.page.locator("strong.code").innerText();
  return { link, code };
}

/** The cards about those who want to come in. @param {RappelPage} admin */
function knocking(admin) {
  return admin.page.getByRole("article").filter({ has: admin.button(admin.words.accept) });
}

for (const [language, other] of /** @type {const} */ ([["fr", "en"], ["en", "fr"]])) {
  test(`a colleague comes in from a telephone in three steps (${language})`, async (t) => {
    const office = await Office.open(t, browser, { Hugo: other });
    await office.hub.addPerson("Paul", "--locale", language);
    const hugo = await office.seat("Hugo");
    const { link } = await inviteEverybody(hugo.screens);
    await hugo.screens.goTo(hugo.screens.words.agenda);

    const words = WORDS[language];
    const seat = await Seat.take(t, browser, office.hub.address, { language, ...PHONE, expected });
    const page = await seat.tab(link);
    await page.getByLabel("Paul", { exact: true }).check();
    await assertAccessible(page, "who are you");
    await assertNothingCutOff(page, "who are you");
    await page.getByRole("button", { name: words.askToComeIn, exact: true }).click();
    await page.getByText(/Paul \(Safari (sur|on) iPhone\)/).waitFor();
    await assertAccessible(page, "waiting");
    assert.deepEqual(await seat.context.cookies(), [], "nobody is signed in before they are accepted");

    const card = knocking(hugo.screens);
    await card.getByText(/^Paul \(Safari (sur|on) iPhone\) (souhaite entrer|wants to join)$/).waitFor();
    await assertAccessible(hugo.page, "somebody at the door");
    await card.getByRole("button", { name: hugo.screens.words.accept, exact: true }).click();

    const paul = new RappelPage(page, language);
    await paul.atAgenda();
    await card.waitFor({ state: "detached" });
    await page.getByText(language === "fr" ? /Un téléphone en veille ne montre rien/ : /A sleeping phone shows nothing/).waitFor();
    await assertAccessible(page, "the first look");
    await paul.button(words.understood).click();
    const { people } = await (await office.api("Hugo")).get("/api/people");
    const names = people.map((/** @type {any} */ person) => person.name);
    assert.equal(names.filter((/** @type {string} */ name) => name === "Paul").length, 1, "they are who they said, not somebody new");
    const [cookie] = await seat.context.cookies();
    const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
    assert.ok(!kept.includes(String(cookie?.value)), "the session is out of the page's reach");
    assert.ok(!kept.includes(new URL(link).hash.slice(1)), "and so is the invitation");
  });
}

describe("whoever asks to come in", () => {
  test("may type a short code, and a name of their own", async (t) => {
    const office = await Office.open(t, browser, { Hugo: "en" });
    const hugo = await office.seat("Hugo");
    const { code } = await inviteEverybody(hugo.screens);
    const seat = await Seat.take(t, browser, office.hub.address, { expected });
    const page = await seat.tab();
    await page.getByRole("button", { name: "I have a code" }).click();
    await page.getByLabel("Code", { exact: true }).fill("0000-0000-0000");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText(WORDS.en.invitationRefused).waitFor();
    await page.getByLabel("Code", { exact: true }).fill(code.toLowerCase().replaceAll("-", " "));
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByLabel("Your name").fill("Zoé");
    await page.getByRole("button", { name: "Ask to come in" }).click();
    await knocking(hugo.screens).getByText("With the link for everybody").waitFor();
    await hugo.screens.button("Accept").click();
    await new RappelPage(page, "en").atAgenda();
    await hugo.page.getByText("Zoé can come in.").waitFor();
  });

  test("sees nobody's name without an invitation, and is let in as who they are", async (t) => {
    const office = await Office.open(t, browser, { Hugo: "en", Camille: "en" });
    const hugo = await office.seat("Hugo");
    const camille = await office.seat("Camille", { expected });
    await camille.page.close();
    await camille.seat.context.clearCookies();
    const page = await camille.seat.tab();
    await page.getByLabel("Your name").waitFor();
    assert.doesNotMatch(await page.locator("body").innerText(), /Hugo|Camille/);
    await page.getByLabel("Your name").fill("camille");
    await page.getByRole("button", { name: "Ask to come in" }).click();

    const card = knocking(hugo.screens);
    await card.getByText("Without an invitation").waitFor();
    await card.getByText("Camille is in the team already").waitFor();
    assert.equal(await card.getByLabel("Comes in as").inputValue(), office.id("Camille"));
    await hugo.screens.button("Accept").click();
    const back = new RappelPage(page, "en");
    await back.atAgenda();
    await back.goTo("Settings");
    await page.getByText("You are Camille").waitFor();
  });

  test("is never taken for an admin by their name alone", async (t) => {
    const office = await Office.open(t, browser, { Hugo: "en" });
    const hugo = await office.seat("Hugo");
    const seat = await Seat.take(t, browser, office.hub.address, { expected });
    const page = await seat.tab();
    await page.getByLabel("Your name").fill("Hugo");
    await page.getByRole("button", { name: "Ask to come in" }).click();
    const choice = knocking(hugo.screens).getByLabel("Comes in as");
    assert.equal(await choice.inputValue(), "", "somebody new");
    await choice.selectOption({ label: "Hugo" });
    await knocking(hugo.screens).getByText("accept only if you are sure").waitFor();
  });

  test("is told when it is not now, goes on waiting through a reload, and learns of a restart", async (t) => {
    const office = await Office.open(t, browser, { Hugo: "en" });
    const hugo = await office.seat("Hugo", { expected });
    const seat = await Seat.take(t, browser, office.hub.address, { expected });
    const page = await seat.tab();
    await page.getByLabel("Your name").fill("Paul");
    await page.getByRole("button", { name: "Ask to come in" }).click();
    await hugo.screens.button("Not now").click();
    await page.getByText("was not accepted this time").waitFor();
    await assertAccessible(page, "not now");
    await page.getByRole("button", { name: "Ask again" }).click();
    assert.equal(await page.getByLabel("Your name").inputValue(), "Paul");
    await page.getByRole("button", { name: "Ask to come in" }).click();
    await knocking(hugo.screens).waitFor();

    await page.reload();
    await page.getByText("Your request is on its way").waitFor();
    await office.hub.restart();
    await page.getByText("Rappel was restarted meanwhile").waitFor();
    await knocking(hugo.screens).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Ask again" }).click();
    await page.getByLabel("Your name").fill("Paul");
    await page.getByRole("button", { name: "Ask to come in" }).click();
    await hugo.screens.button("Accept").click();
    await new RappelPage(page, "en").atAgenda();
  });

  test("may change their mind", async (t) => {
    const office = await Office.open(t, browser, { Hugo: "en" });
    const hugo = await office.seat("Hugo");
    const seat = await Seat.take(t, browser, office.hub.address, { expected });
    const page = await seat.tab();
    await page.getByLabel("Your name").fill("Paul");
    await page.getByRole("button", { name: "Ask to come in" }).click();
    await knocking(hugo.screens).waitFor();
    await page.getByRole("button", { name: "Stop asking" }).click();
    await page.getByLabel("Your name").waitFor();
    await knocking(hugo.screens).waitFor({ state: "detached" });
  });
});

for (const language of /** @type {const} */ (["fr", "en"])) {
  for (const colors of /** @type {const} */ (["light", "dark"])) {
    for (const width of [320, 1280]) {
      test(`the team's card for everybody (${language}, ${colors}, ${width} px)`, async (t) => {
        const office = await Office.open(t, browser, { Hugo: language, Camille: language });
        const { page, screens } = await office.seat("Hugo", { colors, width, height: 800 });
        await inviteEverybody(screens);
        const answer = await fetch(`${office.hub.address}/api/join-requests`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ name: "Jean-Christophe de La Rochefoucauld", device_name: "Samsung Internet on Android" }),
        });
        assert.equal(answer.status, 201);
        await knocking(screens).waitFor();
        await assertNothingCutOff(page, "the card for everybody");
        await assertAccessible(page, "the card for everybody");
      });
    }
  }
}
