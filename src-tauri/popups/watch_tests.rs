//! The desktop's session with a real hub and a real ledger; only the screen is played.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rappel_link::frame::{Frame, Notification, Trouble};
use rappel_link::local::NewOffice;
use rappel_link::{
    Backoff, Clock, Incoming, Ledger, Link, LocalHub, Locale, Request, Resume, Session, SystemClock, Timestamp,
};
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Follower, Rest, Watch, follow, now};
use crate::contact::Contact;
use crate::desk::Situation;
use crate::popups::example;
use crate::popups::record::Record;
use crate::popups::recorder::{Asked, Recorder};
use crate::popups::{CARD, Choice, Popup, PopupEvent, PopupProblem, Screen, TROUBLE};

#[path = "clock_tests.rs"]
mod clocks;
#[path = "joined_tests.rs"]
mod joined;

/// An office with its hub, and the folder it lives in.
struct Office {
    folder: tempfile::TempDir,
    hub: LocalHub,
    /// A second session of the same person, to see what the hub has done.
    witness: Session,
    /// The clocks of the machine that the desktop is on.
    clock: Arc<dyn Clock>,
}

/// One run of the desktop.
struct Run {
    popups: Arc<Recorder>,
    events: mpsc::Sender<PopupEvent>,
    situation: watch::Sender<Situation>,
    opened: mpsc::Receiver<String>,
    stop: CancellationToken,
    task: JoinHandle<Rest>,
}

/// A window that notes which page it was asked for.
struct Opened(mpsc::Sender<String>);

impl Screen for Opened {
    fn locale(&self) -> Locale {
        Locale::En
    }

    fn open(&self, path: &str) {
        self.0.try_send(path.to_owned()).expect("room");
    }

    fn popups_changed(&self) {}
}

impl Office {
    async fn new() -> Self {
        Self::on(Arc::new(SystemClock)).await
    }

    /// Hub and desktop are on the machine with these clocks.
    async fn on(clock: Arc<dyn Clock>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let office = NewOffice { name: "Camille".into(), locale: Locale::En, time_zone: "Europe/Paris".into() };
        let hub = LocalHub::create_with_clock(folder.path().join("office"), office, "test", clock.clone()).await;
        let hub = hub.expect("an office");
        let witness = Link::Local(hub.clone()).open_session(Resume::default()).await.expect("a session");
        Self { folder, hub, witness, clock }
    }

    fn link(&self) -> Link {
        Link::Local(self.hub.clone())
    }

    fn ledger(&self) -> PathBuf {
        self.folder.path().join("office").join("popups.db")
    }

    fn watch(&self, popups: Arc<Recorder>, events: mpsc::Receiver<PopupEvent>, opened: mpsc::Sender<String>) -> Watch {
        Watch {
            link: self.link(),
            backoff: Backoff::new(),
            record: Record::new(Ledger::open(&self.ledger()).expect("a ledger")),
            clock: self.clock.clone(),
            popups,
            events,
            situation: watch::Sender::new(Situation {
                contact: Contact::Untried,
                paused: false,
                unread: 0,
                trouble: None,
                synced_at: None,
            }),
            nudge: Arc::new(Notify::new()),
            screen: Box::new(Opened(opened)),
        }
    }

    /// Starts the desktop, as it is after its start and with the hub answering.
    async fn run(&self) -> Run {
        self.run_over(self.link(), &self.ledger()).await
    }

    /// Starts a desktop with this way to the hub and this ledger.
    async fn run_over(&self, link: Link, ledger: &Path) -> Run {
        let run = self.start_over(link, ledger);
        run.until(|situation| situation.contact == Contact::Open).await;
        run
    }

    /// Starts a desktop whose hub may not answer.
    fn start_over(&self, link: Link, ledger: &Path) -> Run {
        let popups = Recorder::new();
        let (events, told) = mpsc::channel(8);
        let (opened_in, opened) = mpsc::channel(8);
        let stop = CancellationToken::new();
        let record = Record::new(Ledger::open(ledger).expect("a ledger"));
        let watch = Watch { link, record, ..self.watch(popups.clone(), told, opened_in) };
        let situation = watch.situation.clone();
        let task = tokio_util::task::TaskTracker::new().spawn(follow(watch, stop.clone()));
        Run { popups, events, situation, opened, stop, task }
    }

    /// An event of which its person is reminded in a moment.
    async fn remind(&self, title: &str) {
        let start = Timestamp::clamped_from_ms(now().as_ms() + 30 * 60_000 + 2_500);
        let event = json!({
            "title": title, "starts_at": start.to_string(), "reminders": [30],
            "assignees": [self.link().person()], "location": "12 rue des Lilas",
        });
        let answer = self.link().call(Request::post("/api/events", Some(event))).await.expect("an answer");
        assert_eq!(answer.status, 201, "{}", answer.body);
    }

