//! An office of four people on a real file, and the words in which the tests speak of it.
//!
//! Everything happens around 23 November 2026; `at("10:00")` is that day in UTC, an hour later on
//! the clocks of Paris, where the office is. Ada is the admin; Bob makes events; Ann and Carl are
//! told of them.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};

use rappel_core::draft::{Draft, Patch};
use rappel_core::event::{Event, ReminderMinutes, Status};
use rappel_core::notification::Notification;
use rappel_core::person::{Locale, Role};
use rappel_core::schedule::{StartKey, WrittenTime};
use rappel_core::{EventId, PersonId, Timestamp, Zone};
use rappel_store::{By, Caller, Claimed, Committed, Created, DeviceKind, Heads, NewPerson, OfficeDefaults, Store};
use rusqlite::Connection;

pub(crate) const TITLE: &str = "Visite de chantier";

pub(crate) struct Office {
    pub(crate) store: Store,
    pub(crate) ada: Caller,
    pub(crate) ann: Caller,
    pub(crate) bob: Caller,
    pub(crate) carl: Caller,
    announced: Receiver<Committed>,
    dir: tempfile::TempDir,
}

/// `10:00` on 23 November 2026 in UTC, or a whole RFC 3339 instant.
pub(crate) fn at(text: &str) -> Timestamp {
    let whole = if text.contains('T') { text.to_owned() } else { format!("2026-11-23T{text}:00Z") };
    Timestamp::parse_rfc3339(&whole).unwrap_or_else(|| panic!("{text} is no instant"))
}

pub(crate) fn zone(name: &str) -> Zone {
    Zone::parse("time_zone", name).unwrap()
}

pub(crate) fn defaults() -> OfficeDefaults {
    OfficeDefaults { name: "Bureau".into(), locale: Locale::Fr, time_zone: zone("Europe/Paris") }
}

/// Opens a store whose commits nobody listens to.
pub(crate) fn open(path: &Path) -> Store {
    Store::open(path, &defaults(), |_| {}).unwrap()
}

/// An event at `start`, for `assignees`.
pub(crate) fn draft(start: &str, assignees: &[Caller]) -> Draft {
    Draft {
        title: Some(TITLE.into()),
        starts_at: Some(WrittenTime::Instant(at(start))),
        assignees: ids(assignees),
        ..Draft::default()
    }
}

pub(crate) fn moved_to(start: &str) -> Patch {
    Patch { starts_at: Some(Some(WrittenTime::Instant(at(start)))), ..Patch::default() }
}

pub(crate) fn assigned_to(assignees: &[Caller]) -> Patch {
    Patch { assignees: Some(ids(assignees)), ..Patch::default() }
}

pub(crate) fn status(status: Status) -> Patch {
    Patch { status: Some(status), ..Patch::default() }
}

pub(crate) fn titled(title: &str) -> Patch {
    Patch { title: Some(Some(title.into())), ..Patch::default() }
}

pub(crate) fn minutes(minutes: &[u32]) -> ReminderMinutes {
    ReminderMinutes::parse("reminders", minutes.to_vec()).unwrap()
}

pub(crate) fn new_person(name: &str, role: Role) -> NewPerson {
    NewPerson { name: name.into(), role, email: None, locale: None, time_zone: None, reminders: None }
}

fn ids(people: &[Caller]) -> Vec<PersonId> {
    people.iter().map(|caller| caller.actor.person).collect()
}

