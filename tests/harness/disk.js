// A small disk for a hub: a tmpfs in a mount namespace of its own, so that nobody else sees it and nothing is
// left behind, however the test ends.

import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { whenOver } from "./ending.js";

export class Disk {
  /**
   * @param {number} pid of what lives in the namespace
   * @param {string} path
   * @param {boolean} byUser the namespace belongs to a user namespace
   */
  constructor(pid, path, byUser) {
    this.pid = pid;
    this.byUser = byUser;
    this.balloon = join(`/proc/${pid}/root`, path, "balloon");
  }

  /**
   * Mounts a disk of 8 MiB on a folder, until the test is over; a string says why that is not possible here.
   * @param {import("./ending.js").Running} test
   * @param {string} path
   * @returns {Promise<Disk | string>}
   */
  static async mount(test, path) {
    let why = "";
    for (const byUser of [false, true]) {
      const script = 'mount -t tmpfs -o size=8m,mode=700 tmpfs "$0" && echo ready && exec cat';
      const holder = spawn("unshare", ["--mount", ...(byUser ? ["--map-root-user"] : []), "sh", "-c", script, path]);
      holder.stderr.on("data", (chunk) => (why += chunk));
      const over = once(holder, "close");
      const isReady = await Promise.race([
        once(holder.stdout, "data").then(() => true),
        over.then(() => false, (error) => void (why += error)),
      ]);
      if (!isReady) continue;
      whenOver(test, async () => {
        // It lives as long as its stdin.
        holder.stdin.end();
        await over;
      });
      return new Disk(Number(holder.pid), path, byUser);
    }
    return why.trim();
  }

  /**
   * The command that runs a program where the disk is.
   * @param {string} program
   * @param {string[]} args
   * @returns {[string, string[]]}
   */
  enter(program, args) {
    const user = this.byUser ? ["--user", "--preserve-credentials"] : [];
    return ["nsenter", ["--target", String(this.pid), "--mount", ...user, program, ...args]];
  }

  /** Takes all the space that is left. */
  async fill() {
    const file = await open(this.balloon, "a");
    try {
      for (;;) await file.write(Buffer.alloc(4096));
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ENOSPC") throw error;
    } finally {
      await file.close();
    }
  }

  /** Gives the space back. */
  async free() {
    await rm(this.balloon);
  }
}
