//! Lists of events: by start, within a range, for a person, in a status, with a text.

use chrono::{NaiveDate, TimeDelta};
use rappel_core::draft::Draft;
use rappel_core::event::{Contact, Status, Visibility};
use rappel_core::schedule::WrittenTime;
use rappel_store::{Caller, ChangedEvent, Error, EventQuery};

use crate::fixture::{Office, assigned_to, at, draft, moved_to, status};

fn named(title: &str, start: &str, assignees: &[Caller]) -> Draft {
    Draft { title: Some(title.into()), ..draft(start, assignees) }
}

fn until(end: &str, draft: Draft) -> Draft {
    Draft { ends_at: Some(WrittenTime::Instant(at(end))), ..draft }
}

fn everything() -> EventQuery {
    EventQuery { limit: 100, ..EventQuery::default() }
}

fn between(from: &str, to: &str) -> EventQuery {
    EventQuery { from: Some(at(from)), to: Some(at(to)), ..everything() }
}

/// The titles that somebody sees; "busy" for what they may not know.
async fn titles(office: &Office, who: Caller, query: EventQuery) -> Vec<String> {
    let page = office.store.events(who.actor, query).await.unwrap();
    assert_eq!(page.next, None, "the page is the whole list");
    let title = |seen: rappel_store::VisibleEvent| if seen.is_visible { seen.event.title } else { "busy".into() };
    page.events.into_iter().map(title).collect()
}

async fn found(office: &Office, text: &str) -> Vec<String> {
    titles(office, office.ann, EventQuery { text: Some(text.into()), ..everything() }).await
}

#[tokio::test]
async fn they_come_by_start_whatever_the_order_of_their_making() {
    let office = Office::open().await;
    for (title, start) in [("c", "12:00"), ("a", "2026-11-22T23:00:00Z"), ("b", "10:00")] {
        office.create("08:00", named(title, start, &[])).await;
    }
    assert_eq!(titles(&office, office.ann, everything()).await, ["a", "b", "c"]);
}

#[tokio::test]
async fn a_range_has_what_is_not_over_at_its_beginning_and_starts_before_its_end() {
    let office = Office::open().await;
    office.create("08:00", until("10:00", named("ends at ten", "09:00", &[]))).await;
    office.create("08:00", until("10:01", named("still on", "09:00", &[]))).await;
    office.create("08:00", until("10:00", named("no length, at ten", "10:00", &[]))).await;
    office.create("08:00", named("starts at noon", "12:00", &[])).await;
    office.create("08:00", named("just before noon", "2026-11-23T11:59:59.999Z", &[])).await;
    assert_eq!(
        titles(&office, office.ann, between("10:00", "12:00")).await,
        ["still on", "no length, at ten", "just before noon"]
    );
}

#[tokio::test]
async fn an_event_of_many_days_is_found_on_each_of_them() {
    let office = Office::open().await;
    let fair = Draft {
        starts_at: None,
        starts_on: NaiveDate::from_ymd_opt(2026, 11, 1),
        ends_on: NaiveDate::from_ymd_opt(2026, 11, 30),
        ..named("fair", "10:00", &[])
    };
    office.create("08:00", fair).await;
    for number in 0..5 {
        office.create("08:00", named("short", &format!("2026-11-2{number}T10:00:00Z"), &[])).await;
    }
    assert_eq!(titles(&office, office.ann, between("09:00", "11:00")).await, ["fair", "short"]);
    assert_eq!(
        titles(&office, office.ann, between("2026-11-30T22:59:59Z", "2026-12-02T00:00:00Z")).await,
        ["fair"],
        "to the last minute in Paris"
    );
    let after = between("2026-11-30T23:00:00Z", "2026-12-02T00:00:00Z");
    assert_eq!(titles(&office, office.ann, after).await, [""; 0]);
}

