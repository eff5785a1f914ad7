// Whom a browser trusts: a certificate database of its own, as Chromium on Linux reads it.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { whenOver } from "./ending.js";
import { ownFolder } from "./folders.js";
import { output } from "./program.js";

/**
 * A home folder in which this authority was installed, for a browser to be started with.
 * @param {import("./ending.js").Running} test
 * @param {string} address of a hub, from which its authority is downloaded
 */
export async function homeThatTrusts(test, address) {
  const folder = await ownFolder("trust");
  whenOver(test, folder.remove);
  const answer = await fetch(`${address}/authority/rappel.crt`);
  if (!answer.ok) throw new Error(`the authority cannot be downloaded: ${answer.status}`);
  const file = join(folder.path, "rappel.crt");
  await writeFile(file, Buffer.from(await answer.arrayBuffer()));
  const database = join(folder.path, ".pki/nssdb");
  await mkdir(database, { recursive: true });
  await output("certutil", ["-d", `sql:${database}`, "-N", "--empty-password"]);
  await output("certutil", ["-d", `sql:${database}`, "-A", "-t", "C,,", "-n", "Rappel", "-i", file]);
  return folder.path;
}
