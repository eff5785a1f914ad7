//! What a popup says: from a notification to the lines and buttons on screen.

use jiff::tz::TimeZone;
use rappel_link::frame::{Notification, Trouble};
use rappel_link::{Locale, Zone};

use super::{Button, CARD, Choice, HUB_IS_HERE, Popup, TEST, TROUBLE};
use crate::words::Words;

/// The rows that a card names; the others are counted.
const NAMED_ON_CARD: usize = 4;

/// The popup of one notification.
pub(crate) fn popup(row: &Notification, locale: Locale) -> Popup {
    let words = Words::of(locale);
    let summary = match subject(row) {
        Some(subject) => words.headline(&row.title, subject),
        None => row.title.clone(),
    };
    let event = &row.event;
    // The contact is on the first line already where the event has no title of its own.
    let contact = event.contact_name.as_deref().filter(|name| subject(row) != Some(name));
    let company: Vec<&str> =
        [event.location.as_deref(), contact].into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let mut body = first_sentence(row).to_owned();
    if !company.is_empty() {
        body.push('\n');
        body.push_str(&company.join(" · "));
    }
    Popup { tag: row.id.to_string(), summary, body, buttons: buttons(row, words), urgent: is_reminder(row) }
}

/// One card for all that came while nobody could be shown it, oldest first, one line an event.
pub(crate) fn card(rows: &[Notification], locale: Locale, zone: &TimeZone) -> Popup {
    let words = Words::of(locale);
    let mut lines: Vec<String> = named_on_card(rows).map(|row| line(row, locale, zone)).collect();
    let count = latest_of_each_event(rows).len();
    if count > NAMED_ON_CARD {
        lines.push(words.others(count - NAMED_ON_CARD));
    }
    Popup {
        tag: CARD.to_owned(),
        summary: words.away.to_owned(),
        body: lines.join("\n"),
        buttons: vec![
            Button { choice: Choice::Dismiss, label: words.got_it },
            Button { choice: Choice::Open, label: words.open },
        ],
        urgent: false,
    }
}

/// Those of a card's rows that it names: the others it only counts.
pub(crate) fn named_on_card(rows: &[Notification]) -> impl Iterator<Item = &Notification> {
    latest_of_each_event(rows).into_iter().take(NAMED_ON_CARD)
}

fn latest_of_each_event(rows: &[Notification]) -> Vec<&Notification> {
    let mut latest: Vec<&Notification> = Vec::new();
    for row in rows {
        latest.retain(|earlier| row.event.id.is_none() || earlier.event.id != row.event.id);
        latest.push(row);
    }
    latest
}

/// The popup that shows how popups will look.
pub(crate) fn test_popup(locale: Locale) -> Popup {
    let words = Words::of(locale);
    Popup {
        tag: TEST.to_owned(),
        summary: words.test_summary.to_owned(),
        body: words.test_body.to_owned(),
        buttons: vec![Button { choice: Choice::Dismiss, label: words.test_works }],
        urgent: false,
    }
}

/// The popup that says that the hub has moved to this computer.
pub(crate) fn hub_is_here(locale: Locale) -> Popup {
    let words = Words::of(locale);
    Popup {
        tag: HUB_IS_HERE.to_owned(),
        summary: words.hub_is_here.to_owned(),
        body: words.hub_is_here_help.to_owned(),
        buttons: vec![
            Button { choice: Choice::Dismiss, label: words.got_it },
            Button { choice: Choice::Open, label: words.open },
        ],
        urgent: false,
    }
}

/// The popup that says that the hub can store nothing, and so tells nothing.
pub(crate) fn trouble(trouble: Trouble, locale: Locale) -> Popup {
    let words = Words::of(locale);
    let help = match trouble {
        Trouble::DiskFull => words.disk_full_help,
        Trouble::Storage => words.disk_fails_help,
    };
    Popup {
        tag: TROUBLE.to_owned(),
        summary: words.trouble(trouble).to_owned(),
        body: format!("{}\n{help}", words.reminders_wait),
        buttons: vec![Button { choice: Choice::Dismiss, label: words.got_it }],
        urgent: true,
    }
}

