// Where the project's own programs are, and folders of one's own to run them in.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

const built = process.env["RAPPEL_BUILT"] ?? join(root, "target/debug");

export const hubProgram = join(built, "rappel-hub");
export const appProgram = join(built, "rappel");

/**
 * An empty folder, and its removal.
 * @param {string} name
 * @returns {Promise<{ path: string, remove: () => Promise<void> }>}
 */
export async function ownFolder(name) {
  const path = await mkdtemp(join(tmpdir(), `rappel-${name}-`));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }) };
}
