// The office of the story, in a real hub whose clock is set to the story's day.

import { Hub } from "../harness/hub.js";
import { eventually } from "../harness/program.js";
import { clockAt } from "./clock.js";
import { APPOINTMENTS, MOMENTS, PEOPLE } from "./story.js";

/** @typedef {import("./story.js").Who} Who */

/**
 * Writes everything down on Friday, and comes back on Monday for the first reminder.
 * @param {import("../harness/ending.js").Running} test
 * @param {"fr" | "en"} language
 */
export async function openOffice(test, language) {
  const hub = await Hub.start(test, { locale: language, timeZone: "Europe/Paris", clock: clockAt(MOMENTS.friday) });
  /** @type {Record<Who, string>} */
  const ids = { camille: "", hugo: "", ines: "" };
  for (const who of /** @type {Who[]} */ (Object.keys(PEOPLE))) {
    ids[who] = await hub.addPerson(PEOPLE[who], "--role", "admin");
  }
  const apis = { camille: await hub.api(ids.camille), hugo: await hub.api(ids.hugo), ines: await hub.api(ids.ines) };
  for (const { by, assignees, ...appointment } of APPOINTMENTS[language]) {
    await apis[by].post("/api/events", {
      ...appointment,
      all_day: appointment.starts_on !== undefined,
      assignees: assignees.map((who) => ids[who]),
    });
  }
  const { notifications } = await apis.camille.get("/api/notifications");
  await apis.camille.post(`/api/notifications/${notifications.at(-1).id}/read`);
  await hub.restart({ clock: clockAt(MOMENTS.beforeHalfHour) });
  await eventually("the reminder of the first appointment", async () => {
    const { notifications } = await apis.camille.get("/api/notifications");
    return notifications.some((/** @type {any} */ row) => row.notification_type === "30min_before");
  });
  return { hub, ids, apis };
}
