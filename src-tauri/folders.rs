//! Where Rappel keeps its files on this machine.

use std::io;
use std::path::{Path, PathBuf};

/// The folders of one installation.
#[derive(Debug, Clone)]
pub(crate) struct Folders {
    /// The office: the store of the hub, this desktop's ledger and settings.
    pub(crate) office: PathBuf,
}

impl Folders {
    /// `RAPPEL_DATA_DIR`, else the platform's folder for application data.
    pub(crate) fn of_this_machine() -> io::Result<Self> {
        let office = match std::env::var_os("RAPPEL_DATA_DIR").filter(|folder| !folder.is_empty()) {
            Some(folder) => std::path::absolute(folder)?,
            None => directories::ProjectDirs::from("", "", "Rappel")
                .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "this account has no home folder"))?
                .data_dir()
                .to_owned(),
        };
        Ok(Self { office })
    }

    /// This desktop's choices.
    pub(crate) fn settings_file(&self) -> PathBuf {
        self.office.join("desktop.json")
    }

    /// Which popups this desktop has shown.
    pub(crate) fn ledger_file(&self) -> PathBuf {
        self.office.join("popups.db")
    }

    /// Where colleagues know the hub to be.
    pub(crate) fn address_file(&self) -> PathBuf {
        self.office.join("address")
    }

    /// The log files.
    pub(crate) fn logs(&self) -> PathBuf {
        self.office.join("logs")
    }
}

/// Creates a folder that only its owner can read.
pub(crate) fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Creates or empties a file that only its owner can read.
pub(crate) fn private_file(path: &Path) -> io::Result<std::fs::File> {
    let mut options = std::fs::File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