/// "Mon 23 Nov, 10:00 · Site visit", "Mon 23 Nov, 10:00 · Cancelled: Site visit".
fn line(row: &Notification, locale: Locale, zone: &TimeZone) -> String {
    let words = Words::of(locale);
    let what = match (subject(row), news(row, words)) {
        (Some(subject), Some(news)) => words.headline(news, subject),
        (Some(subject), None) => subject.to_owned(),
        (None, _) => row.title.clone(),
    };
    match when(row, locale, zone) {
        Some(when) => format!("{when} · {what}"),
        None => what,
    }
}

/// What has become of the event, where it is not simply ahead.
fn news(row: &Notification, words: &Words) -> Option<&'static str> {
    match row.notification_type.as_str() {
        "cancelled" => Some(words.cancelled),
        "moved" => Some(words.moved),
        "unassigned" => Some(words.reassigned),
        "missed" => Some(words.missed),
        _ => None,
    }
}

/// The event's start as it is said on screen, in the zone of whoever reads it. An all-day event
/// begins at midnight of its own zone, and has no time.
fn when(row: &Notification, locale: Locale, zone: &TimeZone) -> Option<String> {
    let instant: jiff::Timestamp = row.event.datetime.as_deref()?.parse().ok()?;
    let own_zone = row.event.time_zone.as_deref().and_then(|name| Zone::parse("time_zone", name).ok());
    let zone =
        if row.event.all_day { own_zone.map_or_else(|| zone.clone(), |own| own.rules().clone()) } else { zone.clone() };
    let start = instant.to_zoned(zone);
    let weekday = usize::from(start.weekday().to_monday_zero_offset().unsigned_abs());
    let month = usize::from(start.month().unsigned_abs()) - 1;
    let (days, months) = match locale {
        Locale::Fr => (DAYS_FR, MONTHS_FR),
        Locale::En => (DAYS_EN, MONTHS_EN),
    };
    let date = format!("{} {} {}", days[weekday], start.day(), months[month]);
    Some(if row.event.all_day { date } else { format!("{date}, {:02}:{:02}", start.hour(), start.minute()) })
}

const DAYS_FR: [&str; 7] = ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."];
const DAYS_EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS_FR: [&str; 12] =
    ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."];
const MONTHS_EN: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// What the event is called, else whom it is with.
fn subject(row: &Notification) -> Option<&str> {
    let named = |text: &'_ Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
    [&row.event.title, &row.event.contact_name].into_iter().find(|text| named(text)).and_then(|text| text.as_deref())
}

/// The message without what follows its sentence: the contact or title, and the comment below.
fn first_sentence(row: &Notification) -> &str {
    let line = row.message.lines().next().unwrap_or_default();
    [&row.event.contact_name, &row.event.title]
        .into_iter()
        .flatten()
        .find_map(|name| line.strip_suffix(name.as_str())?.strip_suffix(" - "))
        .unwrap_or(line)
}

fn is_reminder(row: &Notification) -> bool {
    row.notification_type.ends_with("min_before") || row.notification_type.ends_with("d_before")
}

