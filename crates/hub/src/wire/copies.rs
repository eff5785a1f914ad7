//! The hub's copies of its data on the wire.

use rappel_store::{CopyKind, Lost, StoreCopy, Trouble};
use serde::{Deserialize, Serialize};

use super::TroubleItem;
use crate::copying::Failure;

/// A copy of all data.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "StoreCopy"))]
pub struct CopyItem {
    /// By which it is asked for.
    pub name: String,
    /// Why it was made: by the hub each day, by an admin, before a restore, before the schema
    /// changed, or somewhere else.
    #[cfg_attr(test, ts(type = "\"daily\" | \"manual\" | \"before_restore\" | \"before_migration\" | \"uploaded\""))]
    pub kind: &'static str,
    /// When it was made; of an uploaded one: when it came.
    pub made_at: String,
    /// Its size.
    #[cfg_attr(test, ts(type = "number"))]
    pub bytes: u64,
    /// The version of its schema.
    pub schema: u32,
}

impl From<&StoreCopy> for CopyItem {
    fn from(copy: &StoreCopy) -> Self {
        Self {
            name: copy.name.clone(),
            kind: CopyKind::as_str(copy.kind),
            made_at: copy.made_at.to_string(),
            bytes: copy.bytes,
            schema: copy.schema,
        }
    }
}

/// All copies, and whether they can be relied upon.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CopyList {
    /// The latest first.
    pub copies: Vec<CopyItem>,
    /// The folder where they are; for callers on the hub's own machine.
    pub folder: Option<String>,
    /// Why the last try to make one failed, if it did.
    pub failure: Option<CopyFailureItem>,
    /// The data have changed, and for days there was no new copy.
    pub is_late: bool,
}

/// A copy that was not made.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "CopyFailure"))]
pub struct CopyFailureItem {
    /// When it was tried.
    pub at: String,
    /// What it says about the disk; null: it was something else, which the hub's log names.
    pub trouble: Option<TroubleItem>,
}

impl From<Failure> for CopyFailureItem {
    fn from(Failure { at, trouble }: Failure) -> Self {
        Self { at: at.to_string(), trouble: trouble.map(Trouble::into) }
    }
}

/// A copy, and what going back to it would mean.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CopyDetail {
    /// The copy.
    pub copy: CopyItem,
    /// What would be lost; null where it cannot be read.
    pub lost: Option<LostItem>,
}

/// What the hub has now and a copy has not.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Lost"))]
pub struct LostItem {
    /// Events that it does not have.
    pub events: usize,
    /// Events that it has as they were before.
    pub changed_events: usize,
    /// People whom it does not know.
    pub people: usize,
    /// Devices that it does not know, and that have to be invited again.
    pub devices: usize,
    /// When its data were last changed by somebody.
    pub last_change_at: Option<String>,
}

impl From<Lost> for LostItem {
    fn from(lost: Lost) -> Self {
        Self {
            events: lost.events,
            changed_events: lost.changed_events,
            people: lost.people,
            devices: lost.devices,
            last_change_at: lost.last_change_at.map(|at| at.to_string()),
        }
    }
}

/// A restore that is done.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Restored"))]
pub struct RestoredItem {
    /// Which history it is from now on.
    #[cfg_attr(test, ts(type = "number"))]
    pub epoch: u64,
    /// The copy of what was there before.
    pub kept: Option<String>,
}
