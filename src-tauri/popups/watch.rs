//! The desktop's own session with the hub: notifications in, popups out, choices back.
//!
//! One task owns the board, the record and the session. What was shown is recorded in the order
//! that makes "at most once" hold: `showing` before the OS is asked, `shown` after. It waits for no
//! hub: popups are closed and chosen on while one elsewhere is being looked for.

use std::sync::Arc;
use std::time::Duration;

use rappel_link::board::{Board, Card, Due};
use rappel_link::frame::{Frame, Notification, Trouble};
use rappel_link::{Backoff, Clock, HubClock, Incoming, Link, Moment, NotificationId, SystemClock, Timestamp, Zone};
use serde_json::json;
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use knocks::Knocks;
use without_hub::WithoutHub;

use super::choices::Choices;
use super::line::{Line, LineNews};
use super::receipts::Receipts;
use super::record::Record;
use super::{CARD, Choice, KNOCK, Popup, PopupEvent, Popups, Screen, TROUBLE, Tag, wording};
use crate::contact::{Contact, Why};
use crate::desk::Situation;

/// How long "In 5 min" is.
const SNOOZE_MINUTES: u32 = 5;
/// The page of the window that lists notifications.
const INBOX: &str = "/notifications";
/// The close code of a session whose device is revoked.
const REVOKED: u16 = 1008;
/// The pause before a refused popup is tried again, when nothing else asks for it.
const POPUPS_RETRY: Duration = Duration::from_secs(30);
/// The pause before receipts that the hub did not take are handed over again.
const RECEIPTS_RETRY: Duration = Duration::from_secs(1);
/// The pause before a choice that did not reach the hub is told again, with a session open.
const CHOICES_RETRY: Duration = Duration::from_secs(2);
/// What was chosen right before the end is told within this time, or not at all.
const LAST_CHOICES_WITHIN: Duration = Duration::from_secs(2);

/// What the task is made of.
pub(crate) struct Watch {
    pub(crate) link: Link,
    /// Pauses between attempts to reach the hub; woken when there is reason to try at once.
    pub(crate) backoff: Backoff,
    pub(crate) record: Record,
    /// The clocks of this machine.
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) popups: Arc<dyn Popups>,
    pub(crate) events: mpsc::Receiver<PopupEvent>,
    pub(crate) situation: watch::Sender<Situation>,
    /// The person is looking: try again what could not be shown.
    pub(crate) nudge: Arc<Notify>,
    pub(crate) screen: Box<dyn Screen>,
}

/// What is left when nobody follows the hub any more.
pub(crate) struct Rest {
    /// For whoever follows a hub next.
    pub(crate) events: mpsc::Receiver<PopupEvent>,
    /// The popups that are still on the screen.
    pub(crate) on_screen: Vec<Tag>,
}

