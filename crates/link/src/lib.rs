//! A desktop's one connection to a hub.
//!
//! The desktop app asks a [`Link`] for everything: calls as over HTTP, sessions as over WebSocket.
//! It leads to the hub in this process ([`local`]) or to one elsewhere on the network ([`remote`]).
//! Whoever holds a link cannot tell which, and holds no token and no socket.

mod asking;
pub mod backoff;
pub mod board;
mod calls;
pub mod discovery;
pub mod frame;
pub mod heir;
mod here;
mod hub_clock;
mod joining;
pub mod local;
pub mod remote;
mod remote_session;
#[cfg(test)]
mod remote_tests;
pub mod replica;
pub mod request;
pub mod session;

pub use asking::{Entrance, Guest, Offered, Outcome, Who};
pub use backoff::{Backoff, Wake};
pub use discovery::{Discovery, FoundOffice, discover};
pub use here::office_here;
pub use hub_clock::{HubClock, Moment};
pub use local::LocalHub;
pub use rappel_core::person::Locale;
pub use rappel_core::{NotificationId, PersonId, Timestamp, Zone};
pub use rappel_hub::key::Pin;
use rappel_hub::succession::{LineError, MembershipError};
pub use rappel_hub::{Clock, Lan, SystemClock, network_card};
pub use rappel_store::{Cursor, Ledger};
pub use remote::{ClockOffset, RemoteHub};
pub use replica::Replica;
pub use request::{Answer, Request};
pub use session::{Incoming, Resume, Session};

/// Why a hub could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The request is not one that a hub could take.
    #[error("this is not a request for the hub: {0}")]
    BadRequest(String),
    /// The hub cannot take what it was told.
    #[error("{0}")]
    Refused(String),
    /// The invitation is not, or no longer, good.
    #[error("the hub does not take this invitation: it is wrong, used or expired")]
    NotLetIn,
    /// Too many wrong codes came from here, or from everywhere, of late.
    #[error("the hub takes no more codes for a while: there were too many wrong ones")]
    TooManyTries,
    /// What was pasted is no link of an invitation.
    #[error("this is not a link to join an office with")]
    NotALink,
    /// What was typed is no short code.
    #[error("this is not a code: it has 12 characters")]
    NotACode,
    /// What was typed is no address of a hub.
    #[error("this is not the address of a hub")]
    NotAnAddress,
    /// The hub knows nothing of what is asked about.
    #[error("the hub knows nothing of this any more")]
    Gone,
    /// The hub does not answer, or is going away.
    #[error("the hub does not answer: {0}")]
    Unreachable(String),
    /// Another machine answers where the hub should be. It was told nothing.
    #[error("another machine answers in place of the hub")]
    WrongKey,
    /// This desktop is not signed in any more.
    #[error("this desktop is not signed in at the hub any more")]
    SignedOut,
    /// What is to last could not be written.
    #[error("this cannot be written: {0}")]
    Unwritten(String),
}

impl From<LineError> for LinkError {
    fn from(error: LineError) -> Self {
        match error {
            LineError::Unreachable(why) => Self::Unreachable(why),
            LineError::WrongKey => Self::WrongKey,
        }
    }
}

impl From<MembershipError> for LinkError {
    fn from(error: MembershipError) -> Self {
        match error {
            MembershipError::Unusable(why) => Self::Unreachable(why),
            MembershipError::Unwritten(why) => Self::Unwritten(why),
        }
    }
}

/// The way to a hub. Cheap to clone.
#[derive(Clone)]
pub enum Link {
    /// The hub in this process.
    Local(LocalHub),
    /// The hub of another machine.
    Remote(RemoteHub),
}

impl Link {
    /// Who this desktop is signed in as.
    #[must_use]
    pub fn person(&self) -> PersonId {
        match self {
            Self::Local(hub) => hub.person(),
            Self::Remote(hub) => hub.person(),
        }
    }

    /// The machine has woken, or the network has changed: looks at once at what is due, and at who
    /// is still there.
    pub fn look_again(&self) {
        match self {
            Self::Local(hub) => hub.look_again(),
            Self::Remote(hub) => hub.look_again(),
        }
    }

    /// Asks the hub, as an HTTP client would. An answer of the hub, also a refusal, is `Ok`.
    ///
    /// # Errors
    /// When there was no answer to get.
    pub async fn call(&self, request: Request) -> Result<Answer, LinkError> {
        match self {
            Self::Local(hub) => hub.call(request).await,
            Self::Remote(hub) => hub.call(request).await,
        }
    }

    /// What is kept here for when the hub is off; `None` where the hub is in this process.
    #[must_use]
    pub fn replica(&self) -> Option<&Replica> {
        match self {
            Self::Local(_) => None,
            Self::Remote(hub) => hub.replica(),
        }
    }

    /// As [`Link::call`]; while the hub does not answer, what is kept of it here does.
    ///
    /// # Errors
    /// When nothing is kept either, or a choice cannot be written down.
    pub async fn call_or_recall(&self, request: Request) -> Result<Answer, LinkError> {
        let Some(replica) = self.replica() else { return self.call(request).await };
        // What can be answered here need not wait until the hub does not. A change is worth the try.
        if replica.is_away()
            && let Some(recalled) = replica.recall(&request)?.filter(Answer::is_success)
        {
            return Ok(recalled);
        }
        match self.call(request.clone()).await {
            Err(away @ (LinkError::Unreachable(_) | LinkError::WrongKey)) => replica.recall(&request)?.ok_or(away),
            answered => answered,
        }
    }

    /// Opens a session: what is new from here on, or everything since `resume`.
    ///
    /// # Errors
    /// When the hub does not take it.
    pub async fn open_session(&self, resume: Resume) -> Result<Session, LinkError> {
        match self {
            Self::Local(hub) => hub.open_session(resume).await,
            Self::Remote(hub) => hub.open_session(resume).await,
        }
    }
}