#[tokio::test]
async fn an_event_is_found_while_it_is_on_however_long_it_lasts() {
    let office = Office::open().await;
    let noon = at("12:00");
    let hours = |days: i64| [days * 24 - 1, days * 24, days * 24 + 1];
    let lengths: Vec<i64> = [1, 8, 64, 512].into_iter().flat_map(hours).chain([1, 1200 * 24]).collect();
    for (last, is_on) in [("2026-11-23T12:00:00.001Z", true), ("2026-11-23T12:00:00Z", false)] {
        for length in &lengths {
            let start = (at(last) - TimeDelta::hours(*length)).to_string();
            let title = if is_on { format!("{length} h") } else { "over".to_owned() };
            office.create("2020-01-01T00:00:00Z", until(last, named(&title, &start, &[]))).await;
        }
    }
    let mut longest_first = lengths.clone();
    longest_first.sort_unstable_by(|a, b| b.cmp(a));
    let expected: Vec<String> = longest_first.iter().map(|length| format!("{length} h")).collect();
    let query = EventQuery { from: Some(noon), to: Some(at("12:01")), ..everything() };
    assert_eq!(titles(&office, office.ann, query.clone()).await, expected, "by start, whatever their lengths");

    let mut page_by_page = Vec::new();
    let mut query = EventQuery { limit: 1, ..query };
    loop {
        let page = office.store.events(office.ann.actor, query.clone()).await.unwrap();
        page_by_page.extend(page.events.into_iter().map(|seen| seen.event.title));
        query.cursor = page.next;
        if query.cursor.is_none() {
            break;
        }
    }
    assert_eq!(page_by_page, expected);
}

#[tokio::test]
async fn pages_join_without_a_gap_or_a_repeat_even_among_equal_starts() {
    let office = Office::open().await;
    for number in 0..7 {
        let start = if number < 5 { "10:00" } else { "11:00" };
        office.create("08:00", named(&number.to_string(), start, &[])).await;
    }
    let mut query = EventQuery { limit: 2, ..everything() };
    let mut seen = Vec::new();
    loop {
        let page = office.store.events(office.ann.actor, query.clone()).await.unwrap();
        assert!(page.events.len() <= 2);
        seen.extend(page.events.into_iter().map(|seen| seen.event.title));
        match page.next {
            Some(next) => query.cursor = Some(next),
            None => break,
        }
    }
    seen.sort();
    assert_eq!(seen, ["0", "1", "2", "3", "4", "5", "6"]);
}

#[tokio::test]
async fn by_assignee_and_by_status() {
    let office = Office::open().await;
    let visit = office.create("08:00", named("visit", "10:00", &[office.ann, office.carl])).await;
    let call = office.create("08:00", named("call", "11:00", &[office.carl])).await;
    office.update("08:01", call.id, status(Status::Done)).await;
    let of = |who: Caller| EventQuery { assignee: Some(who.actor.person), ..everything() };
    assert_eq!(titles(&office, office.bob, of(office.carl)).await, ["visit", "call"]);
    assert_eq!(titles(&office, office.bob, of(office.ann)).await, ["visit"]);
    let done = EventQuery { status: Some(Status::Done), ..of(office.carl) };
    assert_eq!(titles(&office, office.bob, done).await, ["call"]);
    office.update("08:02", visit.id, assigned_to(&[office.carl])).await;
    assert_eq!(titles(&office, office.bob, of(office.ann)).await, [""; 0]);
}

#[tokio::test]
async fn a_text_is_found_in_title_comment_place_and_contact() {
    let office = Office::open().await;
    let contact = |name: &str| Contact::parse(Some("c-17".into()), Some(name.into()), None, None).unwrap();
    office.create("08:00", named("roof", "10:00", &[])).await;
    office.create("08:00", Draft { comment: Some("bring a Ladder".into()), ..named("b", "10:01", &[]) }).await;
    office.create("08:00", Draft { location: Some("12 rue des Lilas".into()), ..named("c", "10:02", &[]) }).await;
    office.create("08:00", Draft { contact: contact("Marie Dupont"), ..named("d", "10:03", &[]) }).await;
    for (text, titles) in [("oo", "roof"), ("ladder", "b"), ("LILAS", "c"), ("marie d", "d"), ("c-17", "d")] {
        assert_eq!(found(&office, text).await, [titles], "{text}");
    }
}

