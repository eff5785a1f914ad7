// Text that would like to be markup or script, in every field that people write and on every screen that
// shows it. It is shown as text; nothing of it runs.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startBrowser } from "../harness/browser.js";
import { fromNow } from "../harness/moment.js";
import { Office } from "../harness/office.js";

const browser = await startBrowser({ after });

/** Ways to leave a text node, an attribute, a script, a template or an address. Each sets `taken`. */
const ATTACKS = [
  "<img src=x onerror=window.taken=1>",
  `"><script>window.taken=1</script>`,
  `' onmouseover='window.taken=1' x='`,
  "<svg><animate onbegin=window.taken=1 attributeName=x>",
  `<iframe srcdoc="<script>parent.taken=1</script>">`,
  "</title></textarea></script><script>window.taken=1</script>",
  "{{constructor.constructor('window.taken=1')()}}${window.taken=1}{@html 1}",
  "javascript:window.taken=1//",
  `<a href="javascript:window.taken=1">x</a>`,
  `<form action="https://evil.example"><input name=x autofocus onfocus=window.taken=1>`,
  `<link rel=stylesheet href=//evil.example><style>*{background:url(//evil.example)}</style>`,
  "&lt;img src=x onerror=window.taken=1&gt;",
  "\\u003cimg src=x onerror=window.taken=1\\u003e",
];

const NAME = `<b>Anna</b><img src=x onerror="window.taken=1">`;
const DEVICE = `<img src=x onerror=window.taken=1>"'><script>window.taken=1</script>`;

/** An event that attacks with every field it has. @param {string} text @param {string} assignee */
function attacking(text, assignee) {
  return {
    title: text,
    location: text,
    comment: `${text}\n${text}`,
    contact: {
      id: text,
      name: text,
      phone: `"><img src=x onerror=window.taken=1>`,
      email: `"><img/src=x/onerror=window.taken=1>@x.example`,
    },
    starts_at: fromNow(240),
    assignees: [assignee],
  };
}

/** What a page shows, and everything in it that could run or lead away. @param {import("playwright-core").Page} page */
function look(page) {
  return page.evaluate(() => {
    const handlers = [...document.querySelectorAll("*")].filter((element) =>
      element.getAttributeNames().some((name) => name.startsWith("on")),
    );
    const strangers = [...document.querySelectorAll("script, iframe, object, embed, base, form[action], link, img, animate")];
    const own = (/** @type {Element} */ element) =>
      new URL(element.getAttribute("src") ?? element.getAttribute("href") ?? "", location.href).origin === location.origin &&
      !element.matches("iframe, object, embed, base, form, animate, img[src='x']") &&
      !(element.matches("script") && !element.hasAttribute("src"));
    return {
      taken: "taken" in window,
      running: [...handlers, ...strangers.filter((element) => !own(element))].map((element) => element.outerHTML),
      leading: [...document.querySelectorAll("a[href]")]
        .map((link) => String(link.getAttribute("href")))
        .filter((href) => !["http:", "tel:", "mailto:"].includes(new URL(href, location.href).protocol)),
      text: document.body.innerText,
      values: [...document.querySelectorAll("input, textarea")].map((field) => /** @type {HTMLInputElement} */ (field).value).join("\n"),
    };
  });
}

/** @param {import("playwright-core").Page} page @param {string} where @param {string} text which must be there, as it is */
async function assertHarmless(page, where, text) {
  const seen = await look(page);
  assert.equal(seen.taken, false, `${where}: a text ran`);
  assert.deepEqual(seen.running, [], `${where}: a text became an element`);
  assert.deepEqual(seen.leading, [], `${where}: a text became an address`);
  assert.ok(`${seen.text}\n${seen.values}`.includes(text), `${where}: ${text} is not shown as it is in ${seen.text}`);
}

