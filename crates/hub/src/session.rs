//! A session: one device that is told what concerns its person, over a socket or in this process.
//!
//! It never carries news itself. Woken, it reads what is beyond its cursor and sends that, in
//! order; so one that lags is merely behind, and nothing is skipped.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use rappel_core::notification::Notification;
use rappel_core::{NotificationId, Timestamp};
use rappel_store::{Caller, Error, Resume, Trouble, Updates};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::bulletin::{Bulletin, SharedFrame};
use crate::hub::Hub;
use crate::wire::frame::{ClientFrame, HubFrame, HubItem};
use crate::wire::joining::JoinRequestItem;
use crate::wire::{ErrorDetail, TroubleItem};

#[path = "session_visitors.rs"]
mod visitors;

/// Rows read at once.
const PAGE: usize = 200;
/// A watched event is announced at most once in this time.
const EVENTS_EVERY: Duration = Duration::from_millis(250);
/// Notifications that one frame may name.
const NAMED_MAX: usize = 500;

/// What carries a session's frames.
pub(crate) trait Transport: Send {
    /// Hands a frame over.
    fn send(&mut self, frame: HubFrame) -> impl Future<Output = Result<(), Closed>> + Send;
    /// Hands over a frame that other sessions send, too.
    fn send_shared(&mut self, frame: &SharedFrame) -> impl Future<Output = Result<(), Closed>> + Send {
        self.send(frame.frame.clone())
    }
    /// Waits for what the other end wants. May be dropped while waiting without losing anything.
    fn receive(&mut self) -> impl Future<Output = Input> + Send;
    /// Asks whether the other end is still there; one that does not answer soon counts as gone.
    fn probe(&mut self) -> impl Future<Output = Result<(), Closed>> + Send;
    /// Whether the other end is on another machine, with a clock of its own.
    fn is_elsewhere(&self) -> bool;
    /// Says goodbye.
    fn close(&mut self, reason: CloseReason) -> impl Future<Output = ()> + Send;
}

/// Why nothing can be sent any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closed {
    /// The other end is not there.
    Gone,
    /// The other end does not take what it is sent.
    TooSlow,
}

/// What came from the other end.
#[derive(Debug)]
pub(crate) enum Input {
    Frame(ClientFrame),
    Unreadable(ErrorDetail),
    Gone,
}

/// Why the hub ends a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// 1001: the hub ends.
    GoingAway,
    /// 1008: the device was revoked.
    Revoked,
    /// 1009: a frame over 64 KiB.
    TooLarge,
    /// 1013: it does not take what it is sent; it can resume from its cursor.
    TooSlow,
}

/// What seldom concerns a session.
enum Seldom {
    Slept,
    Doubts,
    Trouble,
    Waiting,
}

enum End {
    Closed(Closed),
    Store(Error),
}

