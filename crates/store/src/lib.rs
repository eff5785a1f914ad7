//! The event store: what the office knows, on SQLite.
//!
//! Its interface is commands and queries of the domain; SQL and rows stay inside. Commands run one
//! after another on one thread and are answered when they are durable; queries run beside them,
//! each on one consistent state. The rules come from `rappel-core`: the store decides nothing by
//! itself.

mod audit_log;
mod backup;
mod command;
mod committed;
mod compare;
mod connection;
mod copies;
mod error;
pub mod fault;
mod history;
mod incoming;
mod inherit;
pub mod ledger;
mod listing;
mod migrate;
mod query;
mod reader;
mod replica;
pub mod replica_file;
mod restore;
pub mod sealed;
mod secret;
mod signed_in;
mod statements;
mod store;
mod table;
mod trouble;
mod wal;
mod writer;

pub use audit_log::{AuditEntry, AuditObject, AuditPage, AuditQuery, AuditTitle, AuditTopic};
pub use backup::{BackupError, CopyAction};
pub use command::access::{Invited, Paired};
pub use command::claim::Claimed;
pub use command::desktops::TypedCode;
pub use command::events::{Created, IdempotencyKey};
pub use command::forget::Forgotten;
pub use command::joining::{Newcomer, OpenInvitations, Ticket};
pub use command::people::{NewPerson, PersonPatch};
pub use command::rederive::Rederived;
pub use command::shown_away::{ShownAway, Wish};
pub use committed::{Appended, Committed, InboxChange, Inboxes};
pub use compare::{Extent, Lost};
pub use copies::{Copies, CopyKind, StoreCopy};
pub use error::{Conflict, Error, OpenError};
pub use history::{History, ReminderFate, SnoozeFate, Told};
pub use incoming::{Incoming, IncomingError};
pub use inherit::{Inheritance, discard_ready, epoch_after_handover, install_ready};
pub use ledger::{Cursor, Ledger, PopupState};
pub use listing::{EventPage, EventQuery, EventsCursor, VisibleEvent};
pub use migrate::schema_version;
pub use query::{NotificationPage, Replay, Resume, Updates};
pub use replica::{REPLICA_DAYS, REPLICA_ROWS, Replica, ReplicaReminder, ToldBefore};
pub use replica_file::ReplicaFile;
pub use restore::{Backup, RestoreError, Restored, forget_unfinished};
pub use secret::is_short_code;
pub use secret::typed_code;
pub use store::{By, Caller, OfficeDefaults, Store};
pub use table::authority::{KeptAuthority, SecureOffice};
pub use table::device::{Device, DeviceKind};
pub use table::event::ChangedEvent;
pub use table::hub_key::HubKey;
pub use table::inbox::{BulkRead, Heads};
pub use table::keeper::{CopyPlace, Keeper};
pub use table::office::HubIdentity;
pub use table::receipt::DeviceMoment;
pub use table::reckoning::{DoubtedLeap, Reckoning};
pub use trouble::Trouble;