test("hostile text: what an event says is text wherever it is shown", async (t) => {
  const office = await Office.open(t, browser, { Hugo: "en", Camille: "en" });
  const hugo = await office.api("Hugo");
  const { page, screens } = await office.seat("Camille");
  const ids = [];
  for (const text of ATTACKS) {
    ids.push((await hugo.post("/api/events", attacking(text, office.id("Camille")))).id);
    // One at a time, so that each popup is there to be seen.
    await screens.popup(text).waitFor();
    await assertHarmless(page, "popup", text);
    await screens.popup(text).getByRole("button", { name: "Got it", exact: true }).click();
    await screens.popup(text).waitFor({ state: "detached" });
  }
  for (const [place, text] of ATTACKS.entries()) {
    await page.goto(`${office.hub.address}/events/${ids[place]}`);
    await page.getByRole("heading", { name: text, level: 1, exact: true }).waitFor();
    await assertHarmless(page, "event", text);
  }
  await screens.goTo(screens.words.notifications);
  for (const text of ATTACKS) {
    await page.getByRole("main").getByText(text).first().waitFor();
    await assertHarmless(page, "notifications", text);
  }
  await screens.goTo(screens.words.agenda);
  for (const text of ATTACKS) {
    await screens.row(text).first().waitFor();
    await assertHarmless(page, "agenda", text);
  }
});

test("hostile text: whoever may edit it edits text", async (t) => {
  const office = await Office.open(t, browser, { Hugo: "en", Camille: "en" });
  const { page, screens } = await office.seat("Hugo");
  const [text] = ATTACKS;
  await screens.createEvent({ title: String(text), location: String(text), start: new Date(Date.now() + 3 * 3_600_000) });
  await screens.row(String(text)).getByRole("link").first().click();
  await page.waitForFunction(
    ([label, wanted]) => [...document.querySelectorAll("input")].some((field) => field.labels?.[0]?.innerText === label && field.value === wanted),
    [screens.words.title, String(text)],
  );
  await assertHarmless(page, "editor", String(text));
});

test("hostile text: names of people and devices are text", async (t) => {
  const office = await Office.open(t, browser, { Hugo: "en", [NAME]: "en" });
  const hugo = await office.api("Hugo");
  const anna = await office.seat(NAME);
  const link = await office.hub.invite(office.id(NAME));
  const response = await fetch(`${office.hub.address}/api/pair`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code: link.split("#")[1], device_name: DEVICE }),
  });
  assert.equal(response.status, 200);

  await anna.screens.goTo(anna.screens.words.settings);
  await anna.page.getByText(DEVICE).first().waitFor();
  await assertHarmless(anna.page, "own settings", DEVICE);
  await assertHarmless(anna.page, "own settings", NAME);

  const seat = await office.seat("Hugo");
  await seat.screens.goTo(seat.screens.words.settings);
  await seat.page.getByRole("main").getByText(NAME).first().waitFor();
  await assertHarmless(seat.page, "settings of an admin", NAME);
  await seat.page.goto(`${office.hub.address}/events/new`);
  await seat.screens.assignees().fill("Anna");
  await seat.page.getByRole("option", { name: NAME }).click();
  await assertHarmless(seat.page, "choice of people", NAME);
  const event = await hugo.post("/api/events", { title: "Site visit", starts_at: fromNow(240), assignees: [office.id(NAME)] });
  await seat.page.goto(`${office.hub.address}/events/${event.id}`, { waitUntil: "load" });
  await seat.page.getByRole("main").getByText(NAME).first().waitFor();
  await assertHarmless(seat.page, "event", NAME);
});

test("hostile text: where something got through all the same, the policy stops it", async (t) => {
  const office = await Office.open(t, browser, { Hugo: "en" });
  const { page } = await office.seat("Hugo", { expected: [/Content Security Policy/, /ERR_BLOCKED_BY_CSP/, /status of 404/] });
  await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.taken = 1";
    document.body.append(script);
    document.body.insertAdjacentHTML("beforeend", `<img src="/none.png" onerror="window.taken = 1"><a id="lure" href="javascript:window.taken=1">x</a>`);
    document.getElementById("lure")?.click();
    const frame = document.createElement("iframe");
    frame.srcdoc = "<script>parent.taken = 1</script>";
    document.body.append(frame);
    return new Promise((resolve) => frame.addEventListener("load", resolve));
  });
  assert.equal(await page.evaluate(() => "taken" in window), false);
});
