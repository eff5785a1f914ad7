//! Clocks that are set, that leap, and machines that sleep: every reminder comes once, with the time
//! that is really left.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Client, Office, Session, Wall, event_in, in_the_future, moment, now, wait_for_clock};

/// What a hub that wakes may take until it decides, where nothing keeps it from its work.
const WAKES_WITHIN_MS: i64 = 1_500;
/// So often it waits for its turn on the way, from thread to thread.
const TURNS: i64 = 10;
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
const NOTHING: [&str; 0] = [];

/// How busy the machine is, measured while the hub is: a thread that wants to be woken every few
/// milliseconds, and is late.
struct Control {
    is_over: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<Duration>,
}

impl Control {
    fn begin() -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&is_over);
        let thread = std::thread::spawn(move || {
            let (nap, mut latest) = (Duration::from_millis(5), Duration::ZERO);
            while !asked.load(Ordering::Relaxed) {
                let asleep = Instant::now();
                std::thread::sleep(nap);
                latest = latest.max(asleep.elapsed().saturating_sub(nap));
            }
            latest
        });
        Self { is_over, thread }
    }

    /// How late it was at most, in milliseconds.
    fn end(self) -> i64 {
        self.is_over.store(true, Ordering::Relaxed);
        i64::try_from(self.thread.join().unwrap().as_millis()).unwrap()
    }
}

/// An event whose only reminder, five minutes before, is due in so many seconds.
fn due_in(seconds: i64, whose: &Client) -> Value {
    let mut event = event_in(5 * 60 + seconds, &[&whose.id]);
    event["reminders"] = json!([5]);
    event
}

/// The next frame brings the five-minute reminder of this event.
#[track_caller]
fn assert_reminded(session: &mut Session, event: &Value) -> Value {
    let told = session.next_notification("5min_before");
    assert_eq!(told["event_id"], event["id"], "{told}");
    told
}