fn buttons(row: &Notification, words: &'static Words) -> Vec<Button> {
    let can_wait = is_reminder(row) || matches!(row.notification_type.as_str(), "assigned" | "moved");
    let snooze = can_wait.then_some(Button { choice: Choice::Snooze, label: words.in_5_min });
    let got_it = Button { choice: Choice::Dismiss, label: words.got_it };
    let open = Button { choice: Choice::Open, label: words.open };
    [Some(got_it), snooze, Some(open)].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::popups::example;

    fn labels(popup: &Popup) -> Vec<&str> {
        popup.buttons.iter().map(|button| button.label).collect()
    }

    #[test]
    fn a_reminder_says_what_when_where_and_with_whom() {
        let popup = popup(&example::reminder(1), Locale::Fr);
        assert_eq!(popup.summary, "Rappel événement : Visite de chantier");
        assert_eq!(
            popup.body,
            "Votre événement commence dans 30 minutes (23/11/2026 à 10:00)\n12 rue des Lilas · Marie Dupont",
            "the first sentence of the message, then place and contact; the comment is for the window"
        );
        assert_eq!(labels(&popup), ["OK, vu", "Dans 5 min", "Ouvrir"]);
        assert!(popup.urgent, "an appointment does not wait");
    }

    #[test]
    fn without_a_title_the_contact_leads_and_is_not_repeated() {
        let mut row = example::reminder(1);
        row.event.title = None;
        row.event.location = None;
        let popup = popup(&row, Locale::Fr);
        assert_eq!(popup.summary, "Rappel événement : Marie Dupont");
        assert_eq!(popup.body, "Votre événement commence dans 30 minutes (23/11/2026 à 10:00)");
    }

    #[test]
    fn a_dash_within_the_sentence_stays() {
        let mut row = example::reminder(1);
        row.message = "Demain : Visite - étage 2 - Marie Dupont".into();
        assert_eq!(first_sentence(&row), "Demain : Visite - étage 2");
    }

    #[test]
    fn only_what_can_wait_offers_five_minutes() {
        for (kind, offered) in [
            ("assigned", true),
            ("moved", true),
            ("1d_before", true),
            ("cancelled", false),
            ("unassigned", false),
            ("missed", false),
        ] {
            let mut row = example::reminder(1);
            row.notification_type = kind.into();
            let has = popup(&row, Locale::En).buttons.iter().any(|button| button.choice == Choice::Snooze);
            assert_eq!(has, offered, "{kind}");
        }
    }

    #[test]
    fn a_card_has_one_line_an_event_and_counts_the_rest() {
        let mut rows: Vec<_> = (1..=6).map(example::reminder).collect();
        for (n, row) in rows.iter_mut().enumerate() {
            row.event.id = Some(format!("event {n}"));
        }
        let mut second = rows[5].clone();
        second.notification_type = "5min_before".into();
        rows.push(second);
        let card = card(&rows, Locale::En, &TimeZone::get("Europe/Paris").expect("a zone"));
        let lines: Vec<&str> = card.body.lines().collect();
        assert_eq!(lines.len(), 5, "{lines:?}");
        assert_eq!(lines[0], "Mon 23 Nov, 10:00 · Visite de chantier");
        assert_eq!(lines[4], "+2 others", "both reminders of the sixth event are one line");
        assert!(card.buttons.iter().all(|button| button.choice != Choice::Snooze), "a card cannot come again");
    }

    #[test]
    fn a_line_of_the_card_says_what_has_become_of_the_event() {
        let zone = TimeZone::get("Europe/Paris").expect("a zone");
        for (kind, french, english) in [
            ("30min_before", "Visite de chantier", "Visite de chantier"),
            ("assigned", "Visite de chantier", "Visite de chantier"),
            ("cancelled", "Annulé : Visite de chantier", "Cancelled: Visite de chantier"),
            ("moved", "Déplacé : Visite de chantier", "Moved: Visite de chantier"),
            ("unassigned", "Réattribué : Visite de chantier", "Reassigned: Visite de chantier"),
            ("missed", "Manqué : Visite de chantier", "Missed: Visite de chantier"),
        ] {
            let mut row = example::reminder(1);
            row.notification_type = kind.into();
            assert_eq!(line(&row, Locale::Fr, &zone), format!("lun. 23 nov., 10:00 · {french}"));
            assert_eq!(line(&row, Locale::En, &zone), format!("Mon 23 Nov, 10:00 · {english}"));
        }
    }

    #[test]
    fn what_has_become_of_a_nameless_event_is_said_once() {
        let mut row = example::reminder(1);
        (row.event.title, row.event.contact_name) = (None, None);
        (row.notification_type, row.title) = ("cancelled".into(), "Event cancelled".into());
        let zone = TimeZone::get("Europe/Paris").expect("a zone");
        assert_eq!(line(&row, Locale::En, &zone), "Mon 23 Nov, 10:00 · Event cancelled");
    }

    #[test]
    fn an_all_day_event_keeps_its_own_day() {
        let mut row = example::reminder(1);
        row.event.all_day = true;
        row.event.datetime = Some("2026-11-22T23:00:00.000Z".into());
        let far = TimeZone::get("America/Montreal").expect("a zone");
        assert_eq!(line(&row, Locale::Fr, &far), "lun. 23 nov. · Visite de chantier");
    }
}
