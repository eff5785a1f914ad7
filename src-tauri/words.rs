//! Every word that the desktop app itself says, in French and English. What a notification says
//! comes from the hub, in the language of its person.

use rappel_link::Locale;
use rappel_link::frame::Trouble;

/// The words of one language.
pub(crate) struct Words {
    pub(crate) open_rappel: &'static str,
    pub(crate) pause: &'static str,
    pub(crate) quit: &'static str,
    pub(crate) nothing_unread: &'static str,
    pub(crate) hub_unreachable: &'static str,
    hub_off: &'static str,
    reminders_go_on: &'static str,
    pub(crate) paused: &'static str,
    disk_full: &'static str,
    pub(crate) disk_full_help: &'static str,
    disk_fails: &'static str,
    pub(crate) disk_fails_help: &'static str,
    pub(crate) reminders_wait: &'static str,
    pub(crate) got_it: &'static str,
    pub(crate) in_5_min: &'static str,
    pub(crate) open: &'static str,
    pub(crate) away: &'static str,
    pub(crate) nobody_shows: &'static str,
    pub(crate) popup_refused: &'static str,
    pub(crate) test_summary: &'static str,
    pub(crate) test_body: &'static str,
    pub(crate) test_works: &'static str,
    pub(crate) hub_is_here: &'static str,
    pub(crate) hub_is_here_help: &'static str,
    unread_one: &'static str,
    unread_many: &'static str,
    pub(crate) moved: &'static str,
    pub(crate) cancelled: &'static str,
    pub(crate) reassigned: &'static str,
    pub(crate) missed: &'static str,
    others_one: &'static str,
    others_many: &'static str,
    colon: &'static str,
    pub(crate) awake_reason: &'static str,
    pub(crate) share: &'static str,
    pub(crate) has_moved: &'static str,
    wants_in: &'static str,
    pub(crate) with_link: &'static str,
    pub(crate) uninvited: &'static str,
    in_team: &'static str,
    looks_after: &'static str,
    pub(crate) accept: &'static str,
    pub(crate) not_now: &'static str,
}

const FR: Words = Words {
    open_rappel: "Ouvrir Rappel",
    pause: "Suspendre les notifications",
    quit: "Quitter",
    nothing_unread: "Rien de nouveau",
    hub_unreachable: "Rappel ne peut pas lire l'agenda",
    hub_off: "L'ordinateur principal ne répond pas",
    reminders_go_on: "vos rappels continuent (agenda à jour à",
    paused: "en pause",
    disk_full: "Le disque de l'ordinateur principal est plein.",
    disk_full_help: "Libérez de la place : tout reprendra de soi-même.",
    disk_fails: "Le disque de l'ordinateur principal ne fonctionne pas.",
    disk_fails_help: "Faites vérifier cet ordinateur : tout reprendra dès que son disque marchera.",
    reminders_wait: "Rien ne peut être enregistré, et les rappels attendent.",
    got_it: "OK, vu",
    in_5_min: "Dans 5 min",
    open: "Ouvrir",
    away: "Pendant votre absence",
    nobody_shows: "Rien, sur ce bureau, n'affiche de notifications.",
    popup_refused: "Le système n'a pas accepté la notification.",
    test_summary: "Rappel",
    test_body: "Voilà comment je vous préviendrai.",
    test_works: "Ça marche",
    hub_is_here: "Cet ordinateur est maintenant l'ordinateur principal",
    hub_is_here_help: "Laissez-le allumé pendant les heures de bureau. \
                       Dans les navigateurs, l'adresse a changé : la fenêtre dit laquelle.",
    unread_one: "notification non lue",
    unread_many: "notifications non lues",
    moved: "Déplacé",
    cancelled: "Annulé",
    reassigned: "Réattribué",
    missed: "Manqué",
    others_one: "autre",
    others_many: "autres",
    colon: " : ",
    awake_reason: "Les collègues reçoivent leurs rappels de cet ordinateur.",
    share: "Partager avec mon équipe…",
    has_moved: "L'adresse de Rappel a changé",
    wants_in: "souhaite entrer",
    with_link: "Avec le lien pour tous",
    uninvited: "Sans invitation",
    in_team: "fait déjà partie de l'équipe : acceptez seulement si c'est bien cette personne.",
    looks_after: "administre Rappel : ouvrez la fenêtre pour décider.",
    accept: "Accepter",
    not_now: "Pas maintenant",
};

