//! What a joined desktop does by itself: it keeps its replica up to date while there is a session, and
//! tells what is due while there is none.

use rappel_link::replica::{Look, Upkeep, Vigil};
use rappel_link::{Link, LinkError, NotificationId, Replica, Timestamp};
use serde_json::json;
use tokio::task::block_in_place;

use super::{Follower, SNOOZE_MINUTES};
use crate::contact::{Contact, Why};

/// Changes of events up to so many days ahead change what is kept: the earliest reminder is 28 days
/// before, and 30 days of reminders are kept.
const WATCHED_DAYS: i64 = 60;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What there is to do without the hub, or for when it is off.
#[derive(Default)]
pub(super) struct WithoutHub {
    vigil: Vigil,
    upkeep: Upkeep,
}

/// What is to be done now.
pub(super) enum Task {
    /// The replica says so.
    Look(Look),
    /// What was kept is what the hub gives out now, or could not be brought up to date.
    Kept(Result<(), LinkError>),
}

impl WithoutHub {
    /// Waits for the next task; for ever where the hub is in this process. May be dropped and called
    /// again.
    pub(super) async fn task(&mut self, link: &Link) -> Task {
        let Some(replica) = link.replica() else { return std::future::pending().await };
        tokio::select! {
            look = self.vigil.next(replica) => Task::Look(look),
            kept = self.upkeep.next(link, replica) => Task::Kept(kept),
        }
    }
}

impl Follower {
    fn replica(&self) -> Option<Replica> {
        self.watch.link.replica().cloned()
    }

    pub(super) async fn without_hub(&mut self, task: Task) {
        match task {
            Task::Look(Look::AskLine) => self.watch.link.look_again(),
            Task::Look(Look::Decide) => self.decide(),
            Task::Kept(Ok(())) => self.take_down_outdated().await,
            Task::Kept(Err(error)) => tracing::warn!(%error, "what is kept for when the hub is off is not up to date"),
        }
    }

    /// A session begins: from here on the hub decides.
    pub(super) async fn hub_is_back(&mut self) {
        self.without_hub.vigil.line_is_up();
        self.without_hub.upkeep.line_is_up();
        let Some(replica) = self.replica() else { return };
        replica.set_away(false);
        let now = self.moment().hub.as_ms();
        let (from, to) = (now - DAY_MS, now + WATCHED_DAYS * DAY_MS);
        let [from, to] = [from, to].map(|ms| Timestamp::clamped_from_ms(ms).to_string());
        let watch = json!({ "type": "watch_events", "from": from, "to": to });
        if let Some(session) = self.line.session()
            && let Err(error) = session.send(&watch.to_string()).await
        {
            tracing::warn!(%error, "changes of events are not heard of");
        }
    }

    /// There is no session: before long this desktop decides by itself.
    pub(super) fn hub_is_away(&mut self, why: Why) {
        self.without_hub.vigil.line_is_down();
        self.without_hub.upkeep.line_is_down();
        let Some(replica) = self.replica() else { return };
        if why == Why::SignedOut {
            // What is of an office is not for whoever has left it.
            written("forget", || replica.forget());
        }
        replica.set_away(why != Why::SignedOut);
    }

    /// Something has changed at the hub.
    pub(super) fn hub_has_changed(&mut self) {
        self.without_hub.upkeep.is_wanted();
    }

    /// Tells what is due.
    fn decide(&mut self) {
        let Some(replica) = self.replica() else { return };
        let Some(own) = written("decide", || replica.decide()) else { return };
        for id in own.said {
            self.watch.record.closed(id, self.now());
        }
        for (row, away) in own.told {
            if !self.watch.record.is_done(row.id) {
                self.board.decided(row, away || self.is_paused, self.watch.clock.since_boot());
            }
        }
        self.unread(block_in_place(|| replica.unread()));
    }

    /// These are on the screen: what of it was decided here, the hub is to hear of.
    pub(super) fn shown_without_hub(&mut self, ids: &[NotificationId]) {
        let Some(replica) = self.replica() else { return };
        for id in ids.iter().filter(|id| replica.is_own(**id)) {
            written("shown", || replica.shown(*id));
            self.hub_has_changed();
        }
    }

    /// Takes down what does not hold by what the hub gives out now.
    async fn take_down_outdated(&mut self) {
        let Some(replica) = self.replica() else { return };
        self.tell_synced();
        for id in written("outdated", || replica.outdated()).unwrap_or_default() {
            self.board.withdrawn(id);
            self.take_down(id).await;
        }
    }

    /// Keeps a choice here where the hub cannot be told of it, or may not know what it is about.
    /// Answers whether that is so.
    pub(super) fn chosen_without_hub(&mut self, id: NotificationId, is_snoozed: bool) -> bool {
        let Some(replica) = self.replica() else { return false };
        if self.line.session().is_some() && !replica.is_own(id) {
            return false;
        }
        let kept = written("choice", || match is_snoozed {
            true => replica.snooze(id, SNOOZE_MINUTES).map(|due| due.is_some()),
            false => replica.dismiss(id),
        });
        self.hub_has_changed();
        if self.line.session().is_none() {
            self.unread(block_in_place(|| replica.unread()));
        }
        kept.unwrap_or(false)
    }

    /// Says how old what is kept is.
    pub(super) fn tell_synced(&self) {
        let synced_at = self.replica().and_then(|replica| replica.synced_at());
        self.watch.situation.send_if_modified(|now| {
            // Of interest while the hub is away: then it is told at once, and not before.
            let is_news = matches!(now.contact, Contact::Away { .. }) && now.synced_at != synced_at;
            now.synced_at = synced_at;
            is_news
        });
    }
}

/// The answer of the replica; a failure is in the log.
fn written<T>(what: &str, call: impl FnOnce() -> Result<T, LinkError>) -> Option<T> {
    block_in_place(call).inspect_err(|error| tracing::error!(%error, what, "what is kept for when the hub is off")).ok()
}
