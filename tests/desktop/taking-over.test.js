// The computer of the hub is gone, and the desktop that keeps its copy becomes the hub, on a network that belongs to
// the test.

import { test } from "node:test";
import { inOwnNetwork } from "../harness/network.js";

test("with the hub gone for good, two clicks make the desktop that keeps the copy the hub, and a returning one gives way", async (t) => {
  await inOwnNetwork(t, new URL("taking-over-story.js", import.meta.url));
});
