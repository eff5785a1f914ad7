// The deliberately broken engines of the model test are broken in ways that the code of today still allows.

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../harness/folders.js";
import { output } from "../harness/program.js";

const folder = join(root, "tests/model/mutations");
const patches = (await readdir(folder)).filter((name) => name.endsWith(".patch"));

test("every invariant has an engine that breaks it", () => {
  const broken = new Set(patches.map((name) => name.slice(0, 3)));
  const all = Array.from({ length: 12 }, (_, index) => `I${String(index + 1).padStart(2, "0")}`);
  assert.deepEqual([...broken].sort(), all);
});

for (const name of patches) {
  test(`${name} still applies`, async () => {
    await output("git", ["-C", root, "apply", "--check", join(folder, name)]);
  });
}
