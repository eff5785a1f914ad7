//! When a desktop looks at its replica: while its line is down, when something is due; while it is up,
//! shortly before and once it is, to find out whether the hub is still there.

use std::time::Duration;

use rappel_core::Timestamp;
use tokio::time::Instant;

use super::Replica;

/// A line has to be down for so long before the desktop decides by itself. A reminder that is due
/// meanwhile is still on time; a line that is back within it has made no difference.
const GRACE: Duration = Duration::from_secs(2);
/// What is overdue anyway can wait for a machine that has just woken to find its network: the hub
/// knows better what still holds.
const GRACE_OF_OVERDUE: Duration = Duration::from_secs(15);
/// So much later than due, nobody notices another quarter of a minute.
const OVERDUE: Duration = Duration::from_secs(60);
/// So long before a reminder is due the line is asked whether the hub is there: it answers within ten
/// seconds, or is known to be gone when it matters.
const ASK_BEFORE: Duration = Duration::from_secs(15);
/// The longest sleep: what a sleep of the machine can cost.
const TICK: Duration = Duration::from_secs(1);

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Ask the line whether the hub is there.
    AskLine,
    /// Decide what is due: the hub does not.
    Decide,
}

/// Watches the time for a desktop.
#[derive(Debug)]
pub struct Vigil {
    /// Since when there is no line; `None` while there is.
    down_since: Option<Instant>,
    /// For which reminder the line was last asked, and whether it was due by then.
    asked_for: Option<(Timestamp, bool)>,
}

impl Default for Vigil {
    fn default() -> Self {
        Self::new()
    }
}

impl Vigil {
    /// There is no line yet.
    #[must_use]
    pub fn new() -> Self {
        Self { down_since: Some(Instant::now()), asked_for: None }
    }

    /// The hub has taken a session: it decides.
    pub fn line_is_up(&mut self) {
        self.down_since = None;
    }

    /// There is no session. Said again, it changes nothing.
    pub fn line_is_down(&mut self) {
        self.down_since.get_or_insert_with(Instant::now);
    }

    /// Waits until something is to be done. May be dropped and called again.
    pub async fn next(&mut self, replica: &Replica) -> Look {
        loop {
            let pause = match (self.down_since, replica.next_look()) {
                (_, None) => TICK,
                (None, Some((due, until_ms))) => match to_come(until_ms, ASK_BEFORE) {
                    Some(pause) => pause,
                    None => {
                        // A line that goes after it has answered is found out when the hub should speak.
                        let until_due = to_come(until_ms, Duration::ZERO);
                        let question = (due, until_due.is_none());
                        if self.asked_for.replace(question) != Some(question) {
                            return Look::AskLine;
                        }
                        until_due.unwrap_or(TICK)
                    }
                },
                (Some(since), Some((_, until_ms))) => {
                    let is_overdue = to_come(until_ms, Duration::ZERO).is_none() && late(until_ms) > OVERDUE;
                    let grace = if is_overdue { GRACE_OF_OVERDUE } else { GRACE };
                    match (grace.checked_sub(since.elapsed()), to_come(until_ms, Duration::ZERO)) {
                        (None | Some(Duration::ZERO), None) => return Look::Decide,
                        (Some(grace), None) => grace,
                        (_, Some(until_due)) => until_due,
                    }
                }
            };
            tokio::time::sleep(pause.min(TICK)).await;
        }
    }
}

/// What is left until `before` something that is so many milliseconds ahead; `None` when that is past.
fn to_come(until_ms: i64, before: Duration) -> Option<Duration> {
    let ahead = Duration::from_millis(u64::try_from(until_ms).ok()?);
    ahead.checked_sub(before).filter(|left| !left.is_zero())
}

fn late(until_ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(until_ms.saturating_neg()).unwrap_or(0))
}
