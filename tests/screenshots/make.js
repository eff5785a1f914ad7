// Makes the pictures of docs/screenshots anew: `node make.js [pages|desktop]…`, both unless named.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startBrowser } from "../harness/browser.js";
import { root } from "../harness/folders.js";
import { pictureDesktop } from "./desktop.js";
import { picturePages } from "./pages.js";

const folder = join(root, "docs/screenshots");
const wanted = process.argv.slice(2);

/** What was started is ended in the opposite order, whatever happens. */
class Cleanup {
  /** @type {(() => Promise<unknown>)[]} */
  #ends = [];

  /** @param {() => Promise<unknown>} end */
  after = (end) => {
    this.#ends.unshift(end);
  };

  async run() {
    for (const end of this.#ends) await end();
  }
}

const cleanup = new Cleanup();
try {
  await mkdir(folder, { recursive: true });
  for (const language of /** @type {const} */ (["fr", "en"])) {
    if (wanted.length === 0 || wanted.includes("pages")) {
      await picturePages(cleanup, await startBrowser(cleanup), language, folder);
    }
    if (wanted.length === 0 || wanted.includes("desktop")) await pictureDesktop(cleanup, language, folder);
  }
} finally {
  await cleanup.run();
}
