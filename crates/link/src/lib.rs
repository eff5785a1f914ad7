//! A desktop's one connection to a hub.
//!
//! The desktop app asks a [`Link`] for everything: calls as over HTTP, sessions as over WebSocket.
//! Today it leads to the hub in this process ([`local`]); a hub elsewhere on the network will be
//! the second kind. Whoever holds a link cannot tell which, and holds no token and no socket.

pub mod board;
pub mod frame;
pub mod local;
pub mod request;
pub mod session;

pub use local::LocalHub;
pub use rappel_core::person::Locale;
pub use rappel_core::{NotificationId, PersonId, Timestamp, Zone};
pub use rappel_store::{Cursor, Ledger};
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
    /// The hub does not answer, is going away, or refuses this desktop.
    #[error("the hub does not answer: {0}")]
    Unreachable(String),
}

/// The way to a hub. Cheap to clone.
#[derive(Clone)]
pub enum Link {
    /// The hub in this process.
    Local(LocalHub),
}

impl Link {
    /// Who this desktop is signed in as.
    #[must_use]
    pub fn person(&self) -> PersonId {
        match self {
            Self::Local(hub) => hub.person(),
        }
    }

    /// The machine has woken: looks at once at what is due, and at who is still there.
    pub fn look_again(&self) {
        match self {
            Self::Local(hub) => hub.look_again(),
        }
    }

    /// Asks the hub, as an HTTP client would. An answer of the hub, also a refusal, is `Ok`.
    ///
    /// # Errors
    /// When there was no answer to get.
    pub async fn call(&self, request: Request) -> Result<Answer, LinkError> {
        match self {
            Self::Local(hub) => hub.call(request).await,
        }
    }

    /// Opens a session: what is new from here on, or everything since `resume`.
    ///
    /// # Errors
    /// When the hub does not take it.
    pub async fn open_session(&self, resume: Resume) -> Result<Session, LinkError> {
        match self {
            Self::Local(hub) => hub.open_session(resume).await,
        }
    }
}
