//! Whether this machine is the hub, and for how long.
//!
//! A hub that has ever given a copy of itself away may have been followed while it was off, or
//! asleep. So it looks before it decides anything, and again every few seconds: where the copies
//! are, and where the network says that there is this hub. What is found there is asked over TLS,
//! where it proves the hub's own key; an announcement alone means nothing. Of two that both have the
//! key, the one in the higher epoch is the hub; in the same epoch, the one that has been running for
//! longer. The other one marks its data and serves nobody from then on.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use rappel_store::{Committed, CopyPlace};
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex as AsyncMutex, Notify, watch};
use tokio::time::timeout;
use uuid::Uuid;

use super::asking::HubLine;
use super::line::Connector;
use super::successor::Successor;
use crate::clock::Clock;
use crate::discovery::{self, Discovery};
use crate::hub::Hub;

/// How often a hub of which there are copies looks for another one.
const EVERY: Duration = Duration::from_secs(10);
/// What was found holds for this long, counted through sleep: then it looks before it decides.
const HOLDS_FOR: Duration = Duration::from_secs(45);
/// Whoever does not answer within this time is not there.
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);
/// How long the network is listened to before a hub decides anything for the first time.
const LISTENS_FOR: Duration = Duration::from_millis(1500);
/// How many places are looked at: whoever fills the network with names holds up little.
const PLACES_MAX: usize = 16;

/// What a hub says of itself to anybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reigning {
    /// Which hub.
    pub hub: Uuid,
    /// Its epoch; when another machine has followed it, the one in which it was itself.
    pub epoch: u64,
    /// Tells runs of the program apart, the earlier one by the lower number.
    pub since: Uuid,
    /// It is not the hub any more: the other one's epoch, and where that may be found.
    pub moved: Option<Moved>,
}

/// Another machine is the hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// In which epoch.
    pub epoch: u64,
    /// Where it may be found, `HOST:PORT`.
    pub addresses: Vec<String>,
}

impl Reigning {
    /// Whether this one is the hub, of two that have the key.
    fn outranks(&self, other: &Self) -> bool {
        self.moved.is_none() && (self.epoch, Reverse(self.since)) > (other.epoch, Reverse(other.since))
    }
}

/// What a hub knows of its being one.
#[derive(Debug)]
pub(crate) struct Reign {
    since: Uuid,
    successor: watch::Sender<Option<Successor>>,
    /// There are copies of it somewhere.
    has_copies: AtomicBool,
    /// When it last looked, by the boot clock.
    looked_at: Mutex<Option<Duration>>,
    looking: AsyncMutex<()>,
    look_now: Notify,
}

impl Reign {
    pub(crate) fn new(successor: Option<Successor>, has_copies: bool) -> Self {
        Self {
            since: Uuid::now_v7(),
            successor: watch::Sender::new(successor),
            has_copies: AtomicBool::new(has_copies),
            looked_at: Mutex::default(),
            looking: AsyncMutex::default(),
            look_now: Notify::new(),
        }
    }

    /// Who is the hub instead.
    pub(crate) fn successor(&self) -> Option<Successor> {
        self.successor.borrow().clone()
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.successor.borrow().is_some()
    }

    /// Done when this machine is not the hub any more.
    pub(crate) async fn ended(&self) {
        // The sender is there as long as whoever asks.
        let _ = self.successor.subscribe().wait_for(Option::is_some).await;
    }

    /// There is a copy of it from now on.
    pub(crate) fn has_been_copied(&self) {
        self.has_copies.store(true, Ordering::SeqCst);
    }

    pub(crate) fn look_now(&self) {
        self.look_now.notify_one();
    }

