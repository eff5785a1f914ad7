//! The desktop's own session with the hub: notifications in, popups out, choices back.
//!
//! One task owns the board, the record and the session. What was shown is recorded in the order
//! that makes "at most once" hold: `showing` before the OS is asked, `shown` after.

use std::sync::Arc;
use std::time::Duration;

use rappel_link::board::{Board, Card, Due};
use rappel_link::frame::{Frame, Notification, Trouble};
use rappel_link::{Incoming, Link, LinkError, NotificationId, Request, Session, Timestamp, Zone};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use knocks::Knocks;

use super::receipts::Receipts;
use super::record::Record;
use super::{CARD, Choice, KNOCK, Popup, PopupEvent, Popups, Screen, TROUBLE, wording};
use crate::desk::Situation;

/// How long "In 5 min" is.
const SNOOZE_MINUTES: u32 = 5;
/// The page of the window that lists notifications.
const INBOX: &str = "/notifications";
/// The pause before the hub is asked again for a session.
const RETRY: Duration = Duration::from_secs(2);

/// The pause before a refused popup is tried again, when nothing else asks for it.
const POPUPS_RETRY: Duration = Duration::from_secs(30);
/// The pause before receipts that the hub did not take are handed over again.
const RECEIPTS_RETRY: Duration = Duration::from_secs(1);

/// What the task is made of.
pub(crate) struct Watch {
    pub(crate) link: Link,
    pub(crate) record: Record,
    pub(crate) popups: Arc<dyn Popups>,
    pub(crate) events: mpsc::Receiver<PopupEvent>,
    pub(crate) situation: watch::Sender<Situation>,
    /// The person is looking: try again what could not be shown.
    pub(crate) nudge: Arc<Notify>,
    pub(crate) screen: Box<dyn Screen>,
}

/// Follows the hub until `stop`.
pub(crate) async fn follow(watch: Watch, stop: CancellationToken) {
    let mut situations = watch.situation.subscribe();
    let is_paused = situations.borrow_and_update().paused;
    let mut follower = Follower::new(watch, is_paused);
    loop {
        if follower.session.is_none() && Instant::now() >= follower.retry_at {
            follower.connect().await;
        }
        tokio::select! {
            () = stop.cancelled() => return,
            incoming = next(&mut follower.session) => follower.incoming(incoming).await,
            Some(event) = follower.watch.events.recv() => follower.event(event).await,
            Ok(()) = situations.changed() => {
                let is_paused = situations.borrow_and_update().paused;
                follower.pause(is_paused);
            }
            () = follower.watch.nudge.notified() => follower.blocked_until = None,
            () = tokio::time::sleep_until(follower.retry_at), if follower.session.is_none() => {}
            () = until(follower.blocked_until) => follower.blocked_until = None,
            () = tokio::time::sleep(RECEIPTS_RETRY), if follower.owes_receipts() => {}
        }
        follower.show_due().await;
        follower.hand_over_receipts();
    }
}

/// The next of a session that may not be there.
async fn next(session: &mut Option<Session>) -> Incoming {
    match session {
        Some(session) => session.next().await,
        None => std::future::pending().await,
    }
}

async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

/// What a popup that has left the screen was for.
struct Gone {
    /// The page that shows it.
    page: String,
    rows: Vec<NotificationId>,
}

struct Follower {
    watch: Watch,
    board: Board,
    session: Option<Session>,
    receipts: Receipts,
    retry_at: Instant,
    /// Popups cannot be shown; asking again before then would only be refused again.
    blocked_until: Option<Instant>,
    is_paused: bool,
    /// What the hub can store nothing for, as long as nobody was told.
    untold: Option<Trouble>,
    knocks: Knocks,
}

impl Follower {
    fn new(watch: Watch, is_paused: bool) -> Self {
        let board = Board::new(watch.record.cursor());
        let receipts = Receipts::default();
        Self {
            watch,
            board,
            session: None,
            receipts,
            retry_at: Instant::now(),
            blocked_until: None,
            is_paused,
            untold: None,
            knocks: Knocks::default(),
        }
    }

    async fn connect(&mut self) {
        self.retry_at = Instant::now() + RETRY;
        match self.watch.link.open_session(self.board.resume()).await {
            Ok(session) => {
                self.session = Some(session);
                self.receipts.begin();
            }
            Err(error) => {
                tracing::warn!(%error, "no session with the hub");
                self.reachable(false);
            }
        }
    }

    fn lost(&mut self) {
        self.session = None;
        self.retry_at = Instant::now() + RETRY;
        self.reachable(false);
    }

    async fn incoming(&mut self, incoming: Incoming) {
        let text = match incoming {
            Incoming::Frame(text) => text,
            Incoming::Closed(code) => {
                tracing::info!(code, "the session with the hub has ended");
                return self.lost();
            }
        };
        match serde_json::from_str::<Frame>(&text) {
            Ok(frame) => self.frame(frame).await,
            Err(error) => tracing::error!(%error, "a frame of the hub cannot be read"),
        }
    }

