// The real desktop app in a desktop session, from its first start on.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { Api } from "./api.js";
import { whenOver } from "./ending.js";
import { appProgram, hubProgram } from "./folders.js";
import { eventually, output } from "./program.js";
import { Screen } from "./screen.js";
import { Tray } from "./tray.js";
import { Window } from "./webdriver.js";

/** What the first start says, by language. */
const FIRST_START = {
  en: { name: /^Your name/, create: /^Create Rappel/, shown: "This is how I will tell you.", button: "It works", works: /^It works$/ },
  fr: { name: /^Votre nom/, create: /^Créer Rappel/, shown: "Voilà comment je vous préviendrai.", button: "Ça marche", works: /^Ça marche$/ },
};

export class DesktopApp {
  /**
   * @param {import("./desktop-session.js").DesktopSession} session
   * @param {Window} window
   * @param {string} folder its data
   */
  constructor(session, window, folder) {
    this.session = session;
    this.window = window;
    this.folder = folder;
    this.screen = new Screen(session);
    this.tray = new Tray(session.bus);
  }

  /**
   * Starts the app with an empty data folder; it ends with the test.
   * @param {import("./ending.js").Running} test
   * @param {import("./desktop-session.js").DesktopSession} session
   */
  static async start(test, session) {
    const folder = join(session.folder.path, "rappel");
    session.env["RAPPEL_DATA_DIR"] = folder;
    const window = await Window.open(session, { binary: appProgram });
    const app = new DesktopApp(session, window, folder);
    const { pid } = await app.screen.appears(({ title }) => /^Rappel|Rappel$/.test(title), "the app's window");
    app.pid = pid;
    // It outlives its window and its driver: only this ends it for certain.
    whenOver(test, async () => {
      if (app.alive) process.kill(pid, "SIGKILL");
    });
    return app;
  }

  /** The process, as the window manager names it. */
  pid = 0;

  get alive() {
    return existsSync(`/proc/${this.pid}/exe`);
  }

  /** Waits until the process has ended. */
  async ended() {
    await eventually("the app to end", () => !this.alive);
  }

  /**
   * Goes through the first start, as a person does.
   * @param {"fr" | "en"} language
   * @param {string} name
   */
  async firstStart(language, name) {
    const words = FIRST_START[language];
    await this.window.fill(words.name, name);
    await this.window.press(words.create);
    const popup = await this.screen.popup(words.shown);
    await this.window.press(words.works);
    await this.screen.press(popup, words.button);
    await this.screen.popupGone(words.shown);
  }

  /**
   * `rappel-hub` with these arguments, on the running app's data.
   * @param {...string} args
   */
  async command(...args) {
    return (await output(hubProgram, [...args, "--data-dir", this.folder])).trimEnd();
  }

  /**
   * The API of the hub in the app, with a token of this person's.
   * @param {string} person
   */
  async api(person) {
    const token = await this.command("token", "create", person, "--label", "test");
    const { address } = JSON.parse(await this.command("status", "--json"));
    return new Api(address, token);
  }
}
