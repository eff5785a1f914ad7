//! What is true about events, people, reminders and notifications.
//!
//! Pure rules: nothing here does I/O or asks what time it is; `now` is passed in. The hub and a
//! desktop that has lost its hub call the same functions and so come to the same result. The one
//! thing read from outside is the time zone database, in [`zone_data`].

pub mod arm;
pub mod authorize;
pub mod change;
pub mod decide;
pub mod draft;
pub mod event;
#[cfg(test)]
mod fixture;
pub mod id;
pub mod invalid;
pub mod notification;
pub mod person;
pub mod rederive;
pub mod schedule;
pub mod stranger;
pub mod text;
pub mod timestamp;
pub mod visible;
pub mod zone;
pub mod zone_data;

pub use id::{DeviceId, EventId, NotificationId, PersonId};
pub use invalid::Invalid;
pub use timestamp::Timestamp;
pub use zone::Zone;
