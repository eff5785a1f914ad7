// The scripts say what they promise and are what a shell expects.

import assert from "node:assert/strict";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ownFolder, root } from "../harness/folders.js";
import { output } from "../harness/program.js";

const scripts = (await readdir(join(root, "script"))).map((name) => `script/${name}`).concat(".ci/run");

describe("every script", () => {
  for (const path of scripts) {
    test(`${path} parses, stops at errors, and begins with what it promises`, async () => {
      await output("bash", ["-n", join(root, path)]);
      const [shebang, promise, ...rest] = (await readFile(join(root, path), "utf8")).split("\n");
      assert.equal(shebang, "#!/usr/bin/env bash");
      assert.match(String(promise), /^# \S.*/);
      assert.ok(rest.includes("set -euo pipefail"));
    });
  }

  test("is executable", async () => {
    const listed = await output("git", ["-C", root, "ls-files", "--stage", "--", "script", ".ci"]);
    for (const line of listed.trim().split("\n")) assert.match(line, /^100755 /, line);
  });
});

test("the check names its steps, and refuses names it does not have", async () => {
  const list = await output(join(root, "script/test"), ["--list"]);
  assert.match(list, /^format +Rust sources are formatted$/m);
  await assert.rejects(output(join(root, "script/test"), ["no-such-step"]), /there is no step 'no-such-step'/);
});

test("installing touches no package manager when nothing is missing", async (t) => {
  const folder = await ownFolder("no-managers");
  t.after(folder.remove);
  const failing = '#!/bin/sh\necho "$(basename "$0") was called" >&2\nexit 1\n';
  for (const manager of ["apt-get", "apt-cache", "npm", "sudo", "rustup"]) {
    await writeFile(join(folder.path, manager), failing, { mode: 0o755 });
  }
  const env = { ...process.env, PATH: `${folder.path}:${process.env["PATH"]}` };
  assert.equal(await output(join(root, "script/bootstrap"), ["test"], { env }), "");
});
