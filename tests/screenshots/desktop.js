// The pictures of the desktop app: its first start, and its popup as the system draws it.

import { join } from "node:path";
import { DesktopApp } from "../harness/desktop-app.js";
import { DesktopSession } from "../harness/desktop-session.js";
import { clockAt } from "./clock.js";
import { APPOINTMENTS, MOMENTS, PEOPLE } from "./story.js";

/** Space around a popup, so that its shadow and its place on the screen are seen. */
const MARGIN = 16;

/**
 * @param {import("../harness/ending.js").Running} test
 * @param {"fr" | "en"} language
 * @param {string} folder where the pictures go
 */
export async function pictureDesktop(test, language, folder) {
  const session = await DesktopSession.start(test, { language, width: 1440, height: 800 });
  Object.assign(session.env, clockAt(MOMENTS.beforeFirstStart)(session.env));
  const app = await DesktopApp.start(test, session);
  const [first] = APPOINTMENTS[language];
  if (!first) throw new Error("the story has no appointment");

  await app.window.says(language === "fr" ? "Bonjour." : "Hello.");
  await app.window.fill(/./, PEOPLE.camille);
  await app.window.drawn();
  await app.screen.picture(join(folder, `first-start-${language}.png`));
  await app.firstStart(language, PEOPLE.camille);
  const api = await app.api(PEOPLE.camille);
  const me = await api.get("/api/me");
  const { by: _, ...appointment } = first;
  await api.post("/api/events", { ...appointment, assignees: [me.id], reminders: [5] });
  const { box } = await app.screen.popup(appointment.title, 40_000);
  await app.window.says(/\s5\smin\b/);
  await app.window.drawn();
  await app.screen.picture(join(folder, `desktop-${language}.png`));
  await app.screen.picture(join(folder, `native-popup-${language}.png`), {
    x: box.x - MARGIN,
    y: Math.max(0, box.y - MARGIN),
    width: box.width + 2 * MARGIN,
    height: box.height + 2 * MARGIN,
  });
}
