//! The desktop's own session with the hub: notifications in, popups out, choices back.
//!
//! One task owns the board, the ledger and the session. What was shown is recorded in the order
//! that makes "at most once" hold: `showing` before the OS is asked, `shown` after.

use std::sync::Arc;
use std::time::Duration;

use rappel_link::frame::{Frame, Notification};
use rappel_link::{Incoming, Ledger, Link, LinkError, Locale, NotificationId, Request, Session, Timestamp};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::board::{Board, Due};
use super::{CARD, Choice, Popup, PopupEvent, Popups, TEST, wording};
use crate::desk::Situation;

/// How long "In 5 min" is.
const SNOOZE_MINUTES: u32 = 5;
/// The page of the window that lists notifications.
const INBOX: &str = "/notifications";
/// The pause before the hub is asked again for a session.
const RETRY: Duration = Duration::from_secs(2);

/// What the task is made of.
pub(crate) struct Watch {
    pub(crate) link: Link,
    pub(crate) ledger: Ledger,
    pub(crate) popups: Arc<dyn Popups>,
    pub(crate) events: mpsc::Receiver<PopupEvent>,
    pub(crate) situation: watch::Sender<Situation>,
    /// The person is looking: try again what could not be shown.
    pub(crate) nudge: Arc<Notify>,
    /// The language of the buttons.
    pub(crate) locale: Box<dyn Fn() -> Locale + Send + Sync>,
    /// Shows a page of the window.
    pub(crate) open: Box<dyn Fn(&str) + Send + Sync>,
}

/// Follows the hub until `stop`. Gives the events back, for the next one to follow.
pub(crate) async fn follow(watch: Watch, stop: CancellationToken) -> mpsc::Receiver<PopupEvent> {
    let cursor = watch.ledger.cursor().unwrap_or_else(|error| {
        tracing::error!(%error, "the ledger of popups cannot be read");
        None
    });
    let mut paused = watch.situation.subscribe();
    let is_paused = paused.borrow_and_update().paused;
    let mut follower = Follower {
        board: Board::new(cursor),
        watch,
        session: None,
        retry_at: Instant::now(),
        blocked: false,
        is_paused,
    };
    loop {
        if follower.session.is_none() && Instant::now() >= follower.retry_at {
            follower.connect().await;
        }
        tokio::select! {
            () = stop.cancelled() => return follower.watch.events,
            incoming = next(&mut follower.session) => follower.incoming(incoming).await,
            Some(event) = follower.watch.events.recv() => follower.event(event).await,
            Ok(()) = paused.changed() => {
                let now_paused = paused.borrow_and_update().paused;
                follower.pause(now_paused);
            }
            () = follower.watch.nudge.notified() => follower.blocked = false,
            () = tokio::time::sleep_until(follower.retry_at), if follower.session.is_none() => {}
        }
        follower.show_due().await;
    }
}

/// The next of a session that may not be there.
async fn next(session: &mut Option<Session>) -> Incoming {
    match session {
        Some(session) => session.next().await,
        None => std::future::pending().await,
    }
}

struct Follower {
    watch: Watch,
    board: Board,
    session: Option<Session>,
    retry_at: Instant,
    /// Popups cannot be shown; asking again would only be refused again.
    blocked: bool,
    is_paused: bool,
}

impl Follower {
    async fn connect(&mut self) {
        self.retry_at = Instant::now() + RETRY;
        match self.watch.link.open_session(self.board.resume()).await {
            Ok(session) => self.session = Some(session),
            Err(error) => {
                tracing::warn!(%error, "no session with the hub");
                self.reachable(false);
            }
        }
    }

    async fn incoming(&mut self, incoming: Incoming) {
        let text = match incoming {
            Incoming::Frame(text) => text,
            Incoming::Closed(code) => {
                tracing::info!(code, "the session with the hub has ended");
                self.session = None;
                self.retry_at = Instant::now() + RETRY;
                return self.reachable(false);
            }
        };
        match serde_json::from_str::<Frame>(&text) {
            Ok(frame) => self.frame(frame).await,
            Err(error) => tracing::error!(%error, "a frame of the hub cannot be read"),
        }
    }

    async fn frame(&mut self, frame: Frame) {
        match frame {
            Frame::ConnectionEstablished { unread_count, seq, change } => {
                self.board.connected(seq, change);
                self.reachable(true);
                self.unread(unread_count);
            }
            Frame::EventNotification { notification, unread_count } => {
                self.blocked = false;
                let seen = self.is_shown(notification.id);
                self.board.arrived(*notification, seen, self.is_paused, now());
                self.unread(unread_count);
            }
            Frame::NotificationUpdated { notification, unread_count } => {
                self.close_settled(&notification).await;
                self.unread(unread_count);
            }
            Frame::UnreadCountUpdated { unread_count, change } => {
                self.board.all_read(change);
                self.unread(unread_count);
            }
            Frame::SnapshotRequired => {
                if let Err(error) = self.start_over().await {
                    tracing::warn!(%error, "the hub's list of notifications cannot be read");
                    self.session = None;
                }
            }
            Frame::Other => {}
        }
        self.remember();
    }

    async fn close_settled(&mut self, row: &Notification) {
        if self.board.updated(row) {
            self.board.closed(row.id);
            self.watch.popups.close(&row.id.to_string()).await;
        }
        if self.board.settled_on_card(row) {
            self.watch.popups.close(CARD).await;
        }
    }