    async fn frame(&mut self, frame: Frame) {
        match frame {
            Frame::ConnectionEstablished { unread_count, seq, change, hub } => {
                self.reachable(true);
                // If there is some, it is said next.
                self.trouble(None).await;
                self.unread(unread_count);
                if self.watch.record.follow(hub, self.watch.link.person()) {
                    self.start_over().await;
                } else {
                    self.board.connected(seq, change);
                }
                self.look_who_still_waits().await;
            }
            Frame::EventNotification { notification, unread_count } => {
                self.blocked_until = None;
                let done = self.watch.record.is_done(notification.id);
                for id in self.board.arrived(*notification, done, self.is_paused, now()) {
                    self.take_down(id).await;
                }
                self.unread(unread_count);
            }
            Frame::NotificationUpdated { notification, unread_count } => {
                self.updated(&notification).await;
                self.unread(unread_count);
            }
            Frame::UnreadCountUpdated { unread_count, change } => {
                self.board.all_read(change);
                self.unread(unread_count);
            }
            Frame::HubTrouble { trouble } => self.trouble(trouble).await,
            Frame::SnapshotRequired => self.start_over().await,
            Frame::ClockWanted => self.tell_time().await,
            Frame::JoinRequests { requests } => self.waiting_are(requests).await,
            Frame::Other => {}
        }
        self.remember();
    }

    async fn tell_time(&mut self) {
        if let Some(session) = &mut self.session
            && let Err(error) = session.tell_time(now()).await
        {
            tracing::warn!(%error, "the hub was not told the time");
        }
    }

    /// The hub can store nothing, or can again.
    async fn trouble(&mut self, trouble: Option<Trouble>) {
        let is_news =
            self.watch.situation.send_if_modified(|now| std::mem::replace(&mut now.trouble, trouble) != trouble);
        if !is_news {
            return;
        }
        self.untold = trouble;
        if trouble.is_none() {
            self.watch.popups.close(TROUBLE).await;
        }
    }

    async fn updated(&mut self, row: &Notification) {
        self.board.updated(row);
        if row.is_settled() {
            self.take_down(row.id).await;
        }
    }

    /// What says this is to leave the screen. A card on which something is left is drawn again
    /// with what is due.
    async fn take_down(&mut self, id: NotificationId) {
        self.watch.record.closed(id, now());
        self.watch.popups.close(&id.to_string()).await;
        if self.board.card() == Card::Over {
            self.board.card_closed();
            self.watch.popups.close(CARD).await;
        }
    }

    /// Reads the list in place of a replay: the hub does not know where this desktop stood.
    async fn start_over(&mut self) {
        self.watch.record.forget_cursor();
        match self.listed().await {
            Ok(Listed { notifications, unread_count, seq, change }) => {
                let is_done = |row: Notification| {
                    let done = self.watch.record.is_done(row.id);
                    (row, done)
                };
                let rows = notifications.into_iter().map(is_done).collect();
                for id in self.board.restarted(seq, change, rows, now()) {
                    self.take_down(id).await;
                }
                self.unread(unread_count);
            }
            Err(error) => {
                tracing::warn!(%error, "the hub's list of notifications cannot be read");
                self.lost();
            }
        }
    }

    async fn listed(&mut self) -> Result<Listed, LinkError> {
        let answer = self.watch.link.call(Request::get("/api/notifications?limit=200")).await?;
        serde_json::from_value(answer.body).map_err(|error| LinkError::Unreachable(error.to_string()))
    }

    async fn event(&mut self, event: PopupEvent) {
        match event {
            PopupEvent::Available(available) => {
                self.blocked_until = (!available).then(|| Instant::now() + POPUPS_RETRY);
                self.watch.screen.popups_changed();
            }
            PopupEvent::Closed { tag } => {
                self.closed(&tag);
            }
            PopupEvent::Chosen { tag, choice } if tag.starts_with(KNOCK) => self.answer_knock(&tag, choice).await,
            PopupEvent::Chosen { tag, choice } => {
                let gone = self.closed(&tag);
                self.chosen(choice, gone).await;
            }
        }
    }

    /// A popup has left the screen.
    fn closed(&mut self, tag: &str) -> Gone {
        self.knocks.closed(tag);
        let (event, rows) = if tag == CARD {
            (None, self.board.card_closed())
        } else if let Ok(id) = tag.parse::<NotificationId>() {
            (self.board.closed(id), vec![id])
        } else {
            (None, Vec::new())
        };
        for id in &rows {
            self.watch.record.closed(*id, now());
        }
        let page = event.map_or_else(|| INBOX.to_owned(), |event| format!("/events/{event}"));
        Gone { page, rows }
    }