#[tokio::test]
async fn every_sign_of_a_text_stands_for_itself() {
    let office = Office::open().await;
    let contact = Contact::parse(None, Some("Jean \"Jo\" O'Neil".into()), None, None).unwrap();
    office.create("08:00", named("100% sure", "10:00", &[])).await;
    office.create("08:00", named("a_b", "10:01", &[])).await;
    office.create("08:00", named("back\\slash", "10:02", &[])).await;
    office.create("08:00", named("plain 100 and ab", "10:03", &[])).await;
    office.create("08:00", Draft { contact, ..named("with Jo", "10:04", &[]) }).await;
    for (text, titles) in [
        ("100%", &["100% sure"][..]),
        ("%", &["100% sure"]),
        ("a_b", &["a_b"]),
        ("_", &["a_b"]),
        ("\\", &["back\\slash"]),
        ("\"Jo\"", &["with Jo"]),
        ("O'Neil", &["with Jo"]),
        ("' OR 1=1 --", &[]),
        ("\"", &["with Jo"]),
        ("name", &[]),
        ("null", &[]),
        ("{", &[]),
    ] {
        assert_eq!(found(&office, text).await, titles, "{text}");
    }
}

#[tokio::test]
async fn a_text_is_found_in_whatever_case_accents_included() {
    let office = Office::open().await;
    let contact = Contact::parse(None, Some("Élodie Çelik".into()), None, None).unwrap();
    office.create("08:00", Draft { contact, ..named("Réunion d'été", "10:00", &[]) }).await;
    for text in ["réunion", "RÉUNION", "D'ÉTÉ", "élodie", "ÇELIK"] {
        assert_eq!(found(&office, text).await, ["Réunion d'été"], "{text}");
    }
}

#[tokio::test]
async fn a_private_event_is_busy_to_all_but_its_own() {
    let office = Office::open().await;
    let private = Draft { visibility: Some(Visibility::Private), ..named("doctor", "10:00", &[office.ann]) };
    let event = office.create("08:00", private).await;
    for (who, seen) in [(office.bob, "doctor"), (office.ann, "doctor"), (office.carl, "busy"), (office.ada, "busy")] {
        assert_eq!(titles(&office, who, everything()).await, [seen]);
        let one = office.store.event(who.actor, event.id).await.unwrap();
        assert_eq!(one.is_visible, seen == "doctor");
    }
    for query in [
        EventQuery { text: Some("doctor".into()), ..everything() },
        EventQuery { assignee: Some(office.ann.actor.person), ..everything() },
        EventQuery { status: Some(Status::Planned), ..everything() },
    ] {
        assert_eq!(titles(&office, office.carl, query.clone()).await, [""; 0], "no question tells more: {query:?}");
        assert_eq!(titles(&office, office.ann, query).await, ["doctor"]);
    }
    office.update("08:01", event.id, status(Status::Cancelled)).await;
    assert_eq!(titles(&office, office.carl, everything()).await, [""; 0], "nobody is busy with what is cancelled");
}

#[tokio::test]
async fn what_is_deleted_is_in_no_list() {
    let office = Office::open().await;
    let event = office.create("08:00", named("gone", "10:00", &[office.ann])).await;
    office.delete("08:01", event.id).await;
    assert_eq!(titles(&office, office.ann, everything()).await, [""; 0]);
    assert!(matches!(office.store.event(office.ann.actor, event.id).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn watchers_learn_of_changes_in_their_range_and_of_what_left_it() {
    let office = Office::open().await;
    let visit = office.create("08:00", named("visit", "10:00", &[])).await;
    let elsewhere = office.create("08:00", named("elsewhere", "2026-12-24T10:00:00Z", &[])).await;
    let (from, to) = (at("00:00"), at("2026-11-24T00:00:00Z"));
    let changed = async |after| office.store.events_changed(after, from, to).await.unwrap();
    let (first, head) = changed(0).await;
    assert_eq!(first, [ChangedEvent { id: visit.id, revision: 1, is_deleted: false }]);
    assert_eq!(head, office.store.event_change().await.unwrap());
    assert_eq!(changed(head).await, (vec![], head));

    office.update("08:01", visit.id, moved_to("2026-11-25T10:00:00Z")).await;
    let (left, head) = changed(head).await;
    assert_eq!(left, [ChangedEvent { id: visit.id, revision: 2, is_deleted: false }], "it was in the range");
    office.update("08:02", elsewhere.id, moved_to("11:00")).await;
    let (came, head) = changed(head).await;
    assert_eq!(came, [ChangedEvent { id: elsewhere.id, revision: 2, is_deleted: false }]);
    office.delete("08:03", elsewhere.id).await;
    assert_eq!(changed(head).await.0, [ChangedEvent { id: elsewhere.id, revision: 3, is_deleted: true }]);
}
