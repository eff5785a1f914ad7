//! A session with the hub: its frames one way, the desktop's the other, as JSON both ways.

use std::collections::VecDeque;

use rappel_core::{NotificationId, Timestamp};
use rappel_hub::{CloseReason, LocalSession, SessionEvent};

use crate::LinkError;
use crate::remote_session::RemoteSession;

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

impl Resume {
    pub(crate) fn into_hub(self) -> Option<rappel_hub::Resume> {
        let seq = self.since?;
        Some(rappel_hub::Resume { seq, last_id: self.last_id, change: self.changes_since })
    }

    /// As the query of a WebSocket's address; empty where there is nothing to take up.
    pub(crate) fn query(&self) -> String {
        let Some(since) = self.since else { return String::new() };
        let last_id = self.last_id.map(|id| format!("&last_id={id}")).unwrap_or_default();
        let changes = self.changes_since.map(|change| format!("&changes_since={change}")).unwrap_or_default();
        format!("?since={since}{last_id}{changes}")
    }
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
pub struct Session(Kind);

enum Kind {
    Local {
        session: LocalSession,
        /// What the hub said while it was waited for to take a frame; it comes first.
        said: VecDeque<SessionEvent>,
    },
    Remote(Box<RemoteSession>),
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

impl Session {
    pub(crate) fn local(session: LocalSession) -> Self {
        Self(Kind::Local { session, said: VecDeque::new() })
    }

    pub(crate) fn remote(session: RemoteSession) -> Self {
        Self(Kind::Remote(Box::new(session)))
    }

    /// The next frame, or the end. Can be dropped at any time without losing a frame.
    pub async fn next(&mut self) -> Incoming {
        match &mut self.0 {
            Kind::Local { session, said } => match next_of(session, said).await {
                Some(SessionEvent::Frame(frame)) => {
                    Incoming::Frame(serde_json::to_string(&frame).expect("BUG: a frame is a map with text keys"))
                }
                Some(SessionEvent::Closed(reason)) => Incoming::Closed(close_code(reason)),
                None => Incoming::Closed(close_code(CloseReason::GoingAway)),
            },
            Kind::Remote(session) => session.next().await,
        }
    }

    /// Tells the hub what this desktop's own clock shows, because it asked.
    ///
    /// # Errors
    /// [`LinkError::Unreachable`] when the session has ended.
    pub async fn tell_time(&mut self, now: Timestamp) -> Result<(), LinkError> {
        self.send(&serde_json::json!({ "type": "clock", "now": now.to_string() }).to_string()).await
    }

    /// Sends a frame to the hub. What one in this process says before it takes the frame is kept for
    /// [`Self::next`]: while it waits to be heard, it takes nothing.
    ///
    /// # Errors
    /// [`LinkError::BadRequest`] when the hub could not read it, [`LinkError::Unreachable`] when
    /// the session has ended.
    pub async fn send(&mut self, frame: &str) -> Result<(), LinkError> {
        match &mut self.0 {
            Kind::Local { session, said } => {
                let frame = serde_json::from_str(frame).map_err(|error| LinkError::BadRequest(error.to_string()))?;
                let ended = || LinkError::Unreachable("the session has ended".into());
                let sender = session.sender();
                let sending = sender.send(frame);
                tokio::pin!(sending);
                loop {
                    tokio::select! {
                        biased;
                        sent = &mut sending => return sent.map_err(|_| ended()),
                        event = session.next() => said.push_back(event.ok_or_else(ended)?),
                    }
                }
            }
            Kind::Remote(session) => session.send(frame).await,
        }
    }
}

async fn next_of(session: &mut LocalSession, said: &mut VecDeque<SessionEvent>) -> Option<SessionEvent> {
    match said.pop_front() {
        Some(event) => Some(event),
        None => session.next().await,
    }
}

/// As over a WebSocket.
fn close_code(reason: CloseReason) -> u16 {
    match reason {
        CloseReason::GoingAway => 1001,
        CloseReason::Revoked => 1008,
        CloseReason::TooLarge => 1009,
        CloseReason::TooSlow => 1013,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_written_as_the_hub_reads_it() {
        let last_id = NotificationId::from_bytes([7; 16]);
        assert_eq!(Resume::default().query(), "");
        assert_eq!(Resume { since: Some(3), ..Resume::default() }.query(), "?since=3");
        let whole = Resume { since: Some(3), last_id: Some(last_id), changes_since: Some(5) };
        assert_eq!(whole.query(), format!("?since=3&last_id={last_id}&changes_since=5"));
    }
}
