// A machine of the test's own, as far as networks, processes and /tmp go: what is done to them reaches nobody else,
// and all of it is gone with the test, however that ends.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { root } from "./folders.js";
import { output } from "./program.js";

/** Set where the test runs in its own network. */
const INSIDE = "RAPPEL_TEST_INSIDE";

// X servers find free displays by /tmp, and by the processes they see.
const OWN = ["--map-root-user", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"];
// A checkout that is in /tmp itself is not to be hidden by the new one.
const ENTER = `
  case $PROJECT in
    /tmp/*) mount --bind "$PROJECT" /mnt && mount -t tmpfs tmpfs /tmp && mkdir -p "$PROJECT" && mount --move /mnt "$PROJECT" ;;
    *) mount -t tmpfs tmpfs /tmp ;;
  esac && cd "$PROJECT" && ip link set lo up && exec "$0" "$@"`;

/** What must be possible there: a cable between two networks. */
const PROBE = "ip link add test0 type veth peer name test1 && unshare --net --uts ip link add test2 type bridge";

/**
 * Runs this test file again in a network of its own, and ends with it. Returns there; and where it is not allowed,
 * with the reason to skip its tests.
 * @param {string} file its import.meta.url
 * @returns {Promise<string | false>}
 */
export async function inOwnNetwork(file) {
  if (process.env[INSIDE]) return false;
  const env = { ...process.env, PROJECT: root };
  try {
    await output("unshare", [...OWN, "sh", "-c", ENTER, "sh", "-c", PROBE], { env });
  } catch (error) {
    const why = /** @type {Error} */ (error).message.replace(/^.* failed \(\d+\): /s, "").trim();
    console.error(`SKIPPED: no network of the test's own can be made here (unshare, ip): ${why}`);
    return "no network of its own";
  }
  // Its results go where this one's would. It ends when this process does, even by force.
  const program = ["unshare", ...OWN, "sh", "-c", ENTER, process.execPath, fileURLToPath(file)];
  const inside = spawn("setpriv", ["--pdeathsig", "KILL", ...program], {
    env: { ...env, [INSIDE]: "1", TMPDIR: "/tmp" },
    stdio: "inherit",
  });
  return new Promise(() => {
    inside.once("error", (error) => {
      console.error(error);
      process.exit(1);
    });
    inside.once("exit", (code) => process.exit(code ?? 1));
  });
}
