//! What this desktop tells the hub of what it was sent: that it has it for good, and that it was on
//! the screen.
//!
//! Frames are handed over only where there is room at once: a hub that is busy sending takes none
//! meanwhile, and no popup waits for that.

use futures_util::FutureExt;
use rappel_link::{NotificationId, Session};
use serde_json::{Value, json};
use tokio::time::Instant;

/// Notifications that one frame may name.
const AT_ONCE: usize = 500;

/// The receipts that the hub is owed.
#[derive(Debug, Default)]
pub(crate) struct Receipts {
    /// Up to here everything is safe on this desktop.
    safe: u64,
    /// Up to here the hub was told so.
    told: u64,
    /// What was on the screen, and since when.
    seen: Vec<(NotificationId, Instant)>,
}

impl Receipts {
    /// Everything up to `seq` is safe on this desktop.
    pub(crate) fn safe(&mut self, seq: u64) {
        self.safe = seq;
    }

    /// These are on the screen now.
    pub(crate) fn seen(&mut self, ids: impl IntoIterator<Item = NotificationId>) {
        let now = Instant::now();
        self.seen.extend(ids.into_iter().map(|id| (id, now)));
    }

    /// A session begins: what the one before took with it is said again.
    pub(crate) fn begin(&mut self) {
        self.told = 0;
    }

    /// Whether there is anything to say.
    pub(crate) fn are_owed(&self) -> bool {
        self.safe > self.told || !self.seen.is_empty()
    }

    /// Says as much as the session takes at once.
    pub(crate) fn hand_over(&mut self, session: &mut Session) {
        if self.safe > self.told && send(session, &json!({ "type": "ack", "seq": self.safe })) {
            self.told = self.safe;
        }
        while let Some((_, since)) = self.seen.first().copied() {
            let together = self.seen.iter().take_while(|(_, at)| *at == since).take(AT_ONCE);
            let ids: Vec<NotificationId> = together.map(|(id, _)| *id).collect();
            let ago = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX).min(u32::MAX.into());
            if !send(session, &json!({ "type": "seen", "notification_ids": ids, "ago_ms": ago })) {
                return;
            }
            self.seen.drain(..ids.len());
        }
    }
}

/// Answers whether the session took it.
fn send(session: &mut Session, frame: &Value) -> bool {
    session.send(&frame.to_string()).now_or_never().is_some_and(|sent| sent.is_ok())
}
