// One Monday in a small office, told in French and in English: what the pictures show.

/** The office's day: Monday 23 November 2026, Paris. */
export const MOMENTS = {
  /** The Friday before, when everything is written down. */
  friday: "2026-11-20T15:12:20Z",
  /** Just before the half-hour reminder of the first appointment. */
  beforeHalfHour: "2026-11-23T08:29:57Z",
  /** Eighteen minutes before that appointment. */
  midway: "2026-11-23T08:42:20Z",
  /** Long enough before its five-minute reminder to start an app for the first time. */
  beforeFirstStart: "2026-11-23T08:54:35Z",
  /** Just before its five-minute reminder. */
  beforeFiveMinutes: "2026-11-23T08:54:57Z",
};

/** @typedef {"camille" | "hugo" | "ines"} Who */

/**
 * @typedef {object} Appointment
 * @property {string} title
 * @property {string} [starts_at] local time
 * @property {string} [ends_at]
 * @property {string} [starts_on] for whole days
 * @property {string} [ends_on]
 * @property {string} [location]
 * @property {string} [comment]
 * @property {{ id: null, name: string, phone: string | null, email: string | null }} [contact]
 * @property {Who} by who writes it down
 * @property {Who[]} assignees
 */

/** @type {Record<Who, string>} */
export const PEOPLE = { camille: "Camille Laurent", hugo: "Hugo Martin", ines: "Inès Haddad" };

const contact = (/** @type {string} */ name, /** @type {string | null} */ phone = null) => ({ id: null, name, phone, email: null });

/** @type {Record<"fr" | "en", Appointment[]>} */
export const APPOINTMENTS = {
  fr: [
    {
      title: "Visite de chantier",
      starts_at: "2026-11-23T10:00",
      ends_at: "2026-11-23T11:00",
      location: "12 rue des Lilas",
      contact: contact("Marie Dupont", "+33 6 39 98 12 40"),
      comment: "Apporter les plans du deuxième étage.",
      by: "hugo",
      assignees: ["camille"],
    },
    {
      title: "Appel de suivi",
      starts_at: "2026-11-23T14:30",
      ends_at: "2026-11-23T15:00",
      contact: contact("Paul Lefèvre", "+33 6 39 98 55 02"),
      by: "camille",
      assignees: ["camille", "hugo"],
    },
    {
      title: "Point d’équipe",
      starts_at: "2026-11-23T17:00",
      ends_at: "2026-11-23T17:30",
      location: "Salle du fond",
      by: "camille",
      assignees: ["camille", "hugo", "ines"],
    },
    { title: "Salon de l’habitat", starts_on: "2026-11-24", ends_on: "2026-11-25", location: "Lyon", by: "camille", assignees: ["ines", "camille"] },
    {
      title: "Signature du devis",
      starts_at: "2026-11-24T09:15",
      ends_at: "2026-11-24T09:45",
      contact: contact("Sophie Bernard", "+33 6 39 98 71 18"),
      by: "hugo",
      assignees: ["camille"],
    },
    { title: "Livraison des fenêtres", starts_at: "2026-11-26T11:00", location: "Dépôt de Bron", by: "camille", assignees: ["camille", "ines"] },
  ],
  en: [
    {
      title: "Site visit",
      starts_at: "2026-11-23T10:00",
      ends_at: "2026-11-23T11:00",
      location: "12 rue des Lilas",
      contact: contact("Marie Dupont", "+33 6 39 98 12 40"),
      comment: "Bring the plans of the second floor.",
      by: "hugo",
      assignees: ["camille"],
    },
    {
      title: "Follow-up call",
      starts_at: "2026-11-23T14:30",
      ends_at: "2026-11-23T15:00",
      contact: contact("Paul Lefèvre", "+33 6 39 98 55 02"),
      by: "camille",
      assignees: ["camille", "hugo"],
    },
    {
      title: "Team meeting",
      starts_at: "2026-11-23T17:00",
      ends_at: "2026-11-23T17:30",
      location: "Back room",
      by: "camille",
      assignees: ["camille", "hugo", "ines"],
    },
    { title: "Home fair", starts_on: "2026-11-24", ends_on: "2026-11-25", location: "Lyon", by: "camille", assignees: ["ines", "camille"] },
    {
      title: "Signing the quote",
      starts_at: "2026-11-24T09:15",
      ends_at: "2026-11-24T09:45",
      contact: contact("Sophie Bernard", "+33 6 39 98 71 18"),
      by: "hugo",
      assignees: ["camille"],
    },
    { title: "Window delivery", starts_at: "2026-11-26T11:00", location: "Bron depot", by: "camille", assignees: ["camille", "ines"] },
  ],
};