impl From<Closed> for End {
    fn from(closed: Closed) -> Self {
        Self::Closed(closed)
    }
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

struct Session<T> {
    hub: Hub,
    caller: Caller,
    transport: T,
    seq: u64,
    change: u64,
    watch: Option<Watch>,
    /// Those who wait, as they were last told.
    told_waiting: Vec<JoinRequestItem>,
}

/// The range of events that a session wants to hear of.
struct Watch {
    from: Timestamp,
    to: Timestamp,
    change: u64,
    /// When the next look at the store is allowed, if one is wanted.
    due: Option<Instant>,
    looked_at: Option<Instant>,
}

impl Hub {
    /// Runs a session until one side ends it, or `ending` says that the way to it is closed.
    pub(crate) async fn run_session<T: Transport>(
        &self,
        caller: Caller,
        resume: Option<Resume>,
        mut transport: T,
        ending: &CancellationToken,
    ) {
        // A hub that ends waits until its sessions have said goodbye.
        let _running = self.tasks().token();
        // Joined before anything is read, so that nothing falls between.
        let mut subscription = self.dispatch().subscribe(caller.actor.person, caller.device);
        match self.store().is_signed_in(caller).await {
            Ok(true) => {}
            Ok(false) => return transport.close(CloseReason::Revoked).await,
            Err(error) => tracing::error!(%error, "whether a device may go on cannot be known at present"),
        }
        let mut waiting = self.waiting_room().subscribe();
        waiting.mark_changed();
        let mut session =
            Session { hub: self.clone(), caller, transport, seq: 0, change: 0, watch: None, told_waiting: Vec::new() };
        // In this order: a session that has to end does not act once more. What was read after a
        // restore is only seen after the restore was announced, and so never sent from here.
        let ended = tokio::select! {
            biased;
            () = ending.cancelled() => Ok(CloseReason::GoingAway),
            _ = subscription.revoked.changed() => Ok(CloseReason::Revoked),
            _ = subscription.restored.changed() => Ok(CloseReason::GoingAway),
            ended = session.run(
                resume,
                &mut subscription.inbox,
                &mut subscription.events,
                &mut subscription.slept,
                &mut waiting,
            ) => ended,
        };
        match ended {
            Ok(reason) => session.transport.close(reason).await,
            Err(End::Closed(Closed::Gone)) => {}
            Err(End::Closed(Closed::TooSlow)) => session.transport.close(CloseReason::TooSlow).await,
            Err(End::Store(error)) => {
                tracing::error!(%error, "a session ended because the event store cannot be used");
                session.transport.close(CloseReason::GoingAway).await;
            }
        }
    }
}

impl<T: Transport> Session<T> {
    async fn run(
        &mut self,
        resume: Option<Resume>,
        inbox: &mut watch::Receiver<Option<Arc<Bulletin>>>,
        events: &mut watch::Receiver<()>,
        slept: &mut watch::Receiver<()>,
        waiting: &mut watch::Receiver<()>,
    ) -> Result<CloseReason, End> {
        let mut doubts = self.hub.clock().doubts();
        let mut trouble = self.hub.store().trouble();
        self.begin(resume, &mut trouble).await?;
        doubts.mark_changed();
        loop {
            let seldom = {
                // Waits on from one notification to the next: to begin to wait anew for each of these takes as long
                // as to write a notification.
                let mut seldom = pin!(async {
                    tokio::select! {
                        _ = slept.changed() => Seldom::Slept,
                        _ = doubts.changed() => Seldom::Doubts,
                        Ok(()) = trouble.changed() => Seldom::Trouble,
                        _ = waiting.changed() => Seldom::Waiting,
                    }
                });
                loop {
                    let events_due = self.watch.as_ref().and_then(|watch| watch.due);
                    tokio::select! {
                        seldom = &mut seldom => break seldom,
                        _ = inbox.changed() => {
                            let bulletin = inbox.borrow_and_update().clone();
                            self.inbox_changed(bulletin.as_deref()).await?;
                        }
                        // A look that is due already sees this change too: a session that watches is woken twice
                        // per look at most, and one that does not, never.
                        _ = events.changed(), if self.watch.as_ref().is_some_and(|watch| watch.due.is_none()) => {
                            self.events_changed();
                        }
                        () = until(events_due) => {
                            events.mark_unchanged();
                            self.flush_events().await?;
                        }
                        input = self.transport.receive() => match input {
                            Input::Gone => return Err(Closed::Gone.into()),
                            Input::Unreadable(error) => self.transport.send(HubFrame::Error { error }).await?,
                            Input::Frame(frame) => self.obey(frame).await?,
                        },
                    }
                }
            };
            match seldom {
                Seldom::Slept => self.transport.probe().await?,
                Seldom::Doubts => {
                    let is_doubted = *doubts.borrow_and_update();
                    if is_doubted && self.transport.is_elsewhere() {
                        self.transport.send(HubFrame::ClockWanted).await?;
                    }
                }
                Seldom::Trouble => self.send_trouble(&mut trouble).await?,
                Seldom::Waiting => self.send_join_requests().await?,
            }
        }
    }

