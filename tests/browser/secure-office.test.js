// The secure office: a device learns to trust it, its person goes on there as they were, and what browsers
// allow over https alone is there.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { Seat, startBrowser } from "../harness/browser.js";
import { Hub } from "../harness/hub.js";
import { eventually } from "../harness/program.js";
import { RappelPage } from "../harness/rappel-page.js";
import { homeThatTrusts } from "../harness/trust.js";

const stranger = await startBrowser({ after });

/** @param {import("../harness/ending.js").Running} test */
async function secureOffice(test) {
  const hub = await Hub.start(test, { locale: "en" });
  await hub.command("secure-office", "on");
  return { hub, secure: hub.address.replace("http:", "https:") };
}

/** A person who was on the plain page, and goes on over https. @param {import("../harness/ending.js").Running} test */
async function gone(test) {
  const { hub, secure } = await secureOffice(test);
  const browser = await startBrowser(test, { home: await homeThatTrusts(test, hub.address) });
  const seat = await Seat.take(test, browser, hub.address, { also: [secure] });
  const { page } = await RappelPage.join(seat, hub.firstSignIn, "en");
  const [plain] = await seat.context.cookies();
  await page.goto(`${hub.address}/secure`);
  await page.getByRole("heading", { name: "This device trusts your office." }).waitFor();
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await page.getByRole("heading", { name: "You are on the secure address." }).waitFor();
  return { hub, secure, seat, page, plain };
}

/**
 * A colleague gives the first person an event; with the calls of that person.
 * @param {Hub} hub
 * @param {string} title
 */
async function assign(hub, title) {
  const [first] = (await hub.command("person", "list")).split("\t");
  const colleague = await hub.api(await hub.addPerson("Anna"));
  const startsAt = new Date(Date.now() + 3 * 3600_000).toISOString();
  await colleague.post("/api/events", { title, starts_at: startsAt, assignees: [first] });
  return hub.api(String(first));
}

describe("the secure office", () => {
  test("is explained to a device that does not trust it yet", async (t) => {
    const { hub, secure } = await secureOffice(t);
    const expected = [/ERR_CERT_AUTHORITY_INVALID/];
    const seat = await Seat.take(t, stranger, hub.address, { also: [secure], expected });
    const page = await seat.tab(`${hub.address}/secure`);
    await page.getByText("install your office’s authority").waitFor();
    await page.getByRole("button", { name: "Check", exact: true }).click();
    await page.getByText("Not yet: this device does not know the secure address.").waitFor();
    await page.getByRole("button", { name: "iPhone, iPad" }).click();
    const link = page.getByRole("link", { name: "Download the profile" });
    assert.equal(await link.getAttribute("href"), "/authority/rappel.mobileconfig");
    // This is the hub's own machine: what is shown here is what others compare with.
    const shown = await hub.command("secure-office");
    const [, fingerprint] = shown.match(/^fingerprint\t(.+)$/m) ?? [];
    const said = (await page.locator("dd").first().innerText()).replace(/\s/g, "");
    assert.equal(said, fingerprint);
  });

  test("takes over whoever was signed in, and leaves nothing behind on the plain page", async (t) => {
    const { hub, secure, seat, page, plain } = await gone(t);
    assert.equal(new URL(page.url()).origin, secure);
    assert.equal(new URL(page.url()).hash, "", "neither code nor secret stays in the address");
    const [cookie, ...others] = await seat.context.cookies();
    assert.deepEqual(others, [], "the plain cookie is gone");
    assert.equal(cookie?.name, `__Host-${plain?.name}`);
    assert.deepEqual([cookie?.secure, cookie?.httpOnly, cookie?.sameSite], [true, true, "Strict"]);
    assert.notEqual(cookie?.value, plain?.value);
    const before = await fetch(`${hub.address}/api/me`, { headers: { cookie: `${plain?.name}=${plain?.value}` } });
    assert.equal(before.status, 401, "what could have been read is worth nothing");

    await page.getByRole("link", { name: "Open the agenda" }).click();
    const screens = new RappelPage(page, "en");
    await screens.atAgenda();
    const devices = await hub.command("token", "list");
    assert.equal(devices.split("\n").length, 1, "it is the same device");

    // Frames come over the secure line too.
    await assign(hub, "Site visit");
    await screens.popup("Site visit").waitFor();
  });

  test("makes the page an app that can be installed", async (t) => {
    const { page } = await gone(t);
    const session = await page.context().newCDPSession(page);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    const { errors, data, url } = await session.send("Page.getAppManifest");
    assert.deepEqual(errors, []);
    assert.equal(new URL(url).pathname, "/manifest.webmanifest");
    assert.equal(JSON.parse(String(data)).display, "standalone");
    const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
    const ids = installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito");
    assert.deepEqual(ids, [], "only a window that keeps nothing stands in the way");
  });

  test("has notifications of the system whose buttons answer without the page", async (t) => {
    const { hub, secure, seat, page } = await gone(t);
    await seat.context.grantPermissions(["notifications"], { origin: secure });
    await page.goto(`${secure}/settings`);
    await page.getByText("Notifications of the system, also while this page is hidden").waitFor();
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await page.evaluate(() => {
      Object.defineProperty(document, "visibilityState", { get: () => "hidden", configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    const api = await assign(hub, "Site visit");
    const shown = () =>
      page.evaluate(async () => {
        const worker = await navigator.serviceWorker.ready;
        /** @type {any[]} */
        const all = await worker.getNotifications();
        const actions = (/** @type {any} */ one) => one.actions.map((/** @type {any} */ { action }) => action);
        return all.map((one) => ({ title: one.title, tag: one.tag, actions: actions(one) }));
      });
    const told = await eventually("a notification", async () => (await shown())[0]);
    assert.match(String(told.title), /Site visit/);
    assert.deepEqual(told.actions, ["dismiss", "snooze"]);

    /** As by a click of its person. @param {string} action */
    const click = async (action) => {
      const worker = seat.context.serviceWorkers().find((worker) => worker.url().startsWith(secure));
      await worker?.evaluate(async (action) => {
        const scope = /** @type {any} */ (globalThis);
        const [notification] = await scope.registration.getNotifications();
        scope.dispatchEvent(new scope.NotificationEvent("notificationclick", { notification, action }));
      }, action);
    };
    await click("dismiss");
    await eventually("it to be dismissed", async () => (await api.get("/api/notifications")).notifications[0].dismissed_at);
    await eventually("it to be gone", async () => (await shown()).length === 0);
  });
});
