// A whole desktop session without a screen: X server, session bus, window manager, notification daemon
// and a panel with a tray, all with a home of their own. Nothing of the session around it is used or seen.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Bus } from "./bus.js";
import { whenOver } from "./ending.js";
import { ownFolder, root } from "./folders.js";
import { THIS_MACHINE } from "./lan.js";
import { Program, eventually, output } from "./program.js";

/** xfce4-notifyd: top right, kept until acted on, neither faded nor slid in or out. */
const NOTIFYD = `<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-notifyd" version="1.0">
  <property name="notify-location" type="uint" value="2"/>
  <property name="expire-timeout-enabled" type="bool" value="false"/>
  <property name="do-fadeout" type="bool" value="false"/>
  <property name="do-slideout" type="bool" value="false"/>
  <property name="initial-opacity" type="double" value="1.0"/>
  <property name="theme" type="string" value="Default"/>
</channel>
`;

/** One panel at the bottom, with the tray and nothing else. */
const PANEL = `<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=10;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="28"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/>
        <value type="int" value="2"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="separator">
      <property name="expand" type="bool" value="true"/>
      <property name="style" type="uint" value="0"/>
    </property>
    <property name="plugin-2" type="string" value="systray"/>
  </property>
</channel>
`;

export class DesktopSession {
  /** @type {Program[]} in the order of their start */
  #programs = [];

  /**
   * @param {{ path: string, remove: () => Promise<void> }} folder
   * @param {NodeJS.ProcessEnv} env what a program needs to be in this session
   * @param {import("./lan.js").Place} place where the app runs
   */
  constructor(folder, env, place) {
    this.folder = folder;
    this.env = env;
    this.place = place;
    this.bus = new Bus(env);
  }

  /**
   * Brings a session up and ends it with the test.
   * @param {import("./ending.js").Running} test
   * @param {{ width?: number, height?: number, language?: "fr" | "en", timeZone?: string, place?: import("./lan.js").Place }} [options]
   */
  static async start(
    test,
    { width = 1280, height = 800, language = "en", timeZone = "Europe/Paris", place = THIS_MACHINE } = {},
  ) {
    const folder = await ownFolder("desktop");
    const home = (/** @type {string} */ name) => join(folder.path, name);
    const session = new DesktopSession(folder, {
      PATH: process.env["PATH"],
      USER: "camille",
      LANG: language === "fr" ? "fr_FR.UTF-8" : "en_GB.UTF-8",
      TZ: timeZone,
      HOME: folder.path,
      XDG_RUNTIME_DIR: home("run"),
      XDG_CONFIG_HOME: home("config"),
      XDG_DATA_HOME: home("data"),
      XDG_CACHE_HOME: home("cache"),
      XDG_SESSION_TYPE: "x11",
      XDG_CURRENT_DESKTOP: "XFCE",
      // Rendering by the processor alone, the same on every machine.
      LIBGL_ALWAYS_SOFTWARE: "1",
      WEBKIT_DISABLE_DMABUF_RENDERER: "1",
    }, place);
    whenOver(test, async () => {
      if (test.passed === false) await session.#picture(String(test.name));
      await session.end();
    });
    await mkdir(home("run"), { mode: 0o700 });
    await session.#configure("xfce4-notifyd", NOTIFYD);
    await session.#configure("xfce4-panel", PANEL);

    const screen = ["-screen", "0", `${width}x${height}x24`, "-nolisten", "tcp", "-noreset", "-wr"];
    const display = session.start("Xvfb", ["-displayfd", "3", ...screen], [3]);
    session.env["DISPLAY"] = `:${(await display.line(/^\d+$/))[0]}`;
    const bus = session.start("dbus-daemon", ["--session", "--nofork", "--print-address=3"], [3]);
    session.env["DBUS_SESSION_BUS_ADDRESS"] = (await bus.line(/^unix:\S+$/))[0];

    session.start("openbox", ["--sm-disable"]);
    await session.startNotificationDaemon();
    session.start("xfce4-panel", ["--disable-wm-check", "--sm-client-disable"]);
    await session.bus.named("org.kde.StatusNotifierWatcher");
    await eventually("a window manager", async () =>
      /window id/.test(await session.output("xprop", ["-root", "_NET_SUPPORTING_WM_CHECK"])),
    );
    return session;
  }

  async startNotificationDaemon() {
    // Debian's architectures put the program in different places; the bus knows which.
    const service = await readFile("/usr/share/dbus-1/services/org.xfce.xfce4-notifyd.Notifications.service", "utf8");
    const program = service.match(/^Exec=(\S+)$/m)?.[1];
    if (!program) throw new Error("xfce4-notifyd does not say where it is");
    this.start(program, []);
    await this.bus.named("org.freedesktop.Notifications");
  }

  /**
   * Starts a program in this session; it ends with it.
   * @param {string} command
   * @param {string[]} args
   * @param {number[]} [listenTo]
   */
  start(command, args, listenTo = [1, 2]) {
    const program = new Program(command, args, { env: this.env, listenTo });
    this.#programs.push(program);
    return program;
  }

  /**
   * @param {string} command
   * @param {string[]} args
   */
  output(command, args) {
    return output(command, args, { env: this.env });
  }

  /** Keeps what was on the screen when a test failed. @param {string} test */
  async #picture(test) {
    const name = test.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 80);
    const path = join(root, "target/test/failed", `${name}.png`);
    await mkdir(dirname(path), { recursive: true });
    await this.output("import", ["-window", "root", path]).then(() => console.error(`what it saw: ${path}`), () => {});
  }

  async end() {
    for (const program of this.#programs.reverse()) await program.end();
    await this.folder.remove();
  }

  /**
   * @param {string} channel
   * @param {string} xml
   */
  async #configure(channel, xml) {
    const path = join(this.folder.path, "config/xfce4/xfconf/xfce-perchannel-xml", `${channel}.xml`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, xml);
  }
}
