// The team: somebody who leaves is signed out everywhere, and can come back.

import { after, test } from "node:test";
import { Seat, startBrowser } from "../harness/browser.js";
import { Hub } from "../harness/hub.js";
import { RappelPage } from "../harness/rappel-page.js";

const browser = await startBrowser({ after });

test("an admin takes somebody off the team, and brings them back", async (t) => {
  const hub = await Hub.start(t, { locale: "en" });
  const admin = await RappelPage.join(await Seat.take(t, browser, hub.address), hub.firstSignIn, "en");
  await hub.addPerson("Anna");
  const seat = await Seat.take(t, browser, hub.address, { expected: [/status of 401/, /WebSocket connection/] });
  const anna = await RappelPage.join(seat, await hub.invite("Anna"), "en");

  await admin.goTo(admin.words.settings);
  await admin.page.getByRole("button", { name: "Remove from the team: Anna" }).click();
  await admin.page.getByRole("alertdialog").getByRole("button", { name: "Remove from the team" }).click();
  await anna.page.getByText(/ask whoever looks after Rappel/).waitFor();

  await admin.page.getByRole("button", { name: "Bring back Anna" }).click();
  await admin.page.getByRole("button", { name: "Remove from the team: Anna" }).waitFor();
});
