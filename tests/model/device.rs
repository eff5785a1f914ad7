//! A desktop of somebody: the real board, the real ledger, a real session, and a screen that only
//! remembers. What carries them is as the app's own follower has it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::time::Duration;

use rappel_hub::{Clock, CloseReason};
use rappel_link::board::{Board, Card, Due};
use rappel_link::frame::{Frame, Notification};
use rappel_link::{HubClock, Ledger, Moment, NotificationId, Request, Resume, Timestamp};
use serde_json::Value;

use crate::hearing::Hearing;
use crate::office::{Clocks, Link, Session};
use crate::told::{Told, settled};

/// Longer than any frame takes that comes at all.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where a device is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    /// It has written down that it is about to show a popup.
    BeforeShowing,
    /// The popup is on the screen, and that is not written down.
    AfterShowing,
}

/// What is on a screen, and what was ever put there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Screen {
    pub(crate) popups: BTreeSet<NotificationId>,
    pub(crate) card: BTreeSet<NotificationId>,
    /// How often each was newly presented, alone or on the card.
    pub(crate) presented: BTreeMap<NotificationId, u32>,
    /// How often that was allowed to be more than once.
    pub(crate) excused: BTreeMap<NotificationId, u32>,
}

/// What was put on the screen, with what the device knew then.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    pub(crate) rows: Vec<Notification>,
    pub(crate) on_card: bool,
    /// One of them was over, as far as the device knew.
    pub(crate) is_over: bool,
    /// All of them belong where they were put.
    pub(crate) is_in_place: bool,
}

/// The program on the device, from its start to its end.
struct App {
    board: Board,
    ledger: Ledger,
    session: Option<Session>,
    hub_clock: HubClock,
}

pub(crate) struct Device {
    pub(crate) who: usize,
    pub(crate) path: PathBuf,
    /// Those of its own machine: they run as the hub's do, and each is set by whoever has it.
    pub(crate) clocks: Clocks,
    app: Option<App>,
    pub(crate) screen: Screen,
    pub(crate) hearing: Hearing,
    /// What it was sent, latest state of each, by id.
    pub(crate) mirror: BTreeMap<String, Value>,
    pub(crate) unread: u64,
    /// Sent by the hub and not arrived.
    pub(crate) in_flight: VecDeque<String>,
    /// Sent over a connection that is gone, and still under way.
    pub(crate) stale: VecDeque<String>,
    /// The network holds everything back.
    pub(crate) is_held: bool,
    /// Where it could take up again, earlier than it need.
    pub(crate) older: Vec<Resume>,
    pub(crate) is_paused: bool,
    pub(crate) death: Option<Death>,
    /// What was shown since it was last looked at.
    pub(crate) shown: Vec<Shown>,
    /// What the session has told.
    told: Told,
    /// Where the hub stood when this device was first connected: what came later it must present.
    pub(crate) joined_at: Option<u64>,
    /// Its hub was restored from a backup since it was first connected.
    pub(crate) was_restored: bool,
    /// What it was ever told to be settled: over here, whatever a restored hub says.
    pub(crate) settled: BTreeSet<NotificationId>,
    /// What was too old to be presented when it came.
    pub(crate) too_old: BTreeSet<NotificationId>,
}

impl Device {
    pub(crate) fn new(who: usize, path: PathBuf, clocks: Clocks) -> Self {
        Self {
            who,
            path,
            clocks,
            app: None,
            screen: Screen::default(),
            hearing: Hearing::default(),
            mirror: BTreeMap::new(),
            unread: 0,
            in_flight: VecDeque::new(),
            stale: VecDeque::new(),
            is_held: false,
            older: Vec::new(),
            is_paused: false,
            death: None,
            shown: Vec::new(),
            told: Told::default(),
            joined_at: None,
            was_restored: false,
            settled: BTreeSet::new(),
            too_old: BTreeSet::new(),
        }
    }

    pub(crate) fn is_running(&self) -> bool {
        self.app.is_some()
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.app.as_ref().is_some_and(|app| app.session.is_some())
    }

    /// The program starts; popups of an earlier one are taken off the screen.
    pub(crate) fn start(&mut self) {
        let ledger = Ledger::open(&self.path).expect("the ledger opens");
        let cursor = ledger.cursor().expect("the ledger can be read");
        let board = Board::new(cursor);
        // What an earlier run was told of and had not shown yet is not behind what this one knows.
        self.older.retain(|older| older.since <= cursor.map(|cursor| cursor.seq));
        self.hearing = Hearing::from(cursor.map(|cursor| cursor.seq));
        self.screen.popups.clear();
        self.screen.card.clear();
        self.death = None;
        let hub_clock = HubClock::heard(self.clocks.now(), &self.clocks);
        self.app = Some(App { board, ledger, session: None, hub_clock });
    }