    async fn chosen(&mut self, choice: Choice, gone: Gone) {
        if choice == Choice::Open {
            self.watch.screen.open(&gone.page);
        }
        let (what, body) = match choice {
            // Whoever opens it has seen it: on every device.
            Choice::Dismiss | Choice::Open => ("dismiss", None),
            Choice::Snooze => ("snooze", Some(json!({ "minutes": SNOOZE_MINUTES }))),
            Choice::Accept | Choice::NotNow => return,
        };
        for id in gone.rows {
            self.tell(id, what, body.clone()).await;
        }
    }

    /// Tells the hub what was chosen for a notification.
    async fn tell(&mut self, id: NotificationId, what: &str, body: Option<Value>) {
        match self.watch.link.call(Request::post(format!("/api/notifications/{id}/{what}"), body)).await {
            Ok(answer) if answer.is_success() => {}
            Ok(answer) => tracing::warn!(status = answer.status, what, "the hub did not take a choice"),
            Err(error) => tracing::error!(%error, what, "a choice did not reach the hub"),
        }
    }

    fn pause(&mut self, is_paused: bool) {
        if is_paused && !self.is_paused {
            self.board.hold();
        }
        self.is_paused = is_paused;
    }

    async fn show_due(&mut self) {
        // Also while popups are held back: what is held back comes later, and this says that nothing will.
        if let Some(trouble) = self.untold
            && self.show(wording::trouble(trouble, self.watch.screen.locale()), &[]).await
        {
            self.untold = None;
        }
        if self.blocked_until.is_some() {
            return;
        }
        if !self.is_paused {
            self.show_knocks().await;
        }
        // While paused nothing new comes; the card on screen still loses what is settled.
        let Due { mut card, mut alone } = if self.is_paused { Due::default() } else { self.board.due(now()) };
        card.retain(|row| self.may_show(row));
        alone.retain(|row| self.may_show(row));
        let locale = self.watch.screen.locale();
        if !card.is_empty() || self.board.card() == Card::Outdated {
            // The card on screen is replaced by one that says what of it still holds, and more.
            let whole: Vec<Notification> = self.board.on_card().chain(&card).cloned().collect();
            // By the same rules as the hub where the system names its zone.
            let zone = Zone::system().map_or_else(jiff::tz::TimeZone::system, |zone| zone.rules().clone());
            let popup = wording::card(&whole, locale, &zone);
            if self.show(popup, &card).await {
                self.receipts.seen(wording::named_on_card(&whole).map(|row| row.id));
                self.board.shown_on_card(card);
            }
        }
        for row in &alone {
            if self.show(wording::popup(row, locale), std::slice::from_ref(row)).await {
                self.receipts.seen([row.id]);
                self.board.shown_alone(row);
            }
        }
        self.remember();
    }

    /// Writes down that the OS is about to be asked for it.
    fn may_show(&mut self, row: &Notification) -> bool {
        let may = self.watch.record.may_show(row.id, now());
        if may == Some(false) {
            self.board.drop_waiting(row);
        }
        may == Some(true)
    }

    /// Shows one popup that stands for `rows`. Answers whether it is on screen.
    async fn show(&mut self, popup: Popup, rows: &[Notification]) -> bool {
        if self.blocked_until.is_some() {
            return false;
        }
        if let Err(problem) = self.watch.popups.show(popup).await {
            tracing::warn!(%problem, "a popup could not be shown");
            self.blocked_until = Some(Instant::now() + POPUPS_RETRY);
            self.watch.screen.popups_changed();
            return false;
        }
        for row in rows {
            self.watch.record.shown(row.id, now());
        }
        true
    }

    /// Writes down how far this desktop is done.
    fn remember(&mut self) {
        if let Some(cursor) = self.board.cursor()
            && self.watch.record.done(cursor)
        {
            self.receipts.safe(cursor.seq);
        }
    }

    fn owes_receipts(&self) -> bool {
        self.session.is_some() && self.receipts.are_owed()
    }

    fn hand_over_receipts(&mut self) {
        if let Some(session) = &mut self.session {
            self.receipts.hand_over(session);
        }
    }

    fn reachable(&self, reachable: bool) {
        self.watch.situation.send_if_modified(|now| std::mem::replace(&mut now.reachable, reachable) != reachable);
    }

    fn unread(&self, count: u64) {
        self.watch.situation.send_if_modified(|now| std::mem::replace(&mut now.unread, count) != count);
    }
}

/// The hub's list of notifications, newest first.
#[derive(Deserialize)]
struct Listed {
    notifications: Vec<Notification>,
    unread_count: u64,
    seq: u64,
    change: u64,
}

/// The one place in which the desktop asks what time it is.
#[expect(clippy::disallowed_methods, reason = "how old a notification is, on this desktop's own clock")]
pub(crate) fn now() -> Timestamp {
    Timestamp::clamped_from_ms(jiff::Timestamp::now().as_millisecond())
}

#[path = "knocks.rs"]
mod knocks;
#[cfg(test)]
#[path = "watch_tests.rs"]
mod tests;