    /// Says where things stand, and sends what came since the device's cursor.
    async fn begin(
        &mut self,
        resume: Option<Resume>,
        trouble: &mut watch::Receiver<Option<Trouble>>,
    ) -> Result<(), End> {
        let person = self.caller.actor.person;
        let store = self.hub.store().clone();
        let heads = store.heads(person).await?;
        (self.seq, self.change) = (heads.seq, heads.change);
        let identity = store.identity();
        self.transport
            .send(HubFrame::ConnectionEstablished {
                unread_count: heads.unread,
                seq: heads.seq,
                change: heads.change,
                now: self.hub.now().to_string(),
                hub: HubItem { id: identity.id.to_string(), epoch: identity.epoch, version: env!("CARGO_PKG_VERSION") },
            })
            .await?;
        if trouble.borrow().is_some() {
            self.send_trouble(trouble).await?;
        }
        let Some(resume) = resume else { return Ok(()) };
        if !store.can_resume(person, resume).await? {
            return Ok(self.transport.send(HubFrame::SnapshotRequired).await?);
        }

        let mut seq = resume.seq;
        while seq < heads.seq {
            let page = store.notifications_after(person, seq, PAGE).await?;
            seq = page.rows.last().map_or(heads.seq, |row| row.seq);
            for row in page.rows.into_iter().take_while(|row| row.seq <= heads.seq) {
                self.send_new(row, page.heads.unread).await?;
            }
        }
        // Rows after the device's cursor have just been sent as they are.
        let mut change = resume.change.unwrap_or(heads.change);
        while change < heads.change {
            let page = store.notifications_changed(person, resume.seq, change, PAGE).await?;
            let is_last = page.rows.len() < PAGE;
            change = if is_last { heads.change } else { page.rows.last().map_or(heads.change, |row| row.change) };
            for row in page.rows {
                self.send_updated(row, page.heads.unread).await?;
            }
        }
        self.flush().await
    }

    /// Sends what is beyond the cursor: what was just committed, where that is all.
    async fn inbox_changed(&mut self, bulletin: Option<&Bulletin>) -> Result<(), End> {
        let Some(bulletin) = bulletin.filter(|bulletin| bulletin.follows(self.seq, self.change)) else {
            return self.flush().await;
        };
        for (seq, frame) in bulletin.frames() {
            rappel_store::fault::point("read-not-sent");
            self.transport.send_shared(frame).await?;
            self.seq = seq;
        }
        self.change = bulletin.change();
        Ok(())
    }

    /// Reads and sends what is beyond the cursor.
    async fn flush(&mut self) -> Result<(), End> {
        loop {
            let store = self.hub.store().clone();
            let page = store.updates(self.caller.actor.person, self.seq, self.change, PAGE).await?;
            self.send_changed(&page).await?;
            if page.changed.len() == PAGE {
                continue;
            }
            let is_last = page.new.len() < PAGE;
            for row in page.new {
                let seq = row.seq;
                self.send_new(row, page.heads.unread).await?;
                self.seq = seq;
            }
            self.change = page.heads.change;
            if is_last {
                return Ok(());
            }
        }
    }

    /// Sends changed rows; those that "mark all read" changed by one frame for all of them.
    async fn send_changed(&mut self, page: &Updates) -> Result<(), End> {
        let bulk = page.bulk_read;
        let mut bulk_is_told = bulk.to <= self.change;
        for row in &page.changed {
            let is_bulk = row.change > bulk.from && row.change <= bulk.to;
            if !is_bulk {
                if row.change > bulk.to && !bulk_is_told {
                    bulk_is_told = true;
                    self.send_all_read(page).await?;
                }
                self.send_updated(row.clone(), page.heads.unread).await?;
                self.change = row.change;
            }
        }
        // A full page may end before them: then they are told with the next one.
        let reaches_bulk = page.changed.len() < PAGE || page.changed.last().is_some_and(|row| row.change > bulk.from);
        if !bulk_is_told && reaches_bulk {
            self.send_all_read(page).await?;
        }
        Ok(())
    }

    async fn send_all_read(&mut self, page: &Updates) -> Result<(), End> {
        let frame = HubFrame::UnreadCountUpdated { unread_count: page.heads.unread, change: page.bulk_read.to };
        self.transport.send(frame).await?;
        self.change = self.change.max(page.bulk_read.to);
        Ok(())
    }

    async fn send_trouble(&mut self, trouble: &mut watch::Receiver<Option<Trouble>>) -> Result<(), End> {
        let trouble = trouble.borrow_and_update().map(TroubleItem::from);
        Ok(self.transport.send(HubFrame::HubTrouble { trouble }).await?)
    }

    async fn send_new(&mut self, row: Notification, unread_count: u64) -> Result<(), End> {
        rappel_store::fault::point("read-not-sent");
        let frame = HubFrame::EventNotification { notification: Arc::new(row), unread_count };
        Ok(self.transport.send(frame).await?)
    }

    async fn send_updated(&mut self, row: Notification, unread_count: u64) -> Result<(), End> {
        let frame = HubFrame::NotificationUpdated { notification: Arc::new(row), unread_count };
        Ok(self.transport.send(frame).await?)
    }

