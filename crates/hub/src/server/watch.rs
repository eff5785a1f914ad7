//! What a connection is about, and how long there is patience with it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The headers of a request are complete within this time after its first byte; the first byte of
/// a connection comes within it too.
const HEADERS_WITHIN: Duration = Duration::from_secs(5);
/// A request is answered to its end within this time.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
/// How long a connection may stay open with nothing to do.
const IDLE_FOR: Duration = Duration::from_secs(75);

/// What a connection is about, for whoever loses patience with it.
#[derive(Debug)]
pub(super) struct Watch(Mutex<Phase>);

#[derive(Debug, Clone, Copy)]
enum Phase {
    /// A request has begun to come in, or a new connection's first one is awaited, since then.
    Asking(Instant),
    /// A request is being answered since then.
    Answering(Instant),
    /// Nothing is wanted since then.
    Idle(Instant),
}

impl Watch {
    /// Of a new connection.
    pub(super) fn new() -> Self {
        Self(Mutex::new(Phase::Asking(Instant::now())))
    }

    fn set(&self, phase: Phase) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = phase;
    }

    /// Until when there is patience with it, as things are.
    pub(super) fn deadline(&self) -> Instant {
        match *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Phase::Asking(since) => since + HEADERS_WITHIN,
            Phase::Answering(since) => since + ANSWER_WITHIN,
            Phase::Idle(since) => since + IDLE_FOR,
        }
    }

    /// A request is being answered, or something more of it came, or went: all the time is there again.
    pub(super) fn answering(&self) {
        self.set(Phase::Answering(Instant::now()));
    }

    /// A request was answered.
    pub(super) fn answered(&self) {
        self.set(Phase::Idle(Instant::now()));
    }

    /// Bytes came in: after a pause they are the next request's.
    pub(super) fn heard(&self) {
        let mut phase = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Phase::Idle(_) = *phase {
            *phase = Phase::Asking(Instant::now());
        }
    }
}
