//! A session with the hub: its frames one way, the desktop's the other.

use rappel_core::NotificationId;

use crate::LinkError;

/// Where a session takes up again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resume {
    /// Everything after this `seq` comes first. Without it: only what is new.
    pub since: Option<u64>,
    /// The notification that stood at `since`, by which a hub restored from a backup is noticed.
    pub last_id: Option<NotificationId>,
    /// The latest state of every row changed after this `change`.
    pub changes_since: Option<u64>,
}

/// What comes from the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    /// A frame: one JSON object.
    Frame(String),
    /// The end, with the WebSocket close code that says why.
    Closed(u16),
}

/// An open session. Dropping it closes it.
pub struct Session {
    hub: rappel_hub::Session,
}

impl Session {
    pub(crate) fn new(hub: rappel_hub::Session) -> Self {
        Self { hub }
    }

    /// The next frame, or the end. Can be dropped at any time without losing a frame.
    pub async fn next(&mut self) -> Incoming {
        match self.hub.next().await {
            rappel_hub::Outgoing::Frame(text) => Incoming::Frame(text),
            rappel_hub::Outgoing::Close(code) => Incoming::Closed(code),
        }
    }

    /// Sends a frame to the hub.
    ///
    /// # Errors
    /// When the session has ended.
    pub async fn send(&mut self, frame: String) -> Result<(), LinkError> {
        self.hub.send(frame).await.map_err(|error| LinkError::Unreachable(error.to_string()))
    }
}