    /// Does what a frame asks for; what it changes comes back through the store, like all news.
    async fn obey(&mut self, frame: ClientFrame) -> Result<(), End> {
        if let Err(error) = self.try_obey(frame).await {
            self.transport.send(HubFrame::Error { error }).await?;
        }
        Ok(())
    }

    async fn try_obey(&mut self, frame: ClientFrame) -> Result<(), ErrorDetail> {
        let hub = self.hub.clone();
        let _calm = hub.calm().await;
        let store = self.hub.store().clone();
        let (person, now) = (self.caller.actor.person, self.hub.now());
        let refused = |error: Error| crate::server::detail_of(error);
        match frame {
            ClientFrame::MarkRead { notification_id } => {
                store.mark_read(person, parse_id(&notification_id)?, now).await.map_err(refused)?;
            }
            ClientFrame::MarkAllRead {} => {
                store.mark_all_read(person, now).await.map_err(refused)?;
            }
            ClientFrame::Snooze { notification_id, minutes } => {
                store.snooze(person, parse_id(&notification_id)?, minutes, now).await.map_err(refused)?;
            }
            ClientFrame::Dismiss { notification_id } => {
                store.dismiss(person, parse_id(&notification_id)?, now).await.map_err(refused)?;
            }
            ClientFrame::Ack { seq } => {
                store.acknowledge(self.caller, seq, now).await.map_err(refused)?;
            }
            ClientFrame::Seen { notification_ids, ago_ms } => {
                let ids = parse_ids(&notification_ids)?;
                store.saw(self.caller, ids, TimeDelta::milliseconds(ago_ms.into()), now).await.map_err(refused)?;
            }
            ClientFrame::Clock { now } => {
                let theirs = parse_instant("now", &now)?;
                // This machine's own clock is no witness for itself.
                if self.transport.is_elsewhere() && self.hub.clock().compare(theirs) {
                    self.hub.look_again();
                }
            }
            ClientFrame::WatchEvents { from, to } => {
                let (from, to) = (parse_instant("from", &from)?, parse_instant("to", &to)?);
                self.watch = Some(match self.watch.take() {
                    // What changed under the range before and is not told yet is told under this one.
                    Some(watch) => Watch { from, to, ..watch },
                    None => {
                        let change = store.event_change().await.map_err(refused)?;
                        Watch { from, to, change, due: None, looked_at: None }
                    }
                });
            }
        }
        Ok(())
    }

    /// Some event changed: looks soon, but not more often than is allowed.
    fn events_changed(&mut self) {
        if let Some(watch) = &mut self.watch {
            let earliest = watch.looked_at.map_or_else(Instant::now, |looked_at| looked_at + EVENTS_EVERY);
            watch.due.get_or_insert(earliest);
        }
    }

    async fn flush_events(&mut self) -> Result<(), End> {
        let Some(watch) = &mut self.watch else { return Ok(()) };
        watch.due = None;
        watch.looked_at = Some(Instant::now());
        let (changed, head) = self.hub.store().events_changed(watch.change, watch.from, watch.to).await?;
        watch.change = head;
        for event in changed {
            let event_id = event.id.to_string();
            let frame = if event.is_deleted {
                HubFrame::EventDeleted { event_id }
            } else {
                HubFrame::EventChanged { event_id, revision: event.revision }
            };
            self.transport.send(frame).await?;
        }
        Ok(())
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

fn parse_id(text: &str) -> Result<NotificationId, ErrorDetail> {
    text.parse().map_err(|_| crate::server::detail_of(Error::NotFound))
}

fn parse_ids(texts: &[String]) -> Result<Vec<NotificationId>, ErrorDetail> {
    let wrong = |reason: String| crate::server::detail_of(rappel_core::Invalid::new("notification_ids", reason).into());
    if texts.len() > NAMED_MAX {
        return Err(wrong(format!("must name at most {NAMED_MAX}")));
    }
    let parse = |text: &String| text.parse().map_err(|_| wrong("has what is no notification's id".to_owned()));
    texts.iter().map(parse).collect()
}

fn parse_instant(field: &str, text: &str) -> Result<Timestamp, ErrorDetail> {
    Timestamp::parse_rfc3339(text).ok_or_else(|| {
        let invalid = rappel_core::Invalid::new(field, "must be a time such as 2026-11-23T09:00:00Z");
        crate::server::detail_of(invalid.into())
    })
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