    /// Reads the list in place of a replay: the hub does not know where this desktop stood.
    async fn start_over(&mut self) -> Result<(), LinkError> {
        #[derive(Deserialize)]
        struct Listed {
            notifications: Vec<Notification>,
            unread_count: u64,
            seq: u64,
            change: u64,
        }
        let answer = self.watch.link.call(Request::get("/api/notifications?limit=200")).await?;
        let listed: Listed = serde_json::from_value(answer.body)
            .map_err(|error| LinkError::Unreachable(format!("its list cannot be read: {error}")))?;
        let rows = listed.notifications.into_iter().map(|row| {
            let seen = self.is_shown(row.id);
            (row, seen)
        });
        let rows = rows.collect();
        self.board.restarted(listed.seq, listed.change, rows, now());
        self.unread(listed.unread_count);
        Ok(())
    }

    async fn event(&mut self, event: PopupEvent) {
        match event {
            PopupEvent::Available => self.blocked = false,
            PopupEvent::Closed { tag } => {
                self.closed(&tag);
            }
            PopupEvent::Chosen { tag, choice } => {
                let page = self.closed(&tag);
                self.chosen(&tag, choice, &page).await;
            }
        }
    }

    /// A popup has left the screen. Answers the page that shows what it was about.
    fn closed(&mut self, tag: &str) -> String {
        if tag == CARD {
            self.board.card_closed();
            return INBOX.to_owned();
        }
        let event = tag.parse().ok().and_then(|id| self.board.closed(id));
        event.map_or_else(|| INBOX.to_owned(), |event| format!("/events/{event}"))
    }

    async fn chosen(&mut self, tag: &str, choice: Choice, page: &str) {
        if choice == Choice::Open {
            (self.watch.open)(page);
        }
        if matches!(tag, CARD | TEST) {
            return;
        }
        match choice {
            Choice::Dismiss => self.tell_hub(tag, "dismiss", None).await,
            Choice::Snooze => self.tell_hub(tag, "snooze", Some(json!({ "minutes": SNOOZE_MINUTES }))).await,
            Choice::Open => self.tell_hub(tag, "read", None).await,
        }
    }

    async fn tell_hub(&mut self, id: &str, what: &str, body: Option<serde_json::Value>) {
        match self.watch.link.call(Request::post(format!("/api/notifications/{id}/{what}"), body)).await {
            Ok(answer) if answer.is_success() => {}
            Ok(answer) => tracing::warn!(status = answer.status, what, "the hub did not take a choice"),
            Err(error) => tracing::error!(%error, what, "a choice did not reach the hub"),
        }
    }

    fn pause(&mut self, paused: bool) {
        if paused && !self.is_paused {
            self.board.hold();
        }
        self.is_paused = paused;
    }

    async fn show_due(&mut self) {
        if self.is_paused || self.blocked {
            return;
        }
        let Due { card, alone } = self.board.due(now());
        let locale = (self.watch.locale)();
        if !card.is_empty() && self.show(wording::card(&card, locale, &jiff::tz::TimeZone::system()), &card).await {
            self.board.shown_on_card(&card);
        }
        for row in &alone {
            if self.show(wording::popup(row, locale), std::slice::from_ref(row)).await {
                self.board.shown_alone(row);
            }
        }
        if !(card.is_empty() && alone.is_empty()) {
            self.remember();
        }
    }

    /// Shows one popup that stands for `rows`. Answers whether it is on screen.
    async fn show(&mut self, popup: Popup, rows: &[Notification]) -> bool {
        if self.blocked {
            return false;
        }
        for row in rows {
            if let Err(error) = self.watch.ledger.record_showing(row.id) {
                tracing::error!(%error, "the ledger of popups cannot be written");
                return false;
            }
        }
        if let Err(problem) = self.watch.popups.show(popup).await {
            tracing::warn!(code = problem.code, %problem, "a popup could not be shown");
            self.blocked = true;
            return false;
        }
        for row in rows {
            if let Err(error) = self.watch.ledger.record_shown(row.id) {
                tracing::error!(%error, "the ledger of popups cannot be written");
            }
        }
        true
    }

    fn is_shown(&self, id: NotificationId) -> bool {
        self.watch.ledger.is_shown(id).unwrap_or_else(|error| {
            tracing::error!(%error, "the ledger of popups cannot be read");
            false
        })
    }

    /// Writes down how far this desktop is done.
    fn remember(&mut self) {
        let Some(cursor) = self.board.cursor() else { return };
        if let Err(error) = self.watch.ledger.advance(cursor.seq, cursor.last_id, cursor.change) {
            tracing::error!(%error, "the ledger of popups cannot be written");
        }
    }

    fn reachable(&self, reachable: bool) {
        self.watch.situation.send_if_modified(|now| std::mem::replace(&mut now.reachable, reachable) != reachable);
    }

    fn unread(&self, count: u64) {
        self.watch.situation.send_if_modified(|now| std::mem::replace(&mut now.unread, count) != count);
    }
}

/// The one place in which the desktop asks what time it is.
#[expect(clippy::disallowed_methods, reason = "how old a notification is, on this desktop's own clock")]
fn now() -> Timestamp {
    Timestamp::clamped_from_ms(jiff::Timestamp::now().as_millisecond())
}
