//! Who is the hub in place of this machine: a small file beside its data, without which they are the
//! office's and with which they are what it was.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rappel_core::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::membership::{Membership, MembershipError, replace};

/// Its name in a data directory.
const FILE: &str = "successor.json";
/// The membership that came with a handover, until somebody takes it up.
const MEMBERSHIP: &str = "successor-member.json";

/// Another machine is the hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Successor {
    /// Which hub.
    pub hub: Uuid,
    /// The epoch in which the other one is.
    pub epoch: u64,
    /// Where it was found, `HOST:PORT`: hints.
    pub addresses: Vec<String>,
    /// What that computer is called, where that is known.
    pub computer: Option<String>,
    /// When this machine ceased to be the hub, by its clock, in milliseconds since 1970.
    pub at_ms: i64,
    /// The handover by which it did; `None`: it found the other one.
    pub handover: Option<Uuid>,
}

impl Successor {
    /// When this machine ceased to be the hub.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        Timestamp::clamped_from_ms(self.at_ms)
    }

    /// Reads the mark of a data directory, if there is one.
    ///
    /// # Errors
    /// When it cannot be read: then nobody knows who is the hub.
    pub fn read(data_dir: &Path) -> io::Result<Option<Self>> {
        match fs::read(data_dir.join(FILE)) {
            Ok(text) => Ok(Some(serde_json::from_slice(&text)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Marks a data directory. From when this returns, it is not the hub's, whatever happens.
    ///
    /// # Errors
    /// When the mark cannot be written.
    pub(crate) fn write(&self, data_dir: &Path) -> io::Result<()> {
        replace(&data_dir.join(FILE), &serde_json::to_vec_pretty(self)?)
    }

    /// Takes the mark away: this machine is the hub again, in a higher epoch.
    pub(crate) fn clear(data_dir: &Path) -> io::Result<()> {
        for file in [data_dir.join(FILE), membership_file(data_dir)] {
            match fs::remove_file(file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Keeps the membership that this machine's desktop has at the hub that follows. It counts only with
/// the mark.
pub(crate) fn keep_membership(data_dir: &Path, membership: &Membership) -> Result<(), MembershipError> {
    membership.write(&membership_file(data_dir))
}

/// The membership that this machine's desktop has at the hub that followed it by a handover. `None`
/// where nothing was handed over, or it was taken up already.
///
/// # Errors
/// When it cannot be read.
pub fn membership_at_successor(data_dir: &Path) -> Result<Option<Membership>, MembershipError> {
    let file = membership_file(data_dir);
    let is_handed_over = Successor::read(data_dir)
        .map_err(|error| MembershipError::Unusable(error.to_string()))?
        .is_some_and(|successor| successor.handover.is_some());
    if is_handed_over && file.exists() { Membership::read(&file).map(Some) } else { Ok(None) }
}

fn membership_file(data_dir: &Path) -> PathBuf {
    data_dir.join(MEMBERSHIP)
}