    fn looked_at(&self) -> Option<Duration> {
        *self.looked_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hub {
    /// Who is the hub in place of this machine; `None` as long as it is itself.
    #[must_use]
    pub fn successor(&self) -> Option<Successor> {
        self.reign().successor()
    }

    /// Who is the hub in place of this machine, now and from here on.
    #[must_use]
    pub fn succession(&self) -> watch::Receiver<Option<Successor>> {
        self.reign().successor.subscribe()
    }

    pub(crate) fn reigning(&self) -> Reigning {
        let identity = self.identity();
        let moved = self.reign().successor();
        let moved = moved.map(|successor| Moved { epoch: successor.epoch, addresses: successor.addresses });
        Reigning { hub: identity.id, epoch: identity.epoch, since: self.reign().since, moved }
    }

    /// Whether this machine is the hub, as far as can be known: looks before it answers, where it has
    /// not looked for a while.
    pub(crate) async fn still_reigns(&self) -> bool {
        if !self.has_looked_lately() {
            let is_first = self.reign().looked_at().is_none();
            let _turn = self.reign().looking.lock().await;
            // Somebody else may have looked meanwhile.
            if !self.has_looked_lately() && !self.reign().has_ended() {
                // Done seldom, and asked before each request: what it takes is no part of every one.
                Box::pin(self.look(if is_first { LISTENS_FOR } else { Duration::ZERO }, None)).await;
            }
        }
        !self.reign().has_ended()
    }

    fn has_looked_lately(&self) -> bool {
        let now = self.clock().since_boot();
        !self.reign().has_copies.load(Ordering::SeqCst)
            || self.reign().looked_at().is_some_and(|looked| now.saturating_sub(looked) <= HOLDS_FOR)
    }

    /// Looks for another hub until this one ends.
    pub(crate) async fn watch_for_others(self) {
        let mut discovery: Option<Discovery> = None;
        let stopping = self.stopping().clone();
        loop {
            let is_known_elsewhere = self.reign().has_copies.load(Ordering::SeqCst)
                || self.listeners().reached_at().is_some_and(|address| !address.ip().is_loopback());
            if is_known_elsewhere && discovery.is_none() {
                discovery = discovery::discover().ok();
            }
            let heard = async {
                match &mut discovery {
                    Some(discovery) => discovery.changed().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = stopping.cancelled() => return,
                () = self.reign().ended() => return,
                () = tokio::time::sleep(EVERY) => {}
                () = self.reign().look_now.notified() => {}
                () = heard => {}
            }
            if is_known_elsewhere {
                let _turn = self.reign().looking.lock().await;
                self.look(Duration::ZERO, discovery.as_ref()).await;
            }
        }
    }

    /// Asks wherever there may be another hub, and steps down if there is one that outranks it.
    async fn look(&self, listen: Duration, discovery: Option<&Discovery>) {
        let own = self.reigning();
        let known = self.places_of_copies().await.into_iter().map(|place| place.address);
        let found = match discovery {
            Some(discovery) => discovery.addresses_of(own.hub),
            None => Vec::new(),
        };
        let at_once: Vec<String> = known.chain(found).collect();
        let (first, heard) = tokio::join!(self.rival_at(&own, at_once), async {
            if listen.is_zero() { Vec::new() } else { discovery::addresses_of(own.hub, listen).await }
        });
        let rival = match first {
            Some(rival) => Some(rival),
            None => self.rival_at(&own, heard).await,
        };
        if let Some((address, rival)) = rival {
            self.give_way_to(&address, &rival).await;
        }
        *self.reign().looked_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.clock().since_boot());
    }

    async fn places_of_copies(&self) -> Vec<CopyPlace> {
        self.store().places_of_copies().await.unwrap_or_else(|error| {
            tracing::error!(%error, "where there are copies of this hub cannot be known at present");
            Vec::new()
        })
    }

    /// The highest of the hubs at these places that outrank this one.
    async fn rival_at(&self, own: &Reigning, mut places: Vec<String>) -> Option<(String, Reigning)> {
        places.dedup();
        places.truncate(PLACES_MAX);
        let key = self.key();
        let connector = Connector::new(&key, Some(key.pin())).ok()?;
        let asked = places.into_iter().map(|address| {
            let connector = connector.clone();
            async move {
                let asked = timeout(ANSWERS_WITHIN, async {
                    let line = connector.connect(&address).await.ok()?;
                    Some(HubLine::begin(line, &address).await.ok()?.reigning)
                });
                Some((address.clone(), asked.await.ok()??))
            }
        });
        let answers = join_all(asked).await.into_iter().flatten();
        let rivals = answers.filter(|(_, rival)| rival.hub == own.hub && rival.outranks(own));
        rivals.max_by_key(|(_, rival)| (rival.epoch, Reverse(rival.since)))
    }

    async fn give_way_to(&self, address: &str, rival: &Reigning) {
        let host = |address: &str| address.rsplit_once(':').map(|(host, _)| host.to_owned());
        let mut places = self.places_of_copies().await;
        places.retain(|place| host(&place.address) == host(address));
        let computer = places.into_iter().find_map(|place| place.computer);
        self.step_down(Successor {
            hub: rival.hub,
            epoch: rival.epoch,
            addresses: vec![address.to_owned()],
            computer,
            at_ms: self.now().as_ms(),
            handover: None,
        })
        .await;
    }

    /// Ceases to be the hub: nothing is decided, served or written from now on.
    pub(crate) async fn step_down(&self, successor: Successor) {
        tracing::warn!(
            epoch = successor.epoch,
            address = successor.addresses.first(),
            "another computer is the hub of this office: this one serves nobody any more"
        );
        if let Err(error) = successor.write(self.data_dir().path()) {
            tracing::error!(%error, "that this is not the hub any more cannot be written down");
        }
        if let Err(error) = self.store().freeze().await {
            tracing::error!(%error, "the event store could not be closed to writing");
        }
        self.reign().successor.send_replace(Some(successor));
        // Sessions end as they do before a restore: what they would read next is not theirs.
        self.dispatch().announce(Committed { restored: true, ..Committed::default() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reigning(epoch: u64, since: u128) -> Reigning {
        Reigning { hub: Uuid::nil(), epoch, since: Uuid::from_u128(since), moved: None }
    }

    #[test]
    fn of_two_hubs_exactly_one_outranks_the_other() {
        let cases = [reigning(1, 1), reigning(1, 2), reigning(2, 1), reigning(2, 9), reigning(1002, 3)];
        for one in &cases {
            assert!(!one.outranks(one), "nobody outranks themselves: it is the same run");
            for other in cases.iter().filter(|other| *other != one) {
                assert_ne!(one.outranks(other), other.outranks(one), "{one:?} and {other:?}");
            }
        }
    }

    #[test]
    fn the_epoch_decides_and_then_who_began_earlier() {
        assert!(reigning(2, 9).outranks(&reigning(1, 1)));
        assert!(reigning(2, 1).outranks(&reigning(2, 2)));
        let moved = Some(Moved { epoch: 9, addresses: Vec::new() });
        assert!(!Reigning { moved, ..reigning(8, 1) }.outranks(&reigning(1, 1)), "it is no hub any more");
    }
}
