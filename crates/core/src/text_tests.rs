use super::*;
use crate::event::Contact;
use crate::fixture::{at, day_event, event, preferences};

fn in_english() -> Preferences {
    Preferences { locale: Locale::En, ..preferences() }
}

/// The event of the fixture (11:00 in Paris), with nothing but its title.
fn both(kind: Kind, event: &Event, now: &str) -> [String; 2] {
    [preferences(), in_english()].map(|recipient| {
        let text = write(kind, event, &recipient, at(now));
        format!("{} / {}", text.title, text.message)
    })
}

const THIRTY: Kind = Kind::Reminder(Offset::Minutes(30));
const DAY_BEFORE: Kind = Kind::Reminder(Offset::Days(1));
const WELL_BEFORE: &str = "2026-11-22T10:00:00Z";

#[test]
fn assigned() {
    assert_eq!(
        both(Kind::Assigned, &event(), WELL_BEFORE),
        [
            "Nouvel événement assigné / Vous avez été assigné à un événement le 23/11/2026 à 11:00 - Visite de chantier",
            "New event assigned / You have been assigned to an event on 23/11/2026 at 11:00 - Visite de chantier",
        ]
    );
}

#[test]
fn assigned_an_hour_before_or_less_says_how_soon() {
    assert_eq!(
        both(Kind::Assigned, &event(), "2026-11-23T09:40:00Z"),
        [
            "Nouvel événement assigné / Vous avez été assigné à un événement le 23/11/2026 à 11:00 (commence dans 20 minutes) - Visite de chantier",
            "New event assigned / You have been assigned to an event on 23/11/2026 at 11:00 (starts in 20 minutes) - Visite de chantier",
        ]
    );
    let [fr, en] = both(Kind::Assigned, &event(), "2026-11-23T10:01:00Z");
    assert!(fr.contains("à 11:00 (déjà commencé) - "), "{fr}");
    assert!(en.contains("at 11:00 (already started) - "), "{en}");
}

#[test]
fn reminder_with_the_time_that_really_remains() {
    assert_eq!(
        both(THIRTY, &event(), "2026-11-23T09:30:00.004Z"),
        [
            "Rappel événement / Votre événement commence dans 30 minutes (23/11/2026 à 11:00) - Visite de chantier",
            "Event reminder / Your event starts in 30 minutes (23/11/2026 at 11:00) - Visite de chantier",
        ]
    );
    let remaining = |now: &str| {
        let text = write(THIRTY, &event(), &in_english(), at(now)).message;
        text.strip_prefix("Your event ").unwrap().split(" (").next().unwrap().to_owned()
    };
    assert_eq!(remaining("2026-11-23T09:39:59.999Z"), "starts in 21 minutes", "remaining is rounded up");
    assert_eq!(remaining("2026-11-23T09:40:00Z"), "starts in 20 minutes");
    assert_eq!(remaining("2026-11-23T09:59:59.999Z"), "starts in 1 minute");
    assert_eq!(remaining("2026-11-23T10:00:00Z"), "starts now");
    assert_eq!(remaining("2026-11-23T10:00:59.999Z"), "starts now");
    assert_eq!(remaining("2026-11-23T10:10:59Z"), "started 10 minutes ago", "elapsed is rounded down");
    assert_eq!(remaining("2026-11-23T09:00:00Z"), "starts in 1 h 00");
    assert_eq!(remaining("2026-11-23T07:55:00Z"), "starts in 2 h 05");
    assert_eq!(remaining("2026-11-22T10:00:00Z"), "starts in 1 day");
    assert_eq!(remaining("2026-11-20T10:00:00Z"), "starts in 3 days");
    assert_eq!(remaining("2026-11-21T10:02:00Z"), "starts in 2 days", "47 h 58: days are rounded up as well");
    assert_eq!(remaining("2026-11-22T09:59:59.999Z"), "starts in 2 days", "a minute more than one");
    assert_eq!(remaining("2026-11-22T10:00:00.001Z"), "starts in 1 day");
    assert_eq!(remaining("2026-11-22T10:01:00Z"), "starts in 23 h 59");
    assert_eq!(remaining("2026-11-25T09:58:00Z"), "started 1 day ago", "47 h 58: and down once they have gone by");
    assert_eq!(remaining("2026-11-25T10:00:00Z"), "started 2 days ago");
}

#[test]
fn reminder_after_the_start() {
    assert_eq!(
        both(THIRTY, &event(), "2026-11-23T10:10:00Z"),
        [
            "Rappel événement / Votre événement a commencé il y a 10 minutes (23/11/2026 à 11:00) - Visite de chantier",
            "Event reminder / Your event started 10 minutes ago (23/11/2026 at 11:00) - Visite de chantier",
        ]
    );
}