impl Office {
    pub(crate) async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (announce, announced) = sync_channel(4096);
        let listen = move |committed| announce.try_send(committed).unwrap();
        let store = Store::open(&dir.path().join("rappel.db"), &defaults(), listen).unwrap();
        let now = at("2026-11-20T08:00:00Z");
        let ada = store.add_first_admin("Ada".into(), now).await.unwrap().unwrap().id;
        let ada = sign_in(&store, ada, now).await;
        let mut members = Vec::new();
        for name in ["Ann", "Bob", "Carl"] {
            let person = store.add_person(By::Caller(ada), new_person(name, Role::Member), now).await.unwrap();
            members.push(sign_in(&store, person.id, now).await);
        }
        let office = Self { store, ada, ann: members[0], bob: members[1], carl: members[2], announced, dir };
        office.announced();
        office
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("rappel.db")
    }

    /// Bob makes an event.
    pub(crate) async fn create(&self, now: &str, draft: Draft) -> Event {
        match self.store.create_event(self.bob, draft, None, at(now)).await.unwrap() {
            Created::New(event) => *event,
            Created::Again(answer) => panic!("without a key nothing can be there before: {answer}"),
        }
    }

    /// Bob changes an event.
    pub(crate) async fn update(&self, now: &str, event: EventId, patch: Patch) -> Event {
        self.store.update_event(self.bob, event, None, patch, at(now)).await.unwrap()
    }

    /// Bob deletes an event.
    pub(crate) async fn delete(&self, now: &str, event: EventId) {
        self.store.delete_event(self.bob, event, None, at(now)).await.unwrap();
    }

    pub(crate) async fn claim(&self, now: &str) -> Claimed {
        self.store.claim_due(at(now), 500).await.unwrap()
    }

    /// A person's notifications, the oldest first.
    pub(crate) async fn inbox(&self, who: Caller) -> Vec<Notification> {
        self.store.updates(who.actor.person, 0, 0, 1000).await.unwrap().new
    }

    /// The latest of a person's notifications.
    pub(crate) async fn latest(&self, who: Caller) -> Notification {
        self.inbox(who).await.pop().expect("there is a notification")
    }

    /// The kinds of a person's notifications with their states, the oldest first.
    pub(crate) async fn told(&self, who: Caller) -> Vec<String> {
        self.inbox(who).await.iter().map(in_words).collect()
    }

    pub(crate) async fn heads(&self, who: Caller) -> Heads {
        self.store.heads(who.actor.person).await.unwrap()
    }

    pub(crate) async fn unread(&self, who: Caller) -> u64 {
        self.heads(who).await.unread
    }

    /// What was announced since the last call.
    pub(crate) fn announced(&self) -> Vec<Committed> {
        self.announced.try_iter().collect()
    }

    /// A person's armed reminders of an event by their due: `10:00-30 pending`, `snooze fired`.
    pub(crate) fn armed(&self, event: EventId, who: Caller) -> Vec<String> {
        self.file()
            .prepare(
                "SELECT start_key, param, state FROM armed WHERE event_id = ?1 AND person_id = ?2
                 ORDER BY due_ms",
            )
            .unwrap()
            .query_map([event.as_bytes(), who.actor.person.as_bytes()], |row| {
                let (start, param, state): (String, Option<String>, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
                let what = param.map_or("snooze".to_owned(), |param| reminder_in_words(&start, &param));
                Ok(format!("{what} {state}"))
            })
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap()
    }

    /// The file as another connection sees it: only what is committed.
    pub(crate) fn file(&self) -> Connection {
        let file = Connection::open(self.path()).unwrap();
        file.execute_batch(ARMED).unwrap();
        file
    }

    /// One number out of the file.
    pub(crate) fn count(&self, sql: &str) -> u64 {
        self.file().query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

/// All that is armed, a row for each reminder and each snooze; these have no `param`.
const ARMED: &str = "CREATE TEMP VIEW IF NOT EXISTS armed AS
     SELECT event_id, person_id, start_key, value ->> 0 AS param, value ->> 1 AS due_ms, value ->> 3 AS state
     FROM reminder, json_each(offsets)
     UNION ALL SELECT event_id, person_id, start_key, NULL, due_ms, state FROM snooze";

/// A device with a token of this person.
pub(crate) async fn sign_in(store: &Store, person: PersonId, now: Timestamp) -> Caller {
    let paired = store.create_token(By::CommandLine, person, DeviceKind::Token, "test".into(), now).await.unwrap();
    store.authenticate(&paired.token, now).await.unwrap().expect("a fresh token is known")
}

fn in_words(row: &Notification) -> String {
    let states = [
        ("dismissed", row.dismissed_at.is_some()),
        ("snoozed", row.snoozed_until.is_some()),
        ("withdrawn", row.withdrawn_at.is_some()),
    ];
    let states: Vec<_> = states.into_iter().filter_map(|(word, holds)| holds.then_some(word)).collect();
    match (states.as_slice(), row.is_read) {
        ([], true) => format!("{}, read", row.kind.type_name()),
        ([], false) => row.kind.type_name().into_owned(),
        (states, is_read) => {
            assert!(is_read, "what is {states:?} counts as read");
            format!("{}, {}", row.kind.type_name(), states.join(", "))
        }
    }
}

fn reminder_in_words(start: &str, param: &str) -> String {
    match StartKey::parse(start).unwrap() {
        StartKey::Timed(instant) => {
            let minutes = param.parse::<u32>().unwrap() / 60;
            format!("{}-{minutes}", instant.to_utc().format("%H:%M"))
        }
        StartKey::AllDay(day) => format!("{}-{param}", day.format("%d/%m")),
    }
}

/// Each scenario ends with the invariants that hold for every file.
impl Drop for Office {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            check(&self.file());
        }
    }
}

