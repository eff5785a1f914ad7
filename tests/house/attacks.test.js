// Each threat has attacks, and the table that names them does not name what is not there.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../harness/folders.js";

const wire = join(root, "tests/wire");
const table = await readFile(join(wire, "attacks/mod.rs"), "utf8");
const rows = [...table.matchAll(/^\/\/! \| (.+) \| (.+) \|$/gm)]
  .map(([, threat, tests]) => ({ threat: String(threat).trim(), tests: String(tests).split(",").map((name) => name.trim()) }))
  .filter(({ threat }) => threat !== "Threat");

/** The folders of the tests that run within a crate. */
const WITHIN = { "link:": "crates/link/src", "app:": "src-tauri" };

/** Where the tests stand whose names begin so. @param {string} name */
async function source(name) {
  for (const [prefix, folder] of Object.entries(WITHIN)) {
    if (!name.startsWith(prefix)) continue;
    const parts = name.slice(prefix.length).split("::");
    const begins = String(parts.pop());
    const path = join(root, folder, ...parts.filter((part) => part !== "tests"));
    // The tests of a module stand at its end, or in a file of their own beside it.
    const places = await Promise.all([`${path}.rs`, join(path, "tests.rs")].map((file) => readFile(file, "utf8").catch(() => "")));
    return { text: places.join(""), begins };
  }
  const parts = name.split("::");
  const path = parts[0] === "attacks" ? parts.splice(0, 2).join("/") : parts.splice(0, 1).join("/");
  return { text: await readFile(join(wire, `${path}.rs`), "utf8"), begins: parts.join("") };
}

describe("every threat", () => {
  test("is there", () => assert.ok(rows.length > 10));

  for (const { threat, tests } of rows) {
    test(`is attacked: ${threat}`, async () => {
      for (const name of tests) {
        if (name.startsWith("browser:")) {
          const names = (await readdir(join(root, "tests/browser"))).filter((file) => file.endsWith(".test.js"));
          const all = await Promise.all(names.map((file) => readFile(join(root, "tests/browser", file), "utf8")));
          const begins = name.slice("browser:".length).replaceAll("+", " ");
          assert.ok(all.some((text) => text.includes(`test("${begins}`)), name);
        } else {
          const { text, begins } = await source(name);
          assert.match(text, new RegExp(`#\\[(tokio::)?test[^\\]]*\\]\\s+(async )?fn ${begins}`), name);
        }
      }
    });
  }
});

test("no attack is left out of the table", async () => {
  const modules = (await readdir(join(wire, "attacks"))).filter((file) => file !== "mod.rs");
  const named = rows.flatMap(({ tests }) => tests);
  for (const file of modules) {
    const name = `attacks::${file.replace(/\.rs$/, "")}`;
    assert.ok(named.some((one) => one.startsWith(name)), name);
  }
});

test("every call is in the table of who may do what", async () => {
  const folder = join(root, "crates/hub/src/server/routes");
  const sources = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), "utf8")));
  const calls = sources.flatMap((text) =>
    text.split(".route(").slice(1).flatMap((route) => {
      const [, path] = route.match(/^\s*"([^"]+)"/) ?? [];
      const [declared] = route.split(/\n\}|\.merge\(/);
      const methods = String(declared).matchAll(/\b(get|post|patch|put|delete)\(/g);
      return [...methods].map(([, method]) => `${String(method).toUpperCase()} ${String(path).replace(/\{\w+\}/g, "{}")}`);
    }),
  );
  const matrix = await readFile(join(wire, "attacks/matrix.rs"), "utf8");
  const tried = new Set(
    [...matrix.matchAll(/^([A-Z]+) +(\/\S*)/gm)].map(([, method, path]) => `${method} ${String(path).replace(/\{[a-z-]+\}/g, "{}")}`),
  );
  assert.ok(calls.length > 20, "the calls are found");
  assert.deepEqual(calls.filter((call) => !tried.has(call)), []);
});
