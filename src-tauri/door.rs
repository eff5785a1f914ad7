//! This desktop before the door of an office: it has an invitation for everybody, asks to be let in,
//! and waits for the answer, with the window open or not.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rappel_link::{Guest, LinkError, Outcome, RemoteHub, Who};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

/// The pause between two questions what became of a request.
const ASKS_EVERY: Duration = Duration::from_secs(2);

/// How it stands with this desktop's request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Asking {
    /// What the office calls itself.
    office: String,
    /// As whom.
    name: String,
    state: AskingState,
}

/// What became of a request that was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AskingState {
    Waiting,
    Declined,
    Expired,
    Gone,
}

/// The door, if this desktop stands before one.
#[derive(Default)]
pub(crate) struct Door {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    guest: Option<Arc<tokio::sync::Mutex<Guest>>>,
    asking: Option<Asking>,
    /// Ends the wait.
    waiting: CancellationToken,
}

impl Door {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stands before a door, and no other.
    pub(crate) fn stand(&self, guest: Guest) {
        let mut inner = self.inner();
        inner.waiting.cancel();
        *inner = Inner { guest: Some(Arc::new(tokio::sync::Mutex::new(guest))), ..Inner::default() };
    }

    /// Goes away from the door without a word.
    pub(crate) fn leave(&self) {
        let mut inner = self.inner();
        inner.waiting.cancel();
        *inner = Inner::default();
    }

    /// How it stands with the request, if there is one.
    pub(crate) fn asking(&self) -> Option<Asking> {
        self.inner().asking.clone()
    }

    /// Asks to be let in.
    ///
    /// # Errors
    /// As [`Guest::ask`]; [`LinkError::Gone`] when this desktop stands before no door.
    pub(crate) async fn ask(&self, who: Who) -> Result<(), LinkError> {
        let guest = self.inner().guest.clone().ok_or(LinkError::Gone)?;
        let mut guest = guest.lock().await;
        guest.ask(&who).await?;
        let name = match who {
            Who::Named(name) => name,
            Who::Offered(id) => {
                let offered = guest.people().iter().find(|person| person.id == id);
                offered.map(|person| person.name.clone()).unwrap_or_default()
            }
        };
        let mut inner = self.inner();
        inner.waiting.cancel();
        inner.waiting = CancellationToken::new();
        inner.asking = Some(Asking { office: guest.office().to_owned(), name, state: AskingState::Waiting });
        Ok(())
    }

    /// Waits until the request was answered. `Some`: this desktop is a member.
    pub(crate) async fn answer(&self, stop: &CancellationToken) -> Option<RemoteHub> {
        let (guest, waiting) = {
            let inner = self.inner();
            (inner.guest.clone()?, inner.waiting.clone())
        };
        let answered = async {
            loop {
                tokio::time::sleep(ASKS_EVERY).await;
                let outcome = guest.lock().await.outcome().await;
                match outcome {
                    Ok(Outcome::Waiting) => {}
                    Ok(outcome) => return outcome,
                    // A hub that is away may be back before the request is forgotten.
                    Err(error) => tracing::warn!(%error, "what became of the request is not known"),
                }
            }
        };
        let outcome = tokio::select! {
            () = stop.cancelled() => return None,
            () = waiting.cancelled() => return None,
            outcome = answered => outcome,
        };
        let state = match outcome {
            Outcome::In(hub) => {
                self.leave();
                return Some(hub);
            }
            Outcome::Waiting => AskingState::Waiting,
            Outcome::Declined => AskingState::Declined,
            Outcome::Expired => AskingState::Expired,
            Outcome::Gone => AskingState::Gone,
        };
        if let Some(asking) = &mut self.inner().asking {
            asking.state = state;
        }
        None
    }

    /// Asks no more.
    pub(crate) async fn withdraw(&self) {
        let guest = self.inner().guest.clone();
        self.leave();
        if let Some(guest) = guest {
            guest.lock().await.withdraw().await;
        }
    }
}
