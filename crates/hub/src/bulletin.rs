//! What a commit appended to a person's notifications, written once for all sessions of the person.

use std::sync::{Arc, OnceLock};

use axum::extract::ws::Utf8Bytes;
use rappel_store::Appended;

use crate::wire::frame::HubFrame;
use crate::wire::to_json;

/// New notifications of one person, as they were committed.
#[derive(Debug)]
pub(crate) struct Bulletin {
    appended: Appended,
    frames: OnceLock<Vec<SharedFrame>>,
}

/// A frame that several sessions send.
#[derive(Debug)]
pub(crate) struct SharedFrame {
    /// Of a new notification.
    pub(crate) frame: HubFrame,
    text: OnceLock<Utf8Bytes>,
}

impl Bulletin {
    pub(crate) fn new(appended: Appended) -> Self {
        Self { appended, frames: OnceLock::new() }
    }

    /// Whether it has all that came after a place in its person's history.
    pub(crate) fn follows(&self, seq: u64, change: u64) -> bool {
        self.appended.rows.first().is_some_and(|first| first.seq == seq + 1 && first.change == change + 1)
    }

    /// Its notifications with their `seq`, in order.
    pub(crate) fn frames(&self) -> impl Iterator<Item = (u64, &SharedFrame)> {
        let unread_count = self.appended.heads.unread;
        let frames = self.frames.get_or_init(|| {
            let frame = |row| {
                let frame = HubFrame::EventNotification { notification: Arc::clone(row), unread_count };
                SharedFrame { frame, text: OnceLock::new() }
            };
            self.appended.rows.iter().map(frame).collect()
        });
        self.appended.rows.iter().map(|row| row.seq).zip(frames)
    }

    /// The change that its person's history stands at with it.
    pub(crate) fn change(&self) -> u64 {
        self.appended.heads.change
    }
}

impl SharedFrame {
    /// As it goes over a socket.
    pub(crate) fn text(&self) -> Result<Utf8Bytes, serde_json::Error> {
        if let Some(text) = self.text.get() {
            return Ok(text.clone());
        }
        let text = to_json(&self.frame)?;
        Ok(self.text.get_or_init(|| text.into()).clone())
    }
}
