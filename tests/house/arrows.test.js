// The invariants of the layout: which part may know of which. ARCHITECTURE.md gives the reasons.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../harness/folders.js";
import { output } from "../harness/program.js";

/** Each crate of the house, and the crates of the house it may use. */
const MAY_USE = {
  "rappel-core": [],
  "rappel-store": ["rappel-core"],
  "rappel-hub": ["rappel-core", "rappel-store"],
  "rappel-link": ["rappel-core", "rappel-store", "rappel-hub"],
  rappel: ["rappel-core", "rappel-store", "rappel-hub", "rappel-link"],
  // It measures from outside.
  "rappel-bench": [],
};

/** Crates that only one part of the house may name. */
const ONLY = { rusqlite: ["rappel-store", "rappel-bench"], tauri: ["rappel"], axum: ["rappel-hub", "rappel-link"] };

/** What the core, which does no I/O, must never know. */
const NOT_FOR_THE_CORE = ["tokio", "rusqlite", "axum", "tauri", "tracing"];

/** What the product is made of: a file of test data or a catalogue of words may be as long as it must. */
const SOURCES = ["benches", "crates", "src-tauri", "ui/src", "tests", "script", ".ci"];
const LONGEST = 500;

const metadata = JSON.parse(
  await output("cargo", ["metadata", "--no-deps", "--format-version=1", "--locked", "--offline", `--manifest-path=${join(root, "Cargo.toml")}`]),
);
/** @type {{ name: string, dependencies: { name: string, kind: string | null }[] }[]} */
const packages = metadata.packages;

/** The files under version control, and those about to be. @param {string[]} folders */
async function sources(folders) {
  const listed = await output("git", ["-C", root, "ls-files", "--cached", "--others", "--exclude-standard", "--", ...folders]);
  return listed.split("\n").filter((path) => path !== "" && !path.endsWith("package-lock.json"));
}

/** @param {string} path */
const text = (path) => readFile(join(root, path), "utf8");

describe("the arrows between crates", () => {
  for (const { name, dependencies } of packages) {
    test(`${name} uses only what lies below it`, () => {
      const allowed = /** @type {Record<string, string[]>} */ (MAY_USE)[name];
      assert.ok(allowed, `${name} has no place in the house: add it, with its arrows, to MAY_USE`);
      const own = dependencies.filter((dependency) => dependency.name in MAY_USE && dependency.kind !== "dev");
      assert.deepEqual(own.map((dependency) => dependency.name).filter((used) => !allowed.includes(used)), []);
    });
  }

  for (const [crate, owners] of Object.entries(ONLY)) {
    test(`only ${owners.join(" and ")} names ${crate}`, () => {
      const users = packages.filter(({ dependencies }) =>
        dependencies.some(({ name, kind }) => name === crate && kind !== "dev"),
      );
      assert.deepEqual(users.map(({ name }) => name).filter((name) => !owners.includes(name)), []);
    });
  }

  test("the core knows no runtime, database, server, window or log", () => {
    const core = packages.find(({ name }) => name === "rappel-core");
    assert.deepEqual(core?.dependencies.map(({ name }) => name).filter((name) => NOT_FOR_THE_CORE.includes(name)), []);
  });
});

describe("the web view", () => {
  test("names the desktop's interface only on its own side of the seam", async () => {
    const paths = (await sources(["ui/src"])).filter((path) => /\.(ts|svelte)$/.test(path));
    assert.ok(paths.length > 0, "there is a web view");
    const importers = [];
    for (const path of paths) {
      if (/from\s+["']@tauri-apps\//.test(await text(path))) importers.push(path);
    }
    assert.deepEqual(importers, ["ui/src/platform/desktop.ts"]);
  });

  test("renders no text as markup", async () => {
    for (const path of await sources(["ui/src"])) {
      assert.doesNotMatch(await text(path), /\{@html|innerHTML|insertAdjacentHTML/, path);
    }
  });
});

test("no file has grown past one idea", async () => {
  const long = [];
  for (const path of await sources(SOURCES)) {
    if (!/\.(rs|ts|js|svelte|css|sql)$|^(script|\.ci)\//.test(path)) continue;
    const written = await text(path);
    // What is generated is read where it is generated from.
    if (written.startsWith("// Generated ")) continue;
    const lines = written.split("\n").length - 1;
    if (lines > LONGEST) long.push(`${path}: ${lines} lines`);
  }
  assert.deepEqual(long, []);
});