    /// The program ends, or is killed.
    pub(crate) fn end(&mut self) {
        self.cut(0);
        self.stale.clear();
        self.app = None;
        self.is_paused = false;
    }

    /// The connection is lost; of what is under way on it `late` frames come after all, but only
    /// when the next connection is there.
    pub(crate) fn cut(&mut self, late: usize) {
        if let Some(app) = &mut self.app {
            app.session = None;
        }
        self.stale.extend(self.in_flight.drain(..).take(late));
        self.in_flight.clear();
        self.is_held = false;
    }

    /// Connects, from where the board says or from an earlier place.
    pub(crate) async fn connect(&mut self, link: &Link, older: Option<usize>) {
        let Some(app) = &mut self.app else { return };
        let resume = app.board.resume();
        let older = older.and_then(|older| self.older.get(older % self.older.len().max(1)));
        let resume = match (older, resume.since) {
            (Some(older), Some(_)) => older.clone(),
            _ => resume,
        };
        let from = resume.since.map(|seq| (seq, resume.changes_since.unwrap_or(0)));
        self.told = Told::since(from);
        app.session = link.open_session(&resume).await;
    }

    /// Takes from the session until it has told all that the hub has; `changes` are the latest change
    /// of each row. The frames are under way.
    pub(crate) async fn drain(&mut self, changes: &[u64]) {
        while !self.told.has_all(changes) {
            let Some(session) = self.app.as_mut().and_then(|app| app.session.as_mut()) else { return };
            let next = tokio::time::timeout(PATIENCE, session.next()).await;
            match next.unwrap_or_else(|_| panic!("I6 broken: a session does not tell all that there is")) {
                Ok(text) => {
                    self.told.hear(&text, changes);
                    self.in_flight.push_back(text);
                }
                Err(_) => {
                    if let Some(app) = &mut self.app {
                        app.session = None;
                    }
                }
            }
        }
    }

    /// Waits until the hub has ended the session; answers why.
    pub(crate) async fn ended(&mut self) -> Option<CloseReason> {
        let mut session = self.app.as_mut()?.session.take()?;
        loop {
            if let Err(reason) = session.next().await {
                return reason;
            }
        }
    }

    /// What is under way arrives, `count` frames of it, each `times` times.
    pub(crate) async fn deliver(&mut self, link: &Link, count: usize, times: usize) {
        for _ in 0..count {
            let Some(text) = self.in_flight.pop_front() else { break };
            for _ in 0..times {
                self.take(&text, link).await;
            }
        }
        if self.in_flight.is_empty() {
            // Only the count of the newest connection counts.
            let unread = self.unread;
            for text in std::mem::take(&mut self.stale) {
                self.take(&text, link).await;
                self.unread = unread;
            }
        }
    }

    async fn take(&mut self, text: &str, link: &Link) {
        if self.app.is_none() {
            return;
        }
        self.note(text);
        let frame: Frame = serde_json::from_str(text).expect("a frame can be read");
        self.frame(frame, link).await;
        self.remember();
        self.show_due();
        self.keep_older();
    }

    async fn frame(&mut self, frame: Frame, link: &Link) {
        let (paused, now, boot) = (self.is_paused, self.moment(), self.clocks.boot());
        let Some(app) = &mut self.app else { return };
        match frame {
            Frame::ConnectionEstablished { seq, change, now, hub, unread_count } => {
                self.unread = unread_count;
                app.hub_clock = HubClock::heard(now, &self.clocks);
                self.hearing.connected(seq, now.as_ms(), boot);
                if self.joined_at.is_none() {
                    self.joined_at = Some(seq);
                    self.list(link).await;
                }
                let Some(app) = &mut self.app else { return };
                if app.ledger.follow(hub.into(), link.person()).expect("the ledger can be written") {
                    self.start_over(link).await;
                } else {
                    app.board.connected(seq, change);
                }
            }
            Frame::EventNotification { notification, unread_count } => {
                self.unread = unread_count;
                self.hearing.heard(&notification, paused, boot);
                if self.hearing.is_too_old(notification.id) {
                    self.too_old.insert(notification.id);
                }
                let done = app.ledger.is_shown(notification.id).expect("the ledger can be read");
                for id in app.board.arrived(*notification, done, paused, now) {
                    self.take_down(id);
                }
            }
            Frame::NotificationUpdated { notification, unread_count } => {
                self.unread = unread_count;
                app.board.updated(&notification);
                if notification.is_settled() {
                    self.take_down(notification.id);
                }
            }
            Frame::UnreadCountUpdated { unread_count, change } => {
                self.unread = unread_count;
                app.board.all_read(change);
            }
            Frame::SnapshotRequired => self.start_over(link).await,
            // Trouble is not played, and a session in this process is no other machine.
            Frame::HubTrouble { .. }
            | Frame::ClockWanted
            | Frame::JoinRequests { .. }
            | Frame::EventChanged
            | Frame::EventDeleted
            | Frame::Other => {}
        }
    }

