//! The table of changes, end to end: what each change does to reminders, who is told and in which
//! words, what is withdrawn.

use rappel_core::draft::Patch;
use rappel_core::event::Status;
use rappel_core::schedule::WrittenTime;

use crate::fixture::{Office, TITLE, assigned_to, at, draft, moved_to, titled, zone};

const ARMED: [&str; 2] = ["10:00-30 pending", "10:00-5 pending"];
const NOBODY: [&str; 0] = [];

#[tokio::test]
async fn assigned_well_before() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    assert_eq!(office.armed(event.id, office.ann), ARMED);
    assert_eq!(office.told(office.ann).await, ["assigned"]);
    assert_eq!(office.told(office.bob).await, NOBODY, "whoever acts is not told");
    assert_eq!(office.unread(office.ann).await, 1);
    let told = office.latest(office.ann).await;
    assert_eq!(&*told.title, "Nouvel événement assigné");
    assert_eq!(&*told.message, "Vous avez été assigné à un événement le 23/11/2026 à 11:00 - Visite de chantier");
    assert_eq!((told.seq, told.change, told.created_at), (1, 1, at("08:00")));
}

#[tokio::test]
async fn assigned_20_min_before() {
    let office = Office::open().await;
    let event = office.create("09:40", draft("10:00", &[office.ann])).await;
    assert_eq!(office.armed(event.id, office.ann), ["10:00-30 skipped", "10:00-5 pending"]);
    let told = office.latest(office.ann).await;
    assert!(told.message.contains("(commence dans 20 minutes)"), "{}", told.message);
    office.claim("09:55").await;
    assert_eq!(office.told(office.ann).await, ["assigned", "5min_before"]);
}

#[tokio::test]
async fn assigned_after_the_start() {
    let office = Office::open().await;
    let event = office.create("10:20", draft("10:00", &[office.ann])).await;
    assert_eq!(office.armed(event.id, office.ann), ["10:00-30 skipped", "10:00-5 skipped"]);
    assert_eq!(office.store.next_due().await.unwrap(), None);
    let told = office.latest(office.ann).await;
    assert!(told.message.contains("(déjà commencé)"), "{}", told.message);
}

#[tokio::test]
async fn assigned_after_the_end_nobody_is_told() {
    let office = Office::open().await;
    office.create("11:00", draft("10:00", &[office.ann])).await;
    assert_eq!(office.told(office.ann).await, NOBODY, "without an end it was over after an hour");
}

#[tokio::test]
async fn self_assignment() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.bob])).await;
    assert_eq!(office.armed(event.id, office.bob), ARMED);
    assert_eq!(office.told(office.bob).await, NOBODY);
    office.claim("09:30").await;
    assert_eq!(office.told(office.bob).await, ["30min_before"]);
}

#[tokio::test]
async fn reassigned_from_ann_to_carl() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    office.claim("09:30").await;
    let reminder = office.latest(office.ann).await.id;
    office.store.snooze(office.ann.actor.person, reminder, 10, at("09:31")).await.unwrap();

    office.update("09:32", event.id, assigned_to(&[office.carl])).await;
    assert_eq!(
        office.armed(event.id, office.ann),
        ["10:00-30 fired", "snooze cancelled", "10:00-5 cancelled"],
        "what is pending and what was put off is given up"
    );
    assert_eq!(office.armed(event.id, office.carl), ["10:00-30 skipped", "10:00-5 pending"]);
    assert_eq!(
        office.told(office.ann).await,
        ["assigned, withdrawn", "30min_before, snoozed, withdrawn", "unassigned"]
    );
    assert_eq!(office.told(office.carl).await, ["assigned"]);
    assert_eq!((office.unread(office.ann).await, office.unread(office.carl).await), (1, 1));
    let told = office.latest(office.ann).await;
    assert_eq!(&*told.title, "Événement réattribué");
    assert_eq!(&*told.message, "L'événement du 23/11/2026 à 11:00 ne vous est plus assigné - Visite de chantier");
    office.claim("09:55").await;
    assert_eq!(office.told(office.ann).await.len(), 3, "Ann is left in peace");
    assert_eq!(office.told(office.carl).await, ["assigned", "5min_before"]);
}