/// Follows the hub until `stop`.
pub(crate) async fn follow(watch: Watch, stop: CancellationToken) -> Rest {
    let mut situations = watch.situation.subscribe();
    let is_paused = situations.borrow_and_update().paused;
    let mut follower = Follower::new(watch, is_paused);
    loop {
        let may_tell = follower.may_tell();
        tokio::select! {
            () = stop.cancelled() => return follower.end().await,
            news = follower.line.news(&follower.watch.link) => follower.line_news(news).await,
            Some(event) = follower.watch.events.recv() => follower.event(event).await,
            Ok(()) = situations.changed() => {
                let is_paused = situations.borrow_and_update().paused;
                follower.pause(is_paused);
            }
            () = follower.watch.nudge.notified() => follower.blocked_until = None,
            () = until(follower.blocked_until) => follower.blocked_until = None,
            () = tokio::time::sleep(RECEIPTS_RETRY), if follower.owes_receipts() => {}
            told = follower.choices.tell(&follower.watch.link), if may_tell => {
                follower.silent_until = told.is_err().then(|| Instant::now() + CHOICES_RETRY);
            }
            () = until(follower.silent_until) => follower.silent_until = None,
            task = follower.without_hub.task(&follower.watch.link) => follower.without_hub(task).await,
        }
        follower.show_due().await;
        follower.hand_over_receipts();
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
    /// By which it is known how old a notification is. Until the hub has spoken, this machine's own.
    hub_clock: HubClock,
    line: Line,
    receipts: Receipts,
    choices: Choices,
    /// The hub could not be told of a choice; before then nobody tries again.
    silent_until: Option<Instant>,
    /// Popups cannot be shown; asking again before then would only be refused again.
    blocked_until: Option<Instant>,
    is_paused: bool,
    /// What the hub can store nothing for, as long as nobody was told.
    untold: Option<Trouble>,
    knocks: Knocks,
    without_hub: WithoutHub,
}

impl Follower {
    fn new(mut watch: Watch, is_paused: bool) -> Self {
        let board = Board::new(watch.record.cursor());
        let line = Line::begin(std::mem::take(&mut watch.backoff), board.resume());
        Self {
            hub_clock: HubClock::heard(watch.clock.now(), &*watch.clock),
            watch,
            board,
            line,
            receipts: Receipts::default(),
            choices: Choices::default(),
            silent_until: None,
            blocked_until: None,
            is_paused,
            untold: None,
            knocks: Knocks::default(),
            without_hub: WithoutHub::default(),
        }
    }

    async fn line_news(&mut self, news: LineNews) {
        match news {
            LineNews::Opened => {
                self.receipts.begin();
                self.silent_until = None;
            }
            LineNews::Failed(error) => {
                tracing::warn!(%error, "no session with the hub");
                self.away(Why::of(&error));
            }
            LineNews::Incoming(incoming) => self.incoming(incoming).await,
        }
    }

    /// The session is over; another one is wanted.
    fn lost(&mut self, why: Why) {
        self.line.lost(self.board.resume());
        self.away(why);
    }

    async fn incoming(&mut self, incoming: Incoming) {
        let text = match incoming {
            Incoming::Frame(text) => text,
            Incoming::Closed(code) => {
                tracing::info!(code, "the session with the hub has ended");
                return self.lost(if code == REVOKED { Why::SignedOut } else { Why::Silent });
            }
        };
        match serde_json::from_str::<Frame>(&text) {
            Ok(frame) => self.frame(frame).await,
            Err(error) => tracing::error!(%error, "a frame of the hub cannot be read"),
        }
    }

    async fn frame(&mut self, frame: Frame) {
        match frame {
            Frame::ConnectionEstablished { unread_count, seq, change, now, hub } => {
                self.hub_clock = HubClock::heard(now, &*self.watch.clock);
                self.contact(|_| Contact::Open);
                self.hub_is_back().await;
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
                for id in self.board.arrived(*notification, done, self.is_paused, self.moment()) {
                    self.take_down(id).await;
                }
                self.unread(unread_count);
                self.hub_has_changed();
            }
            Frame::NotificationUpdated { notification, unread_count } => {
                self.updated(&notification).await;
                self.unread(unread_count);
                self.hub_has_changed();
            }
            Frame::UnreadCountUpdated { unread_count, change } => {
                self.board.all_read(change);
                self.unread(unread_count);
                self.hub_has_changed();
            }
            Frame::EventChanged | Frame::EventDeleted => self.hub_has_changed(),
            Frame::HubTrouble { trouble } => self.trouble(trouble).await,
            Frame::SnapshotRequired => self.start_over().await,
            Frame::ClockWanted => self.tell_time().await,
            Frame::JoinRequests { requests } => self.waiting_are(requests).await,
            Frame::Other => {}
        }
        self.remember();
    }

    async fn tell_time(&mut self) {
        let now = self.now();
        if let Some(session) = self.line.session()
            && let Err(error) = session.tell_time(now).await
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
        self.watch.record.closed(id, self.now());
        self.watch.popups.close(&id.to_string()).await;
        if self.board.card() == Card::Over {
            self.board.card_closed();
            self.watch.popups.close(CARD).await;
        }
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
            self.watch.record.closed(*id, self.now());
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
            if !self.chosen_without_hub(id, choice == Choice::Snooze) {
                self.choices.add(id, what, body.clone());
            }
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
        let since_boot = self.watch.clock.since_boot();
        let Due { mut card, mut alone } = if self.is_paused { Due::default() } else { self.board.due(since_boot) };
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
        let may = self.watch.record.may_show(row.id, self.now());
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
            self.watch.record.shown(row.id, self.now());
        }
        self.shown_without_hub(&rows.iter().map(|row| row.id).collect::<Vec<_>>());
        true
    }

    /// What this machine's own clock shows.
    fn now(&self) -> Timestamp {
        self.watch.clock.now()
    }

    /// This moment, whatever that clock shows.
    fn moment(&self) -> Moment {
        self.hub_clock.moment(&*self.watch.clock)
    }

    /// Writes down how far this desktop is done.
    fn remember(&mut self) {
        if let Some(cursor) = self.board.cursor()
            && self.watch.record.done(cursor)
        {
            self.receipts.safe(cursor.seq);
        }
    }

    fn owes_receipts(&mut self) -> bool {
        self.line.session().is_some() && self.receipts.are_owed()
    }

    fn hand_over_receipts(&mut self) {
        if let Some(session) = self.line.session() {
            self.receipts.hand_over(session);
        }
    }

    /// Whether the hub can be told of a choice now.
    fn may_tell(&mut self) -> bool {
        self.line.session().is_some() && self.silent_until.is_none()
    }

    fn contact(&self, change: impl FnOnce(Contact) -> Contact) {
        self.watch.situation.send_if_modified(|now| {
            let contact = change(now.contact);
            std::mem::replace(&mut now.contact, contact) != contact
        });
    }

    fn away(&mut self, why: Why) {
        self.hub_is_away(why);
        let now = self.now();
        self.contact(|contact| contact.away(why, now));
        self.tell_synced();
    }

    /// Tells the hub what was chosen last, if it listens.
    async fn end(mut self) -> Rest {
        let last = async { while !self.choices.are_told() && self.choices.tell(&self.watch.link).await.is_ok() {} };
        if self.line.session().is_some() && tokio::time::timeout(LAST_CHOICES_WITHIN, last).await.is_err() {
            tracing::warn!("the app ends before the hub has heard of a choice");
        }
        let mut on_screen: Vec<Tag> = self.board.take_down_all().iter().map(NotificationId::to_string).collect();
        on_screen.extend(self.knocks.are(Vec::new()));
        on_screen.extend([CARD.to_owned(), TROUBLE.to_owned()]);
        Rest { events: self.watch.events, on_screen }
    }

    fn unread(&self, count: u64) {
        self.watch.situation.send_if_modified(|now| std::mem::replace(&mut now.unread, count) != count);
    }
}

/// What this machine's own clock shows, for whoever follows no hub.
pub(crate) fn now() -> Timestamp {
    SystemClock.now()
}

#[path = "knocks.rs"]
mod knocks;
#[path = "listed.rs"]
mod listed;
#[cfg(test)]
#[path = "watch_tests.rs"]
mod tests;
#[path = "without_hub.rs"]
mod without_hub;
