//! Waking sessions: who is to look at the store again, and who may not go on.
//!
//! Nothing is sent from here. A wake-up is a hint; a session reads what is beyond its cursor, or takes
//! it from the bulletin that came with the wake-up, where that is all there is beyond it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rappel_core::{DeviceId, PersonId, Timestamp};
use rappel_store::{Committed, InboxChange};
use tokio::sync::{Notify, watch};

use crate::bulletin::Bulletin;

/// The sessions that are there, by what wakes them.
#[derive(Debug)]
pub(crate) struct Dispatch {
    inboxes: Topics<PersonId, Option<Arc<Bulletin>>>,
    revocations: Topics<DeviceId, ()>,
    events: watch::Sender<()>,
    names: watch::Sender<()>,
    restores: watch::Sender<()>,
    reminders: Notify,
    /// What is due only then or later needs not wake the scheduler: by then it looks anyway.
    scheduler_looks_at_ms: AtomicI64,
    sleep: watch::Sender<()>,
}

/// A session's place in the dispatch; dropping it leaves.
#[derive(Debug)]
pub(crate) struct Subscription {
    dispatch: Arc<Dispatch>,
    person: PersonId,
    device: DeviceId,
    /// Its person's notifications changed; with all of it, where that was new notifications alone.
    pub(crate) inbox: watch::Receiver<Option<Arc<Bulletin>>>,
    /// Some event changed.
    pub(crate) events: watch::Receiver<()>,
    /// Its device was revoked.
    pub(crate) revoked: watch::Receiver<()>,
    /// Everything was replaced by a backup.
    pub(crate) restored: watch::Receiver<()>,
    /// The machine may have slept, and the other end may be gone.
    pub(crate) slept: watch::Receiver<()>,
}

impl Dispatch {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            inboxes: Topics::default(),
            revocations: Topics::default(),
            events: watch::Sender::new(()),
            names: watch::Sender::new(()),
            restores: watch::Sender::new(()),
            reminders: Notify::new(),
            scheduler_looks_at_ms: AtomicI64::new(i64::MAX),
            sleep: watch::Sender::new(()),
        })
    }

    /// Joins. To be done before the store is read, so that nothing falls between.
    pub(crate) fn subscribe(self: &Arc<Self>, person: PersonId, device: DeviceId) -> Subscription {
        Subscription {
            dispatch: Arc::clone(self),
            person,
            device,
            inbox: self.inboxes.subscribe(person),
            events: self.events.subscribe(),
            revoked: self.revocations.subscribe(device),
            restored: self.restores.subscribe(),
            slept: self.sleep.subscribe(),
        }
    }

    /// Wakes those whom a commit concerns. Never blocks for long: it runs on the writing thread.
    pub(crate) fn announce(&self, committed: Committed) {
        // First: a session that is to end must not look again.
        if committed.restored {
            self.restores.send_replace(());
        }
        self.inboxes.wake(committed.inboxes.into_iter().map(|(person, change)| match change {
            InboxChange::Appended(appended) => (person, Some(Arc::new(Bulletin::new(appended)))),
            InboxChange::Other => (person, None),
        }));
        self.revocations.wake(committed.revoked.into_iter().map(|device| (device, ())));
        if committed.events {
            self.events.send_replace(());
        }
        if committed.renamed || committed.restored {
            self.names.send_replace(());
        }
        let looks_at_ms = self.scheduler_looks_at_ms.load(Ordering::SeqCst);
        if committed.restored || committed.first_due.is_some_and(|due| due.as_ms() < looks_at_ms) {
            self.reminders.notify_one();
        }
    }

    /// Wakes everybody, as if the machine had slept.
    pub(crate) fn look_again(&self) {
        self.reminders.notify_one();
        self.sleep.send_replace(());
    }

    /// Changes whenever the office may be called otherwise.
    pub(crate) fn names(&self) -> watch::Receiver<()> {
        self.names.subscribe()
    }

    /// Has the scheduler be woken by whatever is armed: it looks now.
    pub(crate) fn scheduler_looks(&self) {
        self.scheduler_looks_at_ms.store(i64::MAX, Ordering::SeqCst);
    }

    /// Waits until something was armed that is due before `next_look`. What was armed since the scheduler
    /// began to look counts, whenever it is due.
    pub(crate) async fn armed_before(&self, next_look: Timestamp) {
        self.scheduler_looks_at_ms.store(next_look.as_ms(), Ordering::SeqCst);
        self.reminders.notified().await;
    }

    /// Whether a device has a session open.
    pub(crate) fn is_connected(&self, device: DeviceId) -> bool {
        self.revocations.has(device)
    }

    /// How many devices have a session open.
    pub(crate) fn devices_connected(&self) -> usize {
        self.revocations.len()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.dispatch.inboxes.leave(self.person);
        self.dispatch.revocations.leave(self.device);
    }
}

