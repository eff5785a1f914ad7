// The one command of the README, in a desktop session.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { DesktopSession } from "../harness/desktop-session.js";
import { root } from "../harness/folders.js";
import { Screen } from "../harness/screen.js";
import { Tray } from "../harness/tray.js";

test("with a display, script/run starts the app", async (t) => {
  const session = await DesktopSession.start(t);
  const { path } = session.folder;
  // The programs are built already; building them anew for this one package would take minutes.
  await writeFile(join(path, "cargo"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  Object.assign(session.env, {
    PATH: `${path}:${session.env["PATH"]}`,
    // Where the compilers are; the app itself keeps to the session's folders.
    HOME: process.env["HOME"],
    RAPPEL_DATA_DIR: join(path, "rappel"),
    RAPPEL_PROFILE: "dev",
  });
  const run = session.start(join(root, "script/run"), []);
  await new Screen(session).appears(({ title }) => title === "Rappel", "the app's window");
  await new Tray(session.bus).choose(/^Quit$/);
  assert.equal(await run.ended, 0);
});
