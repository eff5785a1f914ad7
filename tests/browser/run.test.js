// The one command of the README, on a machine without a screen.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { Seat, startBrowser } from "../harness/browser.js";
import { whenOver } from "../harness/ending.js";
import { ownFolder, root } from "../harness/folders.js";
import { Program } from "../harness/program.js";
import { RappelPage } from "../harness/rappel-page.js";

const browser = await startBrowser({ after });

test("without a display, script/run says why there is no app and serves the same screens", async (t) => {
  const folder = await ownFolder("run");
  whenOver(t, folder.remove);
  // The programs are built already; building them anew for this one package would take minutes.
  await writeFile(join(folder.path, "cargo"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  const { DISPLAY: _, WAYLAND_DISPLAY: __, ...env } = process.env;
  const run = new Program(
    join(root, "script/run"),
    ["--listen", "127.0.0.1:0", "--data-dir", join(folder.path, "data"), "--locale", "en"],
    { env: { ...env, PATH: `${folder.path}:${env["PATH"]}`, RAPPEL_PROFILE: "dev" } },
  );
  whenOver(t, () => run.end());
  await run.line(/there is no display here/);
  const [, address] = await run.line(/^listening on (http:\S+)$/);
  const [, link] = await run.line(/^first sign-in: (\S+)$/);

  const seat = await Seat.take(t, browser, String(address), { language: "en" });
  const { page } = await RappelPage.join(seat, String(link), "en");
  await page.getByText("Nothing planned.").waitFor();
});