#[tokio::test]
async fn ann_then_carl_then_ann_again() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    office.claim("09:30").await;
    office.update("09:32", event.id, assigned_to(&[office.carl])).await;
    office.update("09:33", event.id, assigned_to(&[office.ann])).await;
    assert_eq!(office.armed(event.id, office.ann), ["10:00-30 fired", "10:00-5 pending"], "what fired stays fired");
    assert_eq!(office.armed(event.id, office.carl), ["10:00-30 skipped", "10:00-5 cancelled"]);
    assert_eq!(
        office.told(office.ann).await,
        ["assigned, withdrawn", "30min_before, withdrawn", "unassigned, withdrawn", "assigned"]
    );
    assert_eq!(office.told(office.carl).await, ["assigned, withdrawn", "unassigned"]);
    for time in ["09:40", "09:55", "10:00"] {
        office.claim(time).await;
    }
    let fired = office.told(office.ann).await;
    assert_eq!(fired.iter().filter(|told| told.starts_with("30min")).count(), 1);
    assert_eq!(fired.last().unwrap(), "5min_before");
}

#[tokio::test]
async fn taken_off_by_the_change_that_moves_it_she_is_told_of_the_start_that_she_knew() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    let patch =
        Patch { assignees: assigned_to(&[office.carl]).assignees, title: titled("Toit").title, ..moved_to("11:00") };
    office.update("08:10", event.id, patch).await;
    let told = office.latest(office.ann).await;
    assert_eq!(&*told.message, "L'événement du 23/11/2026 à 11:00 ne vous est plus assigné - Visite de chantier");
    assert_eq!((told.event.starts_at_ms, &*told.event.title), (at("10:00").as_ms(), TITLE));
    let told = office.latest(office.carl).await;
    assert_eq!(&*told.message, "Vous avez été assigné à un événement le 23/11/2026 à 12:00 - Toit");
}

#[tokio::test]
async fn cancelled_by_the_change_that_moves_it_she_is_told_of_the_start_that_she_knew() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    let patch = Patch { status: Some(Status::Cancelled), ..moved_to("11:00") };
    office.update("08:10", event.id, patch).await;
    let told = office.latest(office.ann).await;
    assert_eq!(&*told.message, "Votre événement du 23/11/2026 à 11:00 est annulé - Visite de chantier");
    assert_eq!(told.event.starts_at_ms, at("10:00").as_ms());
    assert_eq!(office.told(office.ann).await, ["assigned, withdrawn", "cancelled"]);
}

#[tokio::test]
async fn several_assignees() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann, office.bob])).await;
    office.update("08:10", event.id, assigned_to(&[office.ann, office.bob, office.carl])).await;
    assert_eq!(office.told(office.ann).await, ["assigned"], "who stays is not told again");
    assert_eq!(office.told(office.carl).await, ["assigned"]);
    office.update("08:20", event.id, assigned_to(&[office.bob, office.carl])).await;
    assert_eq!(office.told(office.ann).await, ["assigned, withdrawn", "unassigned"]);
    assert_eq!(office.told(office.carl).await, ["assigned"]);
    for who in [office.bob, office.carl] {
        assert_eq!(office.armed(event.id, who), ARMED, "each has rows of their own");
    }
    assert_eq!(office.armed(event.id, office.ann), ["10:00-30 cancelled", "10:00-5 cancelled"]);
}

#[tokio::test]
async fn creator_not_an_assignee() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    assert_eq!(office.armed(event.id, office.bob), NOBODY);
    office.claim("09:30").await;
    assert_eq!(office.told(office.bob).await, NOBODY);
}

