//! What the stories are told with: an office, the people who call its hub, and their sessions.

mod ann;
mod answer;
mod client;
mod disk;
mod events;
mod machine;
pub(crate) mod network;
mod office;
mod program;
mod raw;
mod secure;
mod session;
mod wall;
mod zones;

use std::time::Duration;

pub(crate) use ann::Ann;
pub(crate) use answer::Answer;
pub(crate) use client::{Client, Request, secret_of};
pub(crate) use disk::Disk;
pub(crate) use events::{event_in, in_the_future, moment, now, wait_for_clock};
pub(crate) use machine::Machine;
pub(crate) use office::Office;
pub(crate) use program::Outcome;
pub(crate) use raw::Raw;
pub(crate) use secure::SecureLine;
pub(crate) use session::{Refused, Session};
pub(crate) use wall::Wall;
pub(crate) use zones::Zones;

/// How long a test waits for what must come. Far longer than anything takes: to reach it is to fail.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