    /// Reads the list in place of a replay.
    async fn start_over(&mut self, link: &Link) {
        self.older.clear();
        self.stale.clear();
        let listed = self.list(link).await;
        self.settled.extend(self.mirror.values().filter_map(settled));
        let now = self.moment();
        let Some(app) = &mut self.app else { return };
        app.ledger.forget_cursor().expect("the ledger can be written");
        let rows: Vec<Notification> = serde_json::from_value(listed["notifications"].clone()).expect("rows");
        self.hearing.listed(listed["seq"].as_u64().expect("a seq"), &rows, self.clocks.boot());
        self.too_old.extend(rows.iter().map(|row| row.id).filter(|id| self.hearing.is_too_old(*id)));
        let done = |row: Notification| {
            let done = app.ledger.is_shown(row.id).expect("the ledger can be read");
            (row, done)
        };
        let rows = rows.into_iter().map(done).collect();
        let (seq, change) = (listed["seq"].as_u64().expect("a seq"), listed["change"].as_u64().expect("a change"));
        for id in app.board.restarted(seq, change, rows, now) {
            self.take_down(id);
        }
    }

    /// The list, as a screen reads it.
    async fn list(&mut self, link: &Link) -> Value {
        let answer = link.call(&Request::get("/api/notifications?limit=200")).await;
        assert!(answer.is_success(), "{}", answer.body);
        self.mirror.clear();
        for row in answer.body["notifications"].as_array().expect("a list") {
            self.mirror.insert(row["id"].as_str().expect("an id").to_owned(), row.clone());
        }
        self.unread = answer.body["unread_count"].as_u64().expect("a count");
        answer.body
    }

    /// Keeps what a list on this device would show.
    fn note(&mut self, text: &str) {
        let frame: Value = serde_json::from_str(text).expect("a frame is JSON");
        match frame["type"].as_str() {
            Some("event_notification" | "notification_updated") => {
                let row = &frame["notification"];
                let id = row["id"].as_str().expect("an id").to_owned();
                let known = self.mirror.get(&id).map_or(0, |known| known["change"].as_u64().unwrap_or(0));
                self.settled.extend(settled(row));
                if row["change"].as_u64().unwrap_or(0) >= known {
                    self.mirror.insert(id, row.clone());
                }
            }
            Some("unread_count_updated") => {
                let change = frame["change"].as_u64().unwrap_or(0);
                for row in self.mirror.values_mut() {
                    if row["change"].as_u64().unwrap_or(0) <= change {
                        row["is_read"] = Value::Bool(true);
                    }
                }
            }
            _ => {}
        }
    }

    fn take_down(&mut self, id: NotificationId) {
        let at = self.clocks.now();
        let Some(app) = &mut self.app else { return };
        app.ledger.record_closed(id, at).expect("the ledger can be written");
        self.screen.popups.remove(&id);
        if app.board.card() == Card::Over {
            app.board.card_closed();
            self.screen.card.clear();
        }
    }