    /// Starts the desktop after it was off while these reminders came: they are on its card.
    async fn run_with_card<const N: usize>(&mut self, titles: [&str; N]) -> (Run, Vec<Notification>) {
        self.run().await.end().await;
        let mut rows = Vec::new();
        for title in titles {
            self.remind(title).await;
            rows.push(self.told().await);
        }
        let run = self.run().await;
        assert_eq!(run.shown(1).await[0].tag, CARD);
        (run, rows)
    }

    /// Dismisses it, as another device does.
    async fn dismiss(&self, row: &Notification) {
        let path = format!("/api/notifications/{}/dismiss", row.id);
        let answer = self.link().call(Request::post(path, None)).await.expect("an answer");
        assert!(answer.is_success(), "{}", answer.body);
    }

    /// The history of a notification, once the hub knows what it is waited for.
    async fn history(&self, row: &Notification, holds: impl Fn(&Value) -> bool) -> Value {
        loop {
            let path = format!("/api/notifications/{}/history", row.id);
            let history = self.link().call(Request::get(path)).await.expect("an answer").body;
            if holds(&history) {
                return history;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Waits for the next notification of the hub, new or changed.
    async fn told(&mut self) -> Notification {
        loop {
            let Incoming::Frame(text) = self.witness.next().await else { panic!("the hub has gone") };
            match serde_json::from_str(&text).expect("a frame") {
                Frame::EventNotification { notification, .. } | Frame::NotificationUpdated { notification, .. } => {
                    return *notification;
                }
                _ => {}
            }
        }
    }
}

impl Run {
    async fn until(&self, holds: impl FnMut(&Situation) -> bool) {
        self.situation.subscribe().wait_for(holds).await.expect("the run is there");
    }

    /// What was asked, once there is so much of it.
    async fn shown(&self, count: usize) -> Vec<Popup> {
        let shown = self.popups.asked(count).await.into_iter().map(|asked| match asked {
            Asked::Show(popup) => popup,
            other => panic!("not a popup: {other:?}"),
        });
        shown.collect()
    }

    async fn choose(&self, tag: &str, choice: Choice) {
        self.events.send(PopupEvent::Chosen { tag: tag.to_owned(), choice }).await.expect("the run is there");
    }

    fn pause(&self, paused: bool) {
        self.situation.send_modify(|situation| situation.paused = paused);
    }

    async fn end(self) {
        self.stop.cancel();
        self.task.await.expect("ended");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reminder_pops_up_and_five_minutes_more_reach_the_hub() {
    let mut office = Office::new().await;
    let run = office.run().await;
    office.remind("Site visit").await;
    let popup = run.shown(1).await.remove(0);
    assert_eq!(popup.summary, "Event reminder: Site visit");
    assert!(popup.body.ends_with("\n12 rue des Lilas"), "{}", popup.body);
    let row = office.told().await;
    assert_eq!(popup.tag, row.id.to_string(), "the tag is what makes it the same popup after a crash");
    run.until(|situation| situation.unread == 1).await;

    run.choose(&popup.tag, Choice::Snooze).await;
    let snoozed = office.told().await;
    assert_eq!((snoozed.id, snoozed.snoozed_until.is_some()), (row.id, true));
    run.until(|situation| situation.unread == 0).await;
    run.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn open_shows_the_event_and_settles_it_everywhere() {
    let mut office = Office::new().await;
    let mut run = office.run().await;
    office.remind("Site visit").await;
    let popup = run.shown(1).await.remove(0);
    let event = office.told().await.event.id.expect("an event");
    run.choose(&popup.tag, Choice::Open).await;
    assert_eq!(run.opened.recv().await, Some(format!("/events/{event}")));
    let opened = office.told().await;
    assert!(opened.dismissed_at.is_some(), "it closes on the person's other devices too");
    run.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_dismissed_elsewhere_closes_here() {
    let mut office = Office::new().await;
    let run = office.run().await;
    office.remind("Site visit").await;
    let tag = run.shown(1).await.remove(0).tag;
    let row = office.told().await;
    assert!(row.dismissed_at.is_none(), "first it was new");
    office.dismiss(&row).await;
    assert_eq!(run.popups.asked(2).await[1], Asked::Close(tag));
    assert!(office.told().await.dismissed_at.is_some());
    run.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_hub_learns_what_was_on_the_screen_and_what_is_safe() {
    let mut office = Office::new().await;
    let run = office.run().await;
    office.remind("Site visit").await;
    let row = office.told().await;
    run.shown(1).await;
    let history = office.history(&row, |history| history["seen"][0].is_object() && history["received"][0].is_object());
    let history = history.await;
    assert_eq!((&history["seen"][0]["kind"], &history["received"][0]["kind"]), (&json!("desktop"), &json!("desktop")));
    run.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_could_be_shown_is_seen_only_when_it_is() {
    let mut office = Office::new().await;
    let run = office.run().await;
    run.pause(true);
    office.remind("Site visit").await;
    let held = office.told().await;
    run.until(|situation| situation.unread == 1).await;
    let resumed_at = now();
    run.popups.refuse(Some(PopupProblem::nobody_shows(&"no daemon")));
    run.pause(false);
    run.shown(1).await;
    let possible_at = now();
    run.popups.refuse(None);
    run.events.send(PopupEvent::Available(true)).await.expect("the run is there");
    let history = office.history(&held, |history| history["seen"][0].is_object()).await;
    let at = |moments: &Value| Timestamp::parse_rfc3339(moments[0]["at"].as_str().expect("a time")).expect("a time");
    assert!(at(&history["seen"]) >= possible_at, "neither while paused nor when it was refused: {history}");
    assert!(at(&history["received"]) >= resumed_at, "until it is shown it would be asked for again: {history}");
    run.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_card_only_counts_was_not_seen() {
    let mut office = Office::new().await;
    let (run, rows) = office.run_with_card(["One", "Two", "Three", "Four", "Five"]).await;
    for row in &rows[..4] {
        office.history(row, |history| history["seen"][0].is_object()).await;
    }
    let last = office.history(&rows[4], |history| history["received"][0].is_object()).await;
    assert_eq!(last["seen"], json!([]), "+1 other");
    run.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_while_the_desktop_was_off_is_one_card_and_comes_once() {
    let mut office = Office::new().await;
    office.run().await.end().await;
    for title in ["Site visit", "Signature"] {
        office.remind(title).await;
    }
    let (_, _) = (office.told().await, office.told().await);

    let run = office.run().await;
    let card = run.shown(1).await.remove(0);
    assert_eq!(card.tag, CARD);
    assert!(card.body.contains("Site visit") && card.body.contains("Signature"), "{}", card.body);
    run.end().await;

    let run = office.run().await;
    office.remind("Delivery").await;
    let shown = run.shown(1).await;
    assert_eq!(shown[0].summary, "Event reminder: Delivery", "what was on the card is not shown again");
    run.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_choice_on_the_card_is_one_for_all_that_it_stands_for() {
    for (choice, page) in [(Choice::Dismiss, None), (Choice::Open, Some("/notifications"))] {
        let mut office = Office::new().await;
        let (mut run, rows) = office.run_with_card(["Site visit", "Signature"]).await;
        run.choose(CARD, choice).await;
        for row in rows {
            let settled = office.told().await;
            assert_eq!((settled.id, settled.dismissed_at.is_some()), (row.id, true), "{choice:?}");
        }
        run.until(|situation| situation.unread == 0).await;
        assert_eq!(run.opened.try_recv().ok().as_deref(), page);
        run.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_card_loses_what_is_settled_elsewhere_and_closes_with_the_last_of_it() {
    let mut office = Office::new().await;
    let (run, rows) = office.run_with_card(["Site visit", "Signature"]).await;
    office.dismiss(&rows[0]).await;
    let asked = run.popups.asked(3).await;
    let [Asked::Show(before), Asked::Close(_), Asked::Show(after)] = &asked[..] else { panic!("{asked:?}") };
    let signature = before.body.lines().find(|line| line.ends_with("Signature")).expect("its line");
    assert_eq!((after.tag.as_str(), after.body.as_str()), (CARD, signature));
    office.dismiss(&rows[1]).await;
    assert_eq!(run.popups.asked(5).await[4], Asked::Close(CARD.to_owned()));
    run.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_paused_the_card_still_loses_what_is_settled_elsewhere() {
    let mut office = Office::new().await;
    let (run, rows) = office.run_with_card(["Site visit", "Signature"]).await;
    run.pause(true);
    office.dismiss(&rows[0]).await;
    let asked = run.popups.asked(3).await;
    let [Asked::Show(_), Asked::Close(_), Asked::Show(after)] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!((after.tag.as_str(), after.body.lines().count()), (CARD, 1), "what is left of it");
    run.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_paused_nothing_pops_up_and_afterwards_one_card_does() {
    let mut office = Office::new().await;
    let run = office.run().await;
    run.pause(true);
    for title in ["Site visit", "Signature", "Delivery"] {
        office.remind(title).await;
    }
    let (_, _, third) = (office.told().await, office.told().await, office.told().await);
    run.until(|situation| situation.unread == 3).await;
    // Told of in its turn, so once it counts no more, all three have reached this desktop.
    let read = office.link().call(Request::post(format!("/api/notifications/{}/read", third.id), None)).await;
    assert!(read.expect("an answer").is_success());
    run.until(|situation| situation.unread == 2).await;
    run.pause(false);
    let card = run.shown(1).await.remove(0);
    assert_eq!((card.tag.as_str(), card.body.lines().count()), (CARD, 2), "what was read meanwhile does not come");
    run.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_popup_that_nobody_could_show_is_shown_when_somebody_can() {
    let office = Office::new().await;
    let run = office.run().await;
    run.popups.refuse(Some(PopupProblem::nobody_shows(&"no daemon")));
    office.remind("Site visit").await;
    let refused = run.shown(1).await.remove(0);
    run.popups.refuse(None);
    run.events.send(PopupEvent::Available(true)).await.expect("the run is there");
    assert_eq!(run.shown(2).await[1], refused, "the same popup, with the same tag");
    run.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_popup_that_nobody_could_show_survives_a_restart() {
    let office = Office::new().await;
    let run = office.run().await;
    run.popups.refuse(Some(PopupProblem::nobody_shows(&"no daemon")));
    office.remind("Site visit").await;
    run.shown(1).await;
    run.end().await;

    let run = office.run().await;
    let card = run.shown(1).await.remove(0);
    assert!(card.tag == CARD && card.body.contains("Site visit"), "{card:?}");
    run.end().await;
}

// Nobody is told of a change of their own, so what a colleague's makes the hub send is played too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_event_takes_down_what_was_said_of_it() {
    let office = Office::new().await;
    let (popups, (_events, told), (opened, _pages)) = (Recorder::new(), mpsc::channel(1), mpsc::channel(1));
    let mut follower = Follower::new(office.watch(popups.clone(), told, opened), false);
    follower.board.connected(0, 0);
    let [reminder, mut notice] = [1, 2].map(|seq| Notification { created_at: now(), ..example::reminder(seq) });
    notice.notification_type = "cancelled".into();
    let tags = [reminder.id.to_string(), notice.id.to_string()];
    for row in [reminder, notice] {
        follower.frame(Frame::EventNotification { notification: Box::new(row), unread_count: 1 }).await;
        follower.show_due().await;
    }
    let asked = popups.asked(3).await;
    let [Asked::Show(first), Asked::Close(closed), Asked::Show(second)] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!([&first.tag, &second.tag], [&tags[0], &tags[1]]);
    assert_eq!(closed, &tags[0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_was_restored_brings_back_nothing_that_was_shown() {
    let office = Office::new().await;
    let run = office.run().await;
    office.remind("Site visit").await;
    let backup = office.folder.path().join("backup.db");
    office.hub.backup(&backup).await.expect("a backup");
    assert_eq!(run.shown(1).await[0].summary, "Event reminder: Site visit");

    office.hub.restore(&backup).await.expect("restored");
    run.until(|situation| situation.contact.is_away()).await;
    run.until(|situation| situation.contact == Contact::Open).await;
    run.until(|situation| situation.unread == 1).await;
    office.remind("Delivery").await;
    let shown = run.shown(2).await;
    let text = format!("{}\n{}", shown[1].summary, shown[1].body);
    assert!(text.contains("Delivery") && !text.contains("Site visit"), "the reminder has come again: {text}");
    run.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_can_store_nothing_is_one_popup_until_it_can() {
    let office = Office::new().await;
    let (popups, (_events, told), (opened, _pages)) = (Recorder::new(), mpsc::channel(1), mpsc::channel(1));
    let mut follower = Follower::new(office.watch(popups.clone(), told, opened), true);
    for trouble in [Some(Trouble::DiskFull), Some(Trouble::DiskFull), None, Some(Trouble::Storage)] {
        follower.frame(Frame::HubTrouble { trouble }).await;
        follower.show_due().await;
        assert_eq!(follower.watch.situation.borrow().trouble, trouble);
    }
    let asked = popups.asked(3).await;
    let [Asked::Show(full), Asked::Close(closed), Asked::Show(failing)] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!([&full.tag, closed, &failing.tag], [TROUBLE; 3]);
    assert_eq!(full.summary, "The disk of the main computer is full.", "also while paused: nothing else is told");
    assert_ne!(full, failing);

    // A new session begins without: had there been trouble, it would have said so.
    let hub =
        serde_json::from_value(json!({ "id": "01930000-0000-7000-8000-000000000009", "epoch": 1 })).expect("a hub");
    follower.frame(Frame::ConnectionEstablished { unread_count: 0, seq: 0, change: 0, now: now(), hub }).await;
    assert_eq!(popups.asked(4).await[3], Asked::Close(TROUBLE.to_owned()));
    assert_eq!(follower.watch.situation.borrow().trouble, None);
}

#[path = "knocks_tests.rs"]
mod knocks;
