//! The hub: scheduler, dispatch, and the HTTP and WebSocket server, in one process with the event
//! store.
//!
//! The `rappel-hub` binary is a command line around this library; the desktop app embeds it. The
//! contract's shapes are in [`wire`].

pub mod announcement;
mod arrivals;
mod authority;
mod backup;
mod bulletin;
mod calendar;
pub mod cli;
mod clock;
pub mod control;
mod copying;
mod daily_copy;
mod data_dir;
pub mod discovery;
mod dispatch;
mod environment;
#[cfg(test)]
mod fake_clock;
mod handover;
mod hub;
mod identity;
mod join_link;
pub mod key;
mod lan;
mod listeners;
mod local_session;
mod office_clock;
mod retention;
mod scheduler;
mod secure_office;
mod server;
mod session;
mod sharing;
pub mod status;
mod steadiness;
pub mod succession;
pub mod typed_code;
mod waiting_room;
pub mod wire;
mod zone_watch;

pub use clock::{Clock, SystemClock};
pub use data_dir::{DATA_DIR_VARIABLE, DataDir, DataDirError, default_data_dir, has_store};
pub use hub::{Deciding, Hub, HubConfig, LocalDevice, OpenError};
pub use join_link::{JoinLink, NotAJoinLink};
pub use key::{Key, Pin};
pub use lan::network_card;
pub use local_session::{LocalSession, SessionEvent};
pub use rappel_core::person::Locale;
pub use rappel_core::{NotificationId, PersonId, Timestamp, Zone};
pub use rappel_store::{BackupError, Error, HubIdentity, RestoreError, Restored, Resume, ledger};
pub use server::admission::ConnectionLimits;
pub use session::CloseReason;
pub use sharing::Lan;