#[tokio::test]
async fn moved() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    office.claim("09:30").await;
    office.update("09:40", event.id, moved_to("10:05")).await;
    assert_eq!(
        office.armed(event.id, office.ann),
        ["10:00-30 fired", "10:05-30 skipped", "10:00-5 cancelled", "10:05-5 pending"]
    );
    assert_eq!(office.told(office.ann).await, ["assigned, withdrawn", "30min_before, withdrawn", "moved"]);
    assert_eq!(office.unread(office.ann).await, 1);
    let told = office.latest(office.ann).await;
    assert_eq!(&*told.title, "Événement déplacé");
    assert_eq!(
        &*told.message,
        "Votre événement du 23/11/2026 à 11:00 est déplacé au 23/11/2026 à 11:05 - Visite de chantier"
    );
}

#[tokio::test]
async fn moved_by_another_zone_with_the_wall_time_kept() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    let to_london = Patch { time_zone: Some(zone("Europe/London")), ..Patch::default() };
    let event = office.update("08:10", event.id, to_london).await;
    assert_eq!(event.schedule.starts_at(), at("11:00"), "11:00 in London, not in Paris");
    assert_eq!(
        office.armed(event.id, office.ann),
        ["10:00-30 cancelled", "10:00-5 cancelled", "11:00-30 pending", "11:00-5 pending"]
    );
    assert_eq!(office.told(office.ann).await, ["assigned, withdrawn", "moved"]);
}

#[tokio::test]
async fn moved_into_the_past() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    office.update("08:10", event.id, moved_to("07:00")).await;
    assert_eq!(office.store.next_due().await.unwrap(), None);
    assert_eq!(office.told(office.ann).await, ["assigned, withdrawn", "moved"]);
    assert!(office.claim("12:00").await.is_empty());
}

#[tokio::test]
async fn moved_after_it_was_over_nobody_is_told_and_the_new_start_is_armed() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    office.update("11:00", event.id, moved_to("2026-11-24T10:00:00Z")).await;
    assert_eq!(office.told(office.ann).await, ["assigned, withdrawn"]);
    assert_eq!(office.store.next_due().await.unwrap(), Some(at("2026-11-24T09:30:00Z")));
}

#[tokio::test]
async fn moved_away_and_back_each_start_fires_at_most_once() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    office.claim("09:30").await;
    office.update("09:31", event.id, moved_to("10:10")).await;
    office.claim("09:40").await;
    office.update("09:41", event.id, moved_to("10:00")).await;
    for time in ["09:42", "09:55", "10:05"] {
        office.claim(time).await;
    }
    let fired: Vec<_> = office
        .inbox(office.ann)
        .await
        .iter()
        .filter_map(|row| Some((row.kind.minutes_before()?, row.event.starts_at_ms)))
        .collect();
    let (ten, ten_past) = (at("10:00").as_ms(), at("10:10").as_ms());
    assert_eq!(fired, [(30, ten), (30, ten_past), (5, ten)]);
    assert_eq!(
        office.armed(event.id, office.ann),
        ["10:00-30 fired", "10:10-30 fired", "10:00-5 fired", "10:10-5 cancelled"]
    );
}

#[tokio::test]
async fn title_place_comment_contact_and_end_leave_the_reminders_alone() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    let patch = Patch {
        location: Some(Some("12 rue des Lilas".into())),
        comment: Some(Some("Apporter les plans".into())),
        ends_at: Some(Some(WrittenTime::Instant(at("11:30")))),
        ..titled("Visite du toit")
    };
    let edited = office.update("08:30", event.id, patch).await;
    assert_eq!(edited.revision, 2);
    assert_eq!(office.armed(event.id, office.ann), ARMED);
    assert_eq!(office.told(office.ann).await, ["assigned"]);
    office.claim("09:30").await;
    let told = office.latest(office.ann).await;
    assert_eq!(
        &*told.message,
        "Votre événement commence dans 30 minutes (23/11/2026 à 11:00) - Visite du toit\nApporter les plans",
        "the text is made when it fires"
    );
    assert_eq!(told.event.location.as_deref(), Some("12 rue des Lilas"));
}
