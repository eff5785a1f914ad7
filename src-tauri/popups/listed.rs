//! The hub's list of notifications, which is read where the hub cannot say what a desktop has missed.

use rappel_link::frame::Notification;
use rappel_link::{LinkError, Request};
use serde::Deserialize;

use super::Follower;
use crate::contact::Why;

impl Follower {
    /// Reads the list in place of a replay: the hub does not know where this desktop stood.
    pub(super) async fn start_over(&mut self) {
        self.watch.record.forget_cursor();
        match self.listed().await {
            Ok(Listed { notifications, unread_count, seq, change }) => {
                let is_done = |row: Notification| {
                    let done = self.watch.record.is_done(row.id);
                    (row, done)
                };
                let rows = notifications.into_iter().map(is_done).collect();
                for id in self.board.restarted(seq, change, rows, self.moment()) {
                    self.take_down(id).await;
                }
                self.unread(unread_count);
            }
            Err(error) => {
                tracing::warn!(%error, "the hub's list of notifications cannot be read");
                self.lost(Why::of(&error));
            }
        }
    }

    async fn listed(&mut self) -> Result<Listed, LinkError> {
        let answer = self.watch.link.call(Request::get("/api/notifications?limit=200")).await?;
        serde_json::from_value(answer.body).map_err(|error| LinkError::Unreachable(error.to_string()))
    }
}

/// The list, newest first.
#[derive(Deserialize)]
struct Listed {
    notifications: Vec<Notification>,
    unread_count: u64,
    seq: u64,
    change: u64,
}