#[test]
fn reminder_at_the_start_itself() {
    assert_eq!(
        both(Kind::Reminder(Offset::Minutes(0)), &event(), "2026-11-23T10:00:00Z"),
        [
            "Rappel événement / Votre événement commence maintenant (23/11/2026 à 11:00) - Visite de chantier",
            "Event reminder / Your event starts now (23/11/2026 at 11:00) - Visite de chantier",
        ]
    );
}

#[test]
fn reminder_of_a_whole_day() {
    assert_eq!(
        both(DAY_BEFORE, &day_event(), "2026-11-22T08:00:00Z"),
        ["Rappel événement / Demain : Visite de chantier", "Event reminder / Tomorrow: Visite de chantier",]
    );
    assert_eq!(
        both(DAY_BEFORE, &day_event(), "2026-11-23T08:00:00Z"),
        ["Rappel événement / Aujourd'hui : Visite de chantier", "Event reminder / Today: Visite de chantier",],
        "a late one tells the day it is"
    );
    assert_eq!(
        both(DAY_BEFORE, &day_event(), "2026-11-20T08:00:00Z"),
        ["Rappel événement / Dans 3 jours : Visite de chantier", "Event reminder / In 3 days: Visite de chantier",]
    );
}

#[test]
fn moved() {
    let from = StartKey::Timed(at("2026-11-20T09:00:00Z"));
    assert_eq!(
        both(Kind::Moved { from }, &event(), WELL_BEFORE),
        [
            "Événement déplacé / Votre événement du 20/11/2026 à 10:00 est déplacé au 23/11/2026 à 11:00 - Visite de chantier",
            "Event moved / Your event on 20/11/2026 at 10:00 is now on 23/11/2026 at 11:00 - Visite de chantier",
        ]
    );
}

#[test]
fn unassigned_cancelled_missed() {
    assert_eq!(
        both(Kind::Unassigned, &event(), WELL_BEFORE),
        [
            "Événement réattribué / L'événement du 23/11/2026 à 11:00 ne vous est plus assigné - Visite de chantier",
            "Event reassigned / The event on 23/11/2026 at 11:00 is no longer yours - Visite de chantier",
        ]
    );
    assert_eq!(
        both(Kind::Cancelled, &event(), WELL_BEFORE),
        [
            "Événement annulé / Votre événement du 23/11/2026 à 11:00 est annulé - Visite de chantier",
            "Event cancelled / Your event on 23/11/2026 at 11:00 is cancelled - Visite de chantier",
        ]
    );
    assert_eq!(
        both(Kind::Missed, &event(), WELL_BEFORE),
        [
            "Rappel manqué / Votre événement du 23/11/2026 à 11:00 a commencé - Visite de chantier",
            "Missed reminder / Your event on 23/11/2026 at 11:00 has started - Visite de chantier",
        ]
    );
    let [fr, en] = both(Kind::Cancelled, &day_event(), WELL_BEFORE);
    assert_eq!(fr, "Événement annulé / Votre événement du 23/11/2026 est annulé - Visite de chantier");
    assert_eq!(en, "Event cancelled / Your event on 23/11/2026 is cancelled - Visite de chantier");
}

#[test]
fn the_company_is_the_contact_else_the_title_and_the_comment_follows() {
    let mut event = event();
    event.contact = Contact::parse(None, Some("Marie Dupont".into()), None, None).unwrap();
    event.comment = Some("Apporter les plans".into());
    let text = write(Kind::Reminder(Offset::Minutes(5)), &event, &preferences(), at("2026-11-23T09:55:00Z"));
    assert_eq!(
        &*text.message,
        "Votre événement commence dans 5 minutes (23/11/2026 à 11:00) - Marie Dupont\nApporter les plans"
    );
    event.comment = Some("é".repeat(101));
    let text = write(THIRTY, &event, &preferences(), at("2026-11-23T09:30:00Z"));
    assert!(text.message.ends_with(&format!("\n{}", "é".repeat(100))), "the first hundred characters");
}

#[test]
fn times_are_the_recipients() {
    let recipient = Preferences { time_zone: Zone::parse("time_zone", "Asia/Tokyo").unwrap(), ..in_english() };
    let text = write(Kind::Cancelled, &event(), &recipient, at(WELL_BEFORE));
    assert!(text.message.contains("23/11/2026 at 19:00"), "{}", text.message);
}

#[test]
fn what_people_write_is_not_read_as_a_placeholder() {
    let mut event = day_event();
    event.title = "{when} {d}".into();
    let text = write(DAY_BEFORE, &event, &in_english(), at("2026-11-22T08:00:00Z"));
    assert_eq!(&*text.message, "Tomorrow: {when} {d}");
}
