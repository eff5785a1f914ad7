// Sharing with the team from the desktop, on a network that belongs to the test.

import { test } from "node:test";
import { inOwnNetwork } from "../harness/network.js";

test("a person shares with the team, is helped, lets somebody in, and is told when the address changes", async (t) => {
  await inOwnNetwork(t, new URL("sharing-story.js", import.meta.url));
});
