//! A backup that somebody brings, piece by piece: a file that counts only when it is whole.

use std::io::{self, Write};
use std::path::Path;

use rappel_core::Timestamp;
use tempfile::NamedTempFile;

use crate::backup::{sync, sync_folder};
use crate::connection::open_alone;
use crate::copies::{Copies, CopyKind, StoreCopy};
use crate::error::Error;
use crate::restore::{Backup, RestoreError};

/// After so many bytes there is a look at how much space is left.
const LOOK_EVERY: u64 = 4 * 1024 * 1024;

/// A backup that is being brought. Dropping it removes what has come.
#[derive(Debug)]
pub struct Incoming {
    copies: Copies,
    file: NamedTempFile,
    bytes: u64,
    looked_at: u64,
    limit: u64,
}

/// Why what is brought is not taken.
#[derive(Debug, thiserror::Error)]
pub enum IncomingError {
    /// It is longer than anything that is taken.
    #[error("it is too large")]
    TooLarge,
    /// It cannot be written down here.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Incoming {
    /// Begins, for a file of at most `limit` bytes, of which `expected` are to come where that is
    /// known.
    ///
    /// # Errors
    /// When it cannot be taken.
    pub fn begin(copies: Copies, expected: Option<u64>, limit: u64) -> Result<Self, IncomingError> {
        if expected.is_some_and(|expected| expected > limit) {
            return Err(IncomingError::TooLarge);
        }
        // It is copied once more to be checked.
        copies.has_room_for(expected.unwrap_or(0).saturating_mul(2))?;
        let file = copies.unfinished()?;
        Ok(Self { copies, file, bytes: 0, looked_at: 0, limit })
    }

    /// Takes the next piece. Blocks.
    ///
    /// # Errors
    /// When it is too much.
    pub fn write(&mut self, piece: &[u8]) -> Result<(), IncomingError> {
        self.bytes += piece.len() as u64;
        if self.bytes > self.limit {
            return Err(IncomingError::TooLarge);
        }
        if self.bytes - self.looked_at >= LOOK_EVERY {
            self.looked_at = self.bytes;
            self.copies.has_room_for(self.bytes)?;
        }
        Ok(self.file.write_all(piece)?)
    }

    /// Checks what has come as a restore does, and puts it among the copies. Blocks.
    ///
    /// # Errors
    /// When it is no whole backup; then nothing of it is left.
    pub fn finish(self, store: &Path, now: Timestamp) -> Result<StoreCopy, RestoreError> {
        let folder = self.copies.folder().to_owned();
        let unusable = |error| RestoreError::Folder { folder: folder.clone(), error };
        let path = self.file.into_temp_path();
        drop(Backup::open(&path, store)?);
        // A store that was copied by hand says that a log belongs to it, and there is none.
        drop(open_alone(&path).map_err(|error| Error::Internal(error.into()))?);
        sync(&path).map_err(unusable)?;
        let target = self.copies.name(CopyKind::Uploaded, now).map_err(unusable)?;
        path.persist(&target).map_err(|error| unusable(error.error))?;
        sync_folder(&folder).map_err(unusable)?;
        self.copies.forget_oldest(CopyKind::Uploaded, now);
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let found = self.copies.find(&name).map_err(unusable)?;
        found.map(|(copy, _)| copy).ok_or_else(|| unusable(io::ErrorKind::NotFound.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_what_is_too_large() {
        let dir = tempfile::tempdir().unwrap();
        let copies = Copies::of(&dir.path().join("rappel.db"));
        assert!(matches!(Incoming::begin(copies.clone(), Some(11), 10), Err(IncomingError::TooLarge)));
        let mut incoming = Incoming::begin(copies.clone(), None, 10).unwrap();
        incoming.write(b"0123456789").unwrap();
        let left = || std::fs::read_dir(copies.folder()).unwrap().count();
        assert_eq!(left(), 1, "it is being written down");
        assert!(matches!(incoming.write(b"x"), Err(IncomingError::TooLarge)));
        drop(incoming);
        assert_eq!(left(), 0);
    }
}