/// `seq` is gapless up to the head, from 1 unless older ones were forgotten; every change has its own
/// number, the counters say what the rows say.
pub(crate) fn check(file: &Connection) {
    file.execute_batch(ARMED).unwrap();
    let wrong = |what: &str, sql: &str| {
        let found: u64 = file.query_row(&format!("SELECT count(*) FROM ({sql})"), [], |row| row.get(0)).unwrap();
        assert_eq!(found, 0, "{what}");
    };
    wrong(
        "the counters of an inbox differ from its rows",
        "SELECT * FROM inbox, office LEFT JOIN (
             SELECT person_id AS person, count(*) AS rows, max(seq) AS last, min(seq) AS first, max(change) AS latest,
                    count(DISTINCT change) AS changes, sum(is_read = 0) AS not_read
             FROM notification GROUP BY person_id) ON person = person_id
         WHERE seq <> coalesce(rows + first - 1, iif(forgot_at_ms, seq, 0)) OR seq <> coalesce(last, seq)
            OR (coalesce(first, 1) <> 1 AND forgot_at_ms IS NULL)
            OR change < coalesce(latest, 0) OR (change > coalesce(latest, 0) AND forgot_at_ms IS NULL)
            OR coalesce(changes, 0) <> coalesce(rows, 0) OR unread <> coalesce(not_read, 0)",
    );
    wrong(
        "a fired reminder has its notification, unless that was forgotten",
        "SELECT * FROM armed, office WHERE state = 'fired' AND forgot_at_ms IS NULL AND NOT EXISTS (
             SELECT 1 FROM notification WHERE notification.person_id = armed.person_id
                 AND notification.event_id = armed.event_id AND notification.due_ms = armed.due_ms
                 AND outcome = 'fired')",
    );
    wrong(
        "a receipt is of a notification that is kept",
        "SELECT * FROM receipt JOIN device ON device.id = device_id
         WHERE receipt.seq < (SELECT min(seq) FROM notification WHERE notification.person_id = device.person_id)",
    );
    wrong(
        "what is pending belongs to the start that its event has",
        "SELECT * FROM armed JOIN event ON event.id = event_id
         WHERE state = 'pending' AND (deleted_at_ms IS NOT NULL OR status <> 'planned'
            OR start_key <> iif(all_day, 'D:' || first_day, 'T:' || starts_at_ms)
            OR instr(assignees, person_id) = 0)",
    );
    wrong(
        "when a reminder is due next, and was last, is what its offsets say",
        "SELECT * FROM reminder
         WHERE next_due_ms IS NOT (SELECT min(value ->> 1) FROM json_each(offsets) WHERE value ->> 3 = 'pending')
            OR decided_due_ms IS NOT (SELECT max(value ->> 1) FROM json_each(offsets) WHERE value ->> 3 <> 'pending')",
    );
    wrong(
        "what is told or armed is of an event",
        "SELECT event_id FROM notification UNION ALL SELECT event_id FROM armed EXCEPT SELECT id FROM event",
    );
    wrong(
        "words are kept for notifications that have none of their own",
        "SELECT * FROM notification LEFT JOIN words ON number = words_number
         WHERE (words_number IS NULL) <> (event <> '') OR (words_number IS NOT NULL AND told_of IS NOT event_id)",
    );
    let integrity: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(integrity, "ok");
}