/// How often somebody was told what, of an event.
fn told_of(whose: &Client, event: &Value) -> Vec<String> {
    let inbox = whose.inbox();
    let of_event = inbox.iter().filter(|row| row["event_id"] == event["id"]);
    of_event.map(|row| row["notification_type"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_machine_that_sleeps_over_a_reminder_tells_it_late_once() {
    let (office, admin) = Office::open();
    let mut session = admin.session();
    let event = admin.create(&due_in(2, &admin));
    let due = moment(&event["starts_at"]).as_ms() - 5 * 60_000;
    office.signal("STOP");
    wait_for_clock(due + 3_000);
    let control = Control::begin();
    let woken_at = now().as_ms();
    office.signal("CONT");

    let told = assert_reminded(&mut session, &event);
    assert_eq!((&told["late"], moment(&told["due_at"]).as_ms()), (&json!(true), due));
    let told_at = moment(&told["created_at"]).as_ms();
    // Whatever keeps the hub from its work keeps a thread of this program from its own.
    let busy_ms = control.end();
    let patience_ms = WAKES_WITHIN_MS + TURNS * busy_ms;
    assert!((0..patience_ms).contains(&(told_at - woken_at)), "woken at {woken_at}, busy for {busy_ms} ms: {told}");
    assert!(told["message"].as_str().unwrap().starts_with("Votre événement commence dans 5 minutes ("), "{told}");

    let next = admin.create(&due_in(1, &admin));
    assert_eq!(assert_reminded(&mut session, &next)["late"], false, "the session goes on, and so does the scheduler");
    assert_eq!(told_of(&admin, &event), ["5min_before"], "it came once");
}

#[test]
fn of_several_reminders_that_were_slept_over_one_says_what_is_left() {
    let Some((office, wall)) = Wall::of(Office::new()) else { return };
    let (office, admin) = office.opened();
    let mut session = admin.session();
    let event = json!({ "title": "Visite", "starts_at": in_the_future(40 * 60), "assignees": [admin.id],
                        "reminders": [30, 20, 5] });
    let event = admin.create(&event);
    office.signal("STOP");
    wall.is_ahead_by(28 * 60);
    office.signal("CONT");
    let told = session.next_notification("20min_before");
    assert_eq!(told["late"], true);
    assert!(told["message"].as_str().unwrap().starts_with("Votre événement commence dans 12 minutes ("), "{told}");

    wall.is_ahead_by(36 * 60);
    let told = session.next_notification("5min_before");
    assert!(told["message"].as_str().unwrap().starts_with("Votre événement commence dans 4 minutes ("), "{told}");
    assert_eq!(told_of(&admin, &event), ["20min_before", "5min_before"], "the 30-minute one collapsed into the next");
    assert_eq!(office.status()["collapsed"], 1);
}

#[test]
fn what_was_late_and_what_was_missed_is_counted() {
    let Some((office, wall)) = Wall::of(Office::new()) else { return };
    let (mut office, admin) = office.opened();
    let mut session = admin.session();
    let begins_in = |minutes: i64| {
        let starts_at = in_the_future(minutes * 60);
        admin.create(&json!({ "title": "Visite", "starts_at": starts_at, "assignees": [admin.id], "reminders": [5] }))
    };
    let (over, ahead) = (begins_in(10), begins_in(30));
    office.signal("STOP");
    wall.is_ahead_by(27 * 60);
    office.signal("CONT");
    assert_eq!(session.next_notification("missed")["event_id"], over["id"], "it began a quarter of an hour ago");
    assert_eq!(assert_reminded(&mut session, &ahead)["late"], true);
    let counts = |status: &Value| ["fired", "late", "missed"].map(|count| status[count].as_u64().unwrap());
    let status = office.status();
    assert_eq!((counts(&status), counts(&status["last_30_days"])), ([1, 1, 1], [1, 1, 1]), "{status}");
    office.restart();
    let status = office.status();
    assert_eq!((counts(&status), counts(&status["last_30_days"])), ([0, 0, 0], [1, 1, 1]), "since the start: {status}");
}

#[test]
fn small_steps_forth_and_back_neither_repeat_nor_lose_anything() {
    let Some((office, wall)) = Wall::of(Office::new()) else { return };
    let (_office, admin) = office.opened();
    let mut session = admin.session();
    let (first, second) = (admin.create(&due_in(60, &admin)), admin.create(&due_in(64, &admin)));
    wall.is_ahead_by(61);
    let told = assert_reminded(&mut session, &first);
    assert!(moment(&told["created_at"]) >= moment(&told["due_at"]), "never before it is due: {told}");
    // The hub lives through the time of the first again.
    wall.is_ahead_by(56);
    let told = assert_reminded(&mut session, &second);
    assert_eq!(told["late"], false);
    assert!(moment(&told["created_at"]) >= moment(&told["due_at"]), "never before it is due: {told}");
    assert_eq!(
        (told_of(&admin, &first), told_of(&admin, &second)),
        (vec!["5min_before".into()], vec!["5min_before".into()])
    );
}

#[test]
fn a_clock_that_is_set_back_fires_nothing_again_and_lives_the_hours_again() {
    let Some((office, wall)) = Wall::of(Office::new()) else { return };
    let (office, admin) = office.opened();
    let mut session = admin.session();
    let before = admin.create(&due_in(1, &admin));
    assert_reminded(&mut session, &before);

    wall.is_ahead_by(-2 * HOUR);
    let again = admin.create(&due_in(-2 * HOUR + 2, &admin));
    let told = assert_reminded(&mut session, &again);
    assert_eq!(told["late"], false);
    assert!(moment(&told["created_at"]) < moment(&before["created_at"]), "it is earlier by the hub's clock: {told}");
    assert_eq!(admin.inbox().last().unwrap()["id"], told["id"], "and later in the list");

    // Step by step, each small enough to be believed, until the first one's time is past again.
    for ahead in [-HOUR - 60, -120, 60] {
        wall.is_ahead_by(ahead);
        let step = admin.create(&due_in(ahead + 1, &admin));
        assert_reminded(&mut session, &step);
    }
    assert_eq!(told_of(&admin, &before), ["5min_before"]);
    assert_eq!(told_of(&admin, &again), ["5min_before"]);
    assert_eq!(office.status()["clock"], "steady");
}

#[test]
fn a_leap_ahead_fires_and_misses_nothing_until_it_is_taken_back() {
    let Some((office, wall)) = Wall::of(Office::new()) else { return };
    let (office, admin) = office.opened();
    let ann = admin.add("Ann");
    let mut session = ann.session();
    let soon = admin.create(&due_in(120, &ann));
    let tomorrow = admin.create(&due_in(DAY / 2, &ann));
    session.next_notification("assigned");
    session.next_notification("assigned");
    assert_eq!(office.status()["clock"], "steady");

    wall.is_ahead_by(DAY);
    let status = office.wait_for_status("a leap of a day is doubted", |status| status["clock"] == "doubted");
    assert!(status["uptime_seconds"].as_u64().unwrap() < 3_600, "{status}");
    assert!(office.run(&["status"]).out().contains("\nclock\tdoubted: "), "people are told, too");
    assert!(office.log().contains("the clock leapt ahead"), "{}", office.log());

    // Whoever is on the same machine looks at the same clock: it is neither asked nor believed.
    session.send(&json!({ "type": "clock", "now": in_the_future(DAY) }));
    session.send(&json!({ "type": "clock", "now": "noon" }));
    assert_eq!(session.next_of("error")["error"]["field"], "now");
    assert_eq!(office.status()["clock"], "doubted");

    // What is written meanwhile has the time that it would have had.
    let meanwhile = admin.create(&due_in(125, &ann));
    assert!(moment(&meanwhile["created_at"]) <= now(), "{meanwhile}");
    let told = session.next_notification("assigned");
    assert!(!told["message"].as_str().unwrap().contains("déjà"), "{told}");
    let kinds = |event| told_of(&ann, event);
    assert_eq!((kinds(&soon), kinds(&tomorrow)), (vec!["assigned".to_owned()], vec!["assigned".to_owned()]));

    // Taken back, a moment before the first is due: so that nobody has to wait.
    wall.is_ahead_by(118);
    for event in [&soon, &meanwhile] {
        let told = assert_reminded(&mut session, event);
        assert!(moment(&told["created_at"]) >= moment(&told["due_at"]), "never before it is due: {told}");
    }
    assert_eq!(kinds(&tomorrow), ["assigned"], "half a day is left");
    let status = office.status();
    assert_eq!((&status["clock"], &status["missed"]), (&json!("steady"), &json!(0)));
    assert!(office.log().contains("the clock is back where it was"), "{}", office.log());
}

#[test]
fn a_restart_makes_no_doubted_leap_true() {
    let Some((office, wall)) = Wall::of(Office::new()) else { return };
    let (mut office, admin) = office.opened();
    let tomorrow = admin.create(&due_in(DAY / 2, &admin));
    let remind = || {
        let mut session = admin.session();
        let soon = admin.create(&due_in(1, &admin));
        assert_reminded(&mut session, &soon);
    };
    remind();
    wall.is_ahead_by(DAY);
    office.wait_for_status("a leap of a day is doubted", |status| status["clock"] == "doubted");
    for is_killed in [false, true] {
        if is_killed {
            office.kill();
            office.start();
        } else {
            office.restart();
        }
        assert_eq!(office.status()["clock"], "doubted");
        // By the earlier reckoning, by which nothing else is due.
        remind();
        assert_eq!(told_of(&admin, &tomorrow), NOTHING);
    }
    // Nor a leap while it is off.
    office.kill();
    wall.is_ahead_by(2 * DAY);
    office.start();
    assert_eq!(office.status()["clock"], "doubted");
    remind();
    wall.is_ahead_by(0);
    office.wait_for_status("the leap was taken back", |status| status["clock"] == "steady");
    remind();
    assert_eq!(told_of(&admin, &tomorrow), NOTHING, "half a day is left");
}