    /// Shows what is due, as the app does after everything that happens.
    pub(crate) fn show_due(&mut self) {
        let (at, since_boot) = (self.clocks.now(), self.clocks.since_boot());
        let is_paused = self.is_paused;
        let Some(app) = &mut self.app else { return };
        let Due { mut card, mut alone } = if is_paused { Due::default() } else { app.board.due(since_boot) };
        let may_show = |row: &Notification, board: &mut Board, ledger: &Ledger| {
            let may = ledger.record_showing(row.id, at).expect("the ledger can be written");
            if !may {
                board.drop_waiting(row);
            }
            may
        };
        card.retain(|row| may_show(row, &mut app.board, &app.ledger));
        alone.retain(|row| may_show(row, &mut app.board, &app.ledger));
        if !card.is_empty() || app.board.card() == Card::Outdated {
            let whole = app.board.on_card().chain(&card).map(|row| row.id).collect();
            if self.ask(&card, true, at, |screen| screen.card = whole) {
                return;
            }
            let Some(app) = &mut self.app else { return };
            app.board.shown_on_card(card);
        }
        for row in &alone {
            let id = row.id;
            if self.ask(std::slice::from_ref(row), false, at, |screen| _ = screen.popups.insert(id)) {
                return;
            }
            let Some(app) = &mut self.app else { return };
            app.board.shown_alone(row);
        }
        self.remember();
    }

    /// Asks the OS for a popup that stands for `rows`. Answers whether the program died of it.
    fn ask(&mut self, rows: &[Notification], on_card: bool, at: Timestamp, show: impl FnOnce(&mut Screen)) -> bool {
        if !rows.is_empty() && self.death == Some(Death::BeforeShowing) {
            self.end();
            return true;
        }
        show(&mut self.screen);
        for row in rows {
            *self.screen.presented.entry(row.id).or_default() += 1;
        }
        let is_over = rows.iter().any(|row| self.knows_over(row));
        let boot = self.clocks.boot();
        let is_in_place =
            |row: &Notification| self.hearing.belongs_on_card(row, boot) == on_card && !self.hearing.is_too_old(row.id);
        let is_in_place = rows.iter().all(is_in_place);
        self.shown.push(Shown { rows: rows.to_vec(), on_card, is_over, is_in_place });
        self.hearing.shown.extend(rows.iter().map(|row| row.id));
        if !rows.is_empty() && self.death == Some(Death::AfterShowing) {
            for row in rows {
                *self.screen.excused.entry(row.id).or_default() += 1;
            }
            self.end();
            return true;
        }
        let Some(app) = &self.app else { return true };
        for row in rows {
            app.ledger.record_shown(row.id, at).expect("the ledger can be written");
        }
        false
    }

    /// Whether the device was told that a row no longer holds.
    fn knows_over(&self, row: &Notification) -> bool {
        let supersedes = |other: &Value| {
            other["event_id"].as_str() == row.event.id.as_deref()
                && other["seq"].as_u64() > Some(row.seq)
                && other["parent_id"].is_null()
                && matches!(other["notification_type"].as_str(), Some("moved" | "cancelled" | "unassigned"))
        };
        self.mirror.get(&row.id.to_string()).is_some_and(|row| settled(row).is_some())
            || self.mirror.values().any(supersedes)
    }

    pub(crate) fn pause(&mut self, is_paused: bool) {
        if let Some(app) = &mut self.app {
            if is_paused && !self.is_paused {
                app.board.hold();
                self.hearing.rows.values_mut().for_each(|place| place.on_card = true);
            }
            self.is_paused = is_paused;
        }
    }

    /// A popup leaves the screen by its person's hand. Answers what it stood for.
    pub(crate) fn close(&mut self, place: usize) -> Vec<NotificationId> {
        let at = self.clocks.now();
        let Some(app) = &mut self.app else { return Vec::new() };
        let popup = self.screen.popups.iter().nth(place).copied();
        let rows = match popup {
            Some(id) => {
                app.board.closed(id);
                self.screen.popups.remove(&id);
                vec![id]
            }
            None => {
                self.screen.card.clear();
                app.board.card_closed()
            }
        };
        self.hearing.closed.extend(&rows);
        for id in &rows {
            app.ledger.record_closed(*id, at).expect("the ledger can be written");
        }
        rows
    }

    /// This moment, as its program knows it.
    fn moment(&self) -> Moment {
        let now = Moment { since_boot: self.clocks.since_boot(), hub: self.clocks.now() };
        self.app.as_ref().map_or(now, |app| app.hub_clock.moment(&self.clocks))
    }

    fn remember(&mut self) {
        let Some(app) = &mut self.app else { return };
        if let Some(cursor) = app.board.cursor() {
            app.ledger.advance(cursor.seq, cursor.last_id, cursor.change).expect("the ledger can be written");
        }
    }

    fn keep_older(&mut self) {
        let Some(app) = &self.app else { return };
        let resume = app.board.resume();
        if resume.since.is_some() && self.older.last() != Some(&resume) {
            self.older.push(resume);
        }
    }
}
