//! Keeping the replica up to date while the hub is there, and telling the hub what was done without it.

use std::time::Duration;

use rappel_core::Timestamp;
use rappel_store::replica_file::Snapshot;
use rappel_store::{ShownAway, Wish};
use serde::Deserialize;
use serde_json::{Value, json};

use super::content::Content;
use super::{Kept, Replica, unwritten};
use crate::{Answer, HubClock, Link, LinkError, Request};

/// What one call reports.
const REPORTS_AT_ONCE: usize = 200;
/// The status of a call that the hub does not have: it is older than this desktop.
const NOT_FOUND: u16 = 404;

/// The hub's answer.
#[derive(Deserialize)]
struct Given {
    now: String,
    version: String,
    content: Option<Value>,
}

impl Replica {
    /// Fetches what has changed. The answer is whether anything had.
    ///
    /// # Errors
    /// When the hub cannot be asked, or what it says not be kept; then what was kept still is.
    pub async fn refresh(&self, link: &Link) -> Result<bool, LinkError> {
        let known = self.state().kept.as_ref().map(|kept| format!("?version={}", kept.version));
        let asked_at = self.state().clock.since_boot();
        let answer = link.call(Request::get(format!("/api/replica{}", known.unwrap_or_default()))).await?;
        let took = self.state().clock.since_boot().saturating_sub(asked_at);
        self.take(&answer, took)
    }

    /// Takes the hub's answer, which was there after so long.
    pub(super) fn take(&self, answer: &Answer, took: Duration) -> Result<bool, LinkError> {
        let unusable = |problem: String| LinkError::Unreachable(format!("it gives out no replica: {problem}"));
        if !answer.is_success() {
            return Err(unusable(format!("status {}", answer.status)));
        }
        let given = Given::deserialize(&answer.body).map_err(|error| unusable(error.to_string()))?;
        let now = Timestamp::parse_rfc3339(&given.now).ok_or_else(|| unusable("it has no time".into()))?;
        let mut state = self.state();
        if let Some(heard) = HubClock::answered(now, took, &*state.clock, state.hub_clock.as_ref()) {
            state.file.set_clock(heard.reading()).map_err(unwritten)?;
            state.hub_clock = Some(heard);
        }
        let Some(content) = given.content else {
            state.file.confirm(now).map_err(unwritten)?;
            if let Some(kept) = &mut state.kept {
                kept.synced_at = now;
            }
            return Ok(false);
        };
        let text = content.to_string();
        let content = Content::read(state.person, content).map_err(unusable)?;
        let snapshot = Snapshot { person: state.person, version: given.version.clone(), synced_at: now, content: text };
        state.file.replace(&snapshot).map_err(unwritten)?;
        state.kept = Some(Kept { version: given.version, synced_at: now, content });
        state.pointless.clear();
        state.answered = state.unreported().map_err(unwritten)?;
        Ok(true)
    }

    /// Whether the hub is still to be told of anything.
    ///
    /// # Errors
    /// [`LinkError::Unwritten`].
    pub fn owes_reports(&self) -> Result<bool, LinkError> {
        Ok(!self.reports(1)?.is_empty())
    }

    /// Tells the hub what was shown and chosen without it. It can be broken off and begun again.
    ///
    /// # Errors
    /// When the hub cannot be asked; then it is to be told later.
    pub async fn report(&self, link: &Link) -> Result<(), LinkError> {
        loop {
            let reports = self.reports(REPORTS_AT_ONCE)?;
            if reports.is_empty() {
                return Ok(());
            }
            let body = json!({ "reports": reports.iter().map(written).collect::<Vec<Value>>() });
            let answer = link.call(Request::post("/api/replica/reports", Some(body))).await?;
            match answer.status {
                status if answer.is_success() => {
                    tracing::info!(count = reports.len(), status, "the hub knows what was shown without it");
                }
                // Said again it would be refused again.
                400..=499 if answer.status != 401 && answer.status != 429 => {
                    let is_older = answer.status == NOT_FOUND;
                    tracing::warn!(status = answer.status, is_older, "the hub does not take what was shown without it");
                }
                status => return Err(LinkError::Unreachable(format!("it answers with status {status}"))),
            }
            self.reported(&reports)?;
        }
    }
}

pub(super) fn written(report: &ShownAway) -> Value {
    let snooze = match report.wish {
        Some(Wish::Snoozed { id, due }) => json!({ "id": id, "due_at": due.to_string() }),
        Some(Wish::Dismissed) | None => Value::Null,
    };
    json!({
        "notification_id": report.id,
        "event_id": report.event,
        "shown_at": report.shown_at.map(|at| at.to_string()),
        "dismissed": report.wish == Some(Wish::Dismissed),
        "snooze": snooze,
    })
}
