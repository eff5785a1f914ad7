//! What a desktop is given for when its hub is off: its person's own, the nearest first, and not more
//! than it can keep.

use rappel_core::Timestamp;
use rappel_core::event::{Status, Visibility};
use rappel_store::{Caller, REPLICA_ROWS, Replica};

use crate::fixture::{Office, assigned_to, at, draft, minutes, moved_to, status};

async fn replica(office: &Office, who: Caller, now: &str) -> Replica {
    office.store.replica(who.actor, at(now)).await.unwrap()
}

fn dues(replica: &Replica) -> Vec<Timestamp> {
    replica.reminders.iter().map(|row| row.armed.due).collect()
}

#[tokio::test]
async fn it_holds_ones_own_events_and_what_is_pending_of_them() {
    let office = Office::open().await;
    let anns = office.create("08:00", draft("10:00", &[office.ann, office.bob])).await;
    office.create("08:00", draft("11:00", &[office.carl])).await;
    let given = replica(&office, office.ann, "08:10").await;
    assert_eq!(given.events, [anns], "others' events are not hers to keep");
    assert_eq!(dues(&given), [at("09:30"), at("09:55")], "and Bob's reminders of it are not hers");

    office.claim("09:30").await;
    assert_eq!(dues(&replica(&office, office.ann, "09:31").await), [at("09:55")], "what was told is decided");
}

#[tokio::test]
async fn what_is_private_comes_to_those_whose_it_is() {
    let office = Office::open().await;
    let secret = rappel_core::draft::Draft { visibility: Some(Visibility::Private), ..draft("10:00", &[office.ann]) };
    office.create("08:00", secret).await;
    assert_eq!(replica(&office, office.ann, "08:10").await.events.len(), 1);
    for other in [office.ada, office.carl] {
        assert_eq!(replica(&office, other, "08:10").await.events, [], "not even as a busy time");
    }
}

#[tokio::test]
async fn what_becomes_of_an_event_shows() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    office.update("08:05", event.id, moved_to("12:00")).await;
    assert_eq!(dues(&replica(&office, office.ann, "08:06").await), [at("11:30"), at("11:55")]);
    office.update("08:07", event.id, status(Status::Cancelled)).await;
    let given = replica(&office, office.ann, "08:08").await;
    assert_eq!((given.events.len(), given.reminders.len()), (1, 0), "it is listed, and reminds nobody");
    office.update("08:09", event.id, assigned_to(&[office.carl])).await;
    assert_eq!(replica(&office, office.ann, "08:10").await.events, [], "it is not hers any more");
}

#[tokio::test]
async fn it_reaches_thirty_days_ahead_and_to_what_is_due_within_them() {
    let office = Office::open().await;
    office.create("08:00", draft("2026-12-22T10:00:00Z", &[office.ann])).await;
    office.create("08:00", draft("2026-12-24T10:00:00Z", &[office.ann])).await;
    let early = rappel_core::draft::Draft {
        reminders: Some(minutes(&[40_320, 30])),
        ..draft("2027-01-10T10:00:00Z", &[office.ann])
    };
    office.create("08:00", early).await;
    let given = replica(&office, office.ann, "08:10").await;
    let starts: Vec<Timestamp> = given.events.iter().map(|event| event.schedule.starts_at()).collect();
    assert_eq!(starts, [at("2026-12-22T10:00:00Z"), at("2027-01-10T10:00:00Z")]);
    assert_eq!(dues(&given).len(), 3, "of the last one, what is due within the thirty days");
    let later = replica(&office, office.ann, "2026-11-25T08:00:00Z").await;
    assert_eq!(later.events.len(), 3, "the horizon moves on");
}

#[tokio::test]
async fn the_nearest_come_first_where_there_are_too_many() {
    let office = Office::open().await;
    let count = REPLICA_ROWS / 3 + 50;
    for number in 0..count {
        let start =
            Timestamp::clamped_from_ms(at("2026-11-24T08:00:00Z").as_ms() + i64::try_from(number).unwrap() * 60_000);
        office.create("08:00", draft(&start.to_string(), &[office.ann])).await;
        office.announced();
    }
    let given = replica(&office, office.ann, "08:10").await;
    let rows = given.events.len() + given.reminders.len();
    assert!((REPLICA_ROWS - 2..=REPLICA_ROWS).contains(&rows), "{rows} rows");
    let last = given.events.last().unwrap().schedule.starts_at();
    let nearest = at("2026-11-24T08:00:00Z");
    assert!(dues(&given).iter().all(|due| *due <= last), "each reminder has its event with it");
    assert_eq!(given.events[0].schedule.starts_at(), nearest);
}

#[tokio::test]
async fn a_snooze_says_what_it_tells_again() {
    let office = Office::open().await;
    office.create("08:00", draft("10:00", &[office.ann])).await;
    office.claim("09:30").await;
    let told = office.latest(office.ann).await;
    office.store.snooze(office.ann.actor.person, told.id, 10, at("09:31")).await.unwrap();
    let given = replica(&office, office.ann, "09:32").await;
    let again = given.reminders.iter().find_map(|row| row.told_before).expect("the snooze");
    assert_eq!((again.id, again.kind), (told.id, told.kind));
}
