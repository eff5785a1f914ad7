// Makes the pictures of docs/screenshots anew: `node make.js [pages|desktop]…`, both unless named.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startBrowser } from "../harness/browser.js";
import { root } from "../harness/folders.js";
import { pictureDesktop } from "./desktop.js";
import { picturePages } from "./pages.js";

const folder = join(root, "docs/screenshots");
const wanted = process.argv.slice(2);

/** The programs behind the pictures end when they are taken. */
class Session {
  /** @type {(() => Promise<void>)[]} */
  #ends = [];

  /** @param {() => Promise<void>} end */
  after(end) {
    this.#ends.push(end);
  }

  async end() {
    for (const end of this.#ends) await end();
  }
}

const session = new Session();
try {
  await mkdir(folder, { recursive: true });
  for (const language of /** @type {const} */ (["fr", "en"])) {
    if (wanted.length === 0 || wanted.includes("pages")) {
      await picturePages(session, await startBrowser(session), language, folder);
    }
    if (wanted.length === 0 || wanted.includes("desktop")) await pictureDesktop(session, language, folder);
  }
} finally {
  await session.end();
}