/// Wake-ups by key, each with what woke. A key is there as long as somebody listens.
#[derive(Debug)]
struct Topics<K, V>(Mutex<HashMap<K, watch::Sender<V>>>);

impl<K, V> Default for Topics<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Copy + Eq + Hash, V: Default> Topics<K, V> {
    fn subscribe(&self, key: K) -> watch::Receiver<V> {
        self.lock().entry(key).or_insert_with(|| watch::Sender::new(V::default())).subscribe()
    }

    fn wake(&self, woken: impl IntoIterator<Item = (K, V)>) {
        let mut woken = woken.into_iter().peekable();
        if woken.peek().is_none() {
            return;
        }
        let topics = self.lock();
        for (key, what) in woken {
            if let Some(topic) = topics.get(&key) {
                topic.send_replace(what);
            }
        }
    }

    /// To be called while the leaving receiver still counts.
    fn leave(&self, key: K) {
        let mut topics = self.lock();
        if topics.get(&key).is_some_and(|topic| topic.receiver_count() <= 1) {
            topics.remove(&key);
        }
    }

    /// Keys that somebody listens to. Of two that leave at once neither may be the last, so a key
    /// can outlive them.
    fn len(&self) -> usize {
        self.lock().values().filter(|topic| topic.receiver_count() > 0).count()
    }

    fn has(&self, key: K) -> bool {
        self.lock().get(&key).is_some_and(|topic| topic.receiver_count() > 0)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, watch::Sender<V>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn committed(person: PersonId, device: DeviceId) -> Committed {
        let inboxes = [(person, InboxChange::Other)].into_iter().collect();
        Committed { inboxes, revoked: [device].into(), ..Committed::default() }
    }

    #[tokio::test]
    async fn a_commit_wakes_its_people_and_ends_revoked_devices() {
        let dispatch = Dispatch::new();
        let [ann, bob] = [1, 2].map(|n| PersonId::from_bytes([n; 16]));
        let [phone, laptop] = [3, 4].map(|n| DeviceId::from_bytes([n; 16]));
        let mut of_ann = dispatch.subscribe(ann, phone);
        let of_bob = dispatch.subscribe(bob, laptop);
        dispatch.announce(committed(ann, phone));
        of_ann.inbox.changed().await.unwrap();
        of_ann.revoked.changed().await.unwrap();
        assert!(!of_bob.inbox.has_changed().unwrap(), "it does not concern Bob");
        assert!(!of_bob.revoked.has_changed().unwrap(), "it does not concern his laptop");
    }

    #[test]
    fn the_scheduler_is_woken_by_what_is_due_before_it_looks_again() {
        let dispatch = Dispatch::new();
        let armed = |ms| Committed { first_due: Some(Timestamp::clamped_from_ms(ms)), ..Committed::default() };
        let is_woken = || {
            let waiting = std::pin::pin!(dispatch.armed_before(Timestamp::clamped_from_ms(1_000)));
            waiting.now_or_never().is_some()
        };
        dispatch.scheduler_looks();
        dispatch.announce(armed(5_000));
        assert!(is_woken(), "it came while the scheduler looked, which may have missed it");
        dispatch.announce(armed(1_000));
        assert!(!is_woken(), "by then it looks anyway");
        dispatch.announce(armed(999));
        assert!(is_woken());
        dispatch.announce(Committed { restored: true, ..Committed::default() });
        assert!(is_woken(), "of what was restored nobody said when it is due");
    }

    #[test]
    fn who_leaves_is_forgotten_and_others_stay() {
        let dispatch = Dispatch::new();
        let ann = PersonId::from_bytes([1; 16]);
        let [phone, laptop] = [3, 4].map(|n| DeviceId::from_bytes([n; 16]));
        let first = dispatch.subscribe(ann, phone);
        let second = dispatch.subscribe(ann, laptop);
        drop(first);
        assert_eq!(dispatch.devices_connected(), 1);
        dispatch.announce(committed(ann, phone));
        assert!(second.inbox.has_changed().unwrap(), "the other device of the same person is still woken");
        drop(second);
        assert_eq!(dispatch.inboxes.len(), 0);
    }
}
