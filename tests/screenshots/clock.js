// A program's clock set to a chosen moment, so that the same pictures come out whenever they are made.

import { existsSync } from "node:fs";

const LIBRARIES = ["x86_64-linux-gnu", "aarch64-linux-gnu"].map((folder) => `/usr/lib/${folder}/faketime/libfaketime.so.1`);

/**
 * @param {string} moment RFC 3339 in UTC
 * @returns {import("../harness/hub.js").Clock}
 */
export function clockAt(moment) {
  const library = LIBRARIES.find((path) => existsSync(path));
  if (!library) throw new Error("the Debian package faketime is needed");
  const offset = Math.round((Date.parse(moment) - Date.now()) / 1000);
  return (env) => ({
    ...env,
    LD_PRELOAD: library,
    FAKETIME: `${offset >= 0 ? "+" : ""}${offset}`,
    // Waiting is measured by the true clock.
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
  });
}