const EN: Words = Words {
    open_rappel: "Open Rappel",
    pause: "Pause notifications",
    quit: "Quit",
    nothing_unread: "Nothing new",
    hub_unreachable: "Rappel cannot read the calendar",
    hub_off: "The main computer does not answer",
    reminders_go_on: "your reminders go on (calendar last updated at",
    paused: "paused",
    disk_full: "The disk of the main computer is full.",
    disk_full_help: "Free some space: everything then goes on by itself.",
    disk_fails: "The disk of the main computer does not work.",
    disk_fails_help: "Have this computer looked at: everything goes on once its disk works.",
    reminders_wait: "Nothing can be saved, and reminders wait.",
    got_it: "Got it",
    in_5_min: "In 5 min",
    open: "Open",
    away: "While you were away",
    nobody_shows: "Nothing on this desktop shows notifications.",
    popup_refused: "The system did not take the notification.",
    test_summary: "Rappel",
    test_body: "This is how I will tell you.",
    test_works: "It works",
    hub_is_here: "This computer is the main computer now",
    hub_is_here_help: "Leave it on during office hours. \
                       In browsers the address has changed: the window says which it is.",
    unread_one: "unread notification",
    unread_many: "unread notifications",
    moved: "Moved",
    cancelled: "Cancelled",
    reassigned: "Reassigned",
    missed: "Missed",
    others_one: "other",
    others_many: "others",
    colon: ": ",
    awake_reason: "Colleagues get their reminders from this computer.",
    share: "Share with my team…",
    has_moved: "Rappel's address has changed",
    wants_in: "wants to join",
    with_link: "With the link for everybody",
    uninvited: "Without an invitation",
    in_team: "is in the team already: accept only if it really is them.",
    looks_after: "looks after Rappel: open the window to decide.",
    accept: "Accept",
    not_now: "Not now",
};

impl Words {
    /// The words of a language.
    pub(crate) fn of(locale: Locale) -> &'static Self {
        match locale {
            Locale::Fr => &FR,
            Locale::En => &EN,
        }
    }

    /// "3 unread notifications", "Nothing new".
    pub(crate) fn unread(&self, count: u64) -> String {
        match count {
            0 => self.nothing_unread.to_owned(),
            1 => format!("1 {}", self.unread_one),
            _ => format!("{count} {}", self.unread_many),
        }
    }

    /// "The main computer does not answer: your reminders go on (calendar last updated at 09:12)".
    pub(crate) fn hub_off(&self, synced_at: &str) -> String {
        format!("{}{}{} {synced_at})", self.hub_off, self.colon, self.reminders_go_on)
    }

    /// "The disk of the main computer is full."
    pub(crate) fn trouble(&self, trouble: Trouble) -> &'static str {
        match trouble {
            Trouble::DiskFull => self.disk_full,
            Trouble::Storage => self.disk_fails,
        }
    }

    /// "+2 others".
    pub(crate) fn others(&self, count: usize) -> String {
        format!("+{count} {}", if count == 1 { self.others_one } else { self.others_many })
    }

    /// "Paul (iPhone) wants to join".
    pub(crate) fn wants_in(&self, name: &str, device: &str) -> String {
        format!("{name} ({device}) {}", self.wants_in)
    }

    /// "Paul is in the team already: …".
    pub(crate) fn in_team(&self, name: &str) -> String {
        format!("{name} {}", self.in_team)
    }

    /// "Camille looks after Rappel: …".
    pub(crate) fn looks_after(&self, name: &str) -> String {
        format!("{name} {}", self.looks_after)
    }

    /// "Event reminder: Site visit".
    pub(crate) fn headline(&self, what: &str, subject: &str) -> String {
        format!("{what}{}{subject}", self.colon)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_agree_with_their_nouns() {
        let fr = Words::of(Locale::Fr);
        assert_eq!(fr.unread(0), "Rien de nouveau");
        assert_eq!(fr.unread(1), "1 notification non lue");
        assert_eq!(fr.unread(12), "12 notifications non lues");
        assert_eq!(fr.others(1), "+1 autre");
        assert_eq!(Words::of(Locale::En).others(4), "+4 others");
    }

    #[test]
    fn a_french_colon_has_its_space() {
        assert_eq!(Words::of(Locale::Fr).headline("Rappel événement", "Visite"), "Rappel événement : Visite");
        assert_eq!(Words::of(Locale::En).headline("Event reminder", "Visit"), "Event reminder: Visit");
    }
}
