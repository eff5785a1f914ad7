// A web server at an origin of its own, serving one page: somebody else's application.

import { createServer } from "node:http";
import { whenOver } from "./ending.js";

/**
 * @param {import("./ending.js").Running} test
 * @param {string} html
 * @returns {Promise<string>} its origin
 */
export async function startOrigin(test, html) {
  const server = createServer((_, answer) => {
    answer.setHeader("content-type", "text/html; charset=utf-8");
    answer.end(html);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  whenOver(test, async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return `http://127.0.0.1:${port}`;
}
