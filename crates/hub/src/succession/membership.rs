//! What makes this desktop a member of an office elsewhere: one small file, for its owner only.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rappel_core::PersonId;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::key::{Key, Pin};

/// The layout of the file that this program writes.
const VERSION: u32 = 1;
/// How many addresses are remembered.
const ADDRESSES_MAX: usize = 4;

/// Why a membership cannot be used or kept.
#[derive(Debug, thiserror::Error)]
pub enum MembershipError {
    /// There is none, or it is not one.
    #[error("{0}")]
    Unusable(String),
    /// It cannot be written.
    #[error("{0}")]
    Unwritten(String),
}

/// How this desktop gets into its office.
#[derive(Clone)]
pub struct Membership {
    /// Where the hub was found, `HOST:PORT`, the latest first. Hints: its key says whether it is the hub.
    pub addresses: Vec<String>,
    /// The hub's key.
    pub pin: Pin,
    /// Which hub.
    pub hub: Uuid,
    /// What the office calls itself, once that was heard.
    pub office: Option<String>,
    /// The highest epoch in which it was met: one that names a lower one has been succeeded.
    pub epoch: u64,
    /// Who is signed in here.
    pub person: PersonId,
    /// What this desktop is to the hub.
    pub device: String,
    /// Good together with the key only.
    pub token: String,
    /// This desktop's own.
    pub key: Key,
}

impl std::fmt::Debug for Membership {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Membership").field("hub", &self.hub).field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

/// As it is in the file.
#[derive(Serialize, Deserialize)]
struct Written {
    version: u32,
    addresses: Vec<String>,
    pin: String,
    hub_id: Uuid,
    #[serde(default)]
    office: Option<String>,
    epoch: u64,
    person_id: PersonId,
    device_id: String,
    token: String,
    private_key: String,
    certificate: String,
}

impl Membership {
    /// Reads the file.
    ///
    /// # Errors
    /// [`MembershipError::Unusable`].
    pub fn read(file: &Path) -> Result<Self, MembershipError> {
        let unusable = |reason: String| MembershipError::Unusable(format!("{}: {reason}", file.display()));
        let text = fs::read(file).map_err(|error| unusable(error.to_string()))?;
        let written: Written = serde_json::from_slice(&text).map_err(|error| unusable(error.to_string()))?;
        if written.version > VERSION {
            return Err(unusable("it was written by a newer Rappel".into()));
        }
        let bytes = |text: &str| STANDARD.decode(text).map_err(|error| unusable(error.to_string()));
        let key = Key::from_der(bytes(&written.private_key)?, bytes(&written.certificate)?);
        Ok(Self {
            addresses: written.addresses,
            pin: written.pin.parse().map_err(|_| unusable("it names no key".into()))?,
            hub: written.hub_id,
            office: written.office,
            epoch: written.epoch,
            person: written.person_id,
            device: written.device_id,
            token: written.token,
            key: key.map_err(|error| unusable(error.to_string()))?,
        })
    }

    /// Writes the file whole: whatever happens meanwhile, it is there as before or as now.
    ///
    /// # Errors
    /// [`MembershipError::Unwritten`].
    pub fn write(&self, file: &Path) -> Result<(), MembershipError> {
        let written = Written {
            version: VERSION,
            addresses: self.addresses.clone(),
            pin: self.pin.to_string(),
            hub_id: self.hub,
            office: self.office.clone(),
            epoch: self.epoch,
            person_id: self.person,
            device_id: self.device.clone(),
            token: self.token.clone(),
            private_key: STANDARD.encode(self.key.private_key()),
            certificate: STANDARD.encode(self.key.certificate()),
        };
        let text = serde_json::to_vec_pretty(&written).expect("BUG: a membership is a map with text keys");
        replace(file, &text).map_err(|error| MembershipError::Unwritten(format!("{}: {error}", file.display())))
    }

    /// Takes note of the epoch in which the hub was met. The answer is whether that is news.
    pub fn met_in(&mut self, epoch: u64) -> bool {
        let is_news = epoch > self.epoch;
        self.epoch = self.epoch.max(epoch);
        is_news
    }

    /// Notes what the office calls itself. The answer is whether that is news.
    pub fn is_called(&mut self, office: &str) -> bool {
        let is_news = self.office.as_deref() != Some(office);
        self.office = Some(office.to_owned());
        is_news
    }

    /// Puts an address first. The answer is whether that is news.
    pub fn found_at(&mut self, address: &str) -> bool {
        if self.addresses.first().is_some_and(|first| first == address) {
            return false;
        }
        self.addresses.retain(|known| known != address);
        self.addresses.insert(0, address.to_owned());
        self.addresses.truncate(ADDRESSES_MAX);
        true
    }
}

/// Replaces a file by one for its owner only: it is there as before or as now, whatever happens.
pub(crate) fn replace(file: &Path, text: &[u8]) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    let name = file.file_name().ok_or_else(|| io::Error::other("it is no file"))?;
    let beside: PathBuf = folder.join(format!("{}.new", name.to_string_lossy()));
    // One that an earlier run left half done, perhaps with other permissions.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut new = options.open(&beside)?;
    new.write_all(text)?;
    new.sync_all()?;
    drop(new);
    fs::rename(&beside, file)?;
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn membership() -> Membership {
        Membership {
            addresses: vec!["192.168.1.10:7710".into()],
            pin: Pin::from_bytes([7; 32]),
            hub: Uuid::from_u128(9),
            office: Some("Dupont".into()),
            epoch: 4,
            person: "01930000-0000-7000-8000-000000000001".parse().expect("an id"),
            device: "01930000-0000-7000-8000-000000000002".into(),
            token: "secret".into(),
            key: Key::generate("Rappel desktop").expect("a key"),
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("new folder").join("office.json");
        let (one, mut other) = (membership(), membership());
        one.write(&file).expect("written");
        other.found_at("192.168.1.11:7710");
        other.write(&file).expect("written over it");
        let read = Membership::read(&file).expect("read");
        assert_eq!(read.addresses, ["192.168.1.11:7710", "192.168.1.10:7710"]);
        assert_eq!((read.pin, read.hub, read.epoch, read.token.as_str()), (other.pin, other.hub, 4, "secret"));
        assert_eq!(read.key.pin(), other.key.pin());
        assert_eq!(
            fs::read_dir(file.parent().expect("a folder")).expect("a folder").count(),
            1,
            "nothing is left over"
        );
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_its_owners_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("office.json");
        fs::write(folder.path().join("office.json.new"), "left over, for everybody").expect("written");
        membership().write(&file).expect("written");
        let mode = fs::metadata(&file).expect("a file").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
    }

    #[test]
    fn a_file_that_is_none_or_newer_is_refused_with_the_reason() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("office.json");
        assert!(Membership::read(&file).is_err(), "there is none");
        membership().write(&file).expect("written");
        let text = fs::read_to_string(&file).expect("text");
        fs::write(&file, text.replace("\"version\": 1", "\"version\": 2")).expect("written");
        let Err(MembershipError::Unusable(reason)) = Membership::read(&file) else { panic!("it is newer") };
        assert!(reason.contains("newer"), "{reason}");
        fs::write(&file, &text[..text.len() / 2]).expect("written");
        assert!(Membership::read(&file).is_err(), "it is half a file");
    }

    #[test]
    fn the_latest_address_is_first_and_few_are_kept() {
        let mut membership = membership();
        assert!(!membership.found_at("192.168.1.10:7710"), "it is known");
        for port in 0..10 {
            assert!(membership.found_at(&format!("192.168.1.10:{port}")));
        }
        assert_eq!(membership.addresses.len(), ADDRESSES_MAX);
        assert!(membership.found_at("192.168.1.10:7"));
        assert_eq!(membership.addresses[..2], ["192.168.1.10:7", "192.168.1.10:9"]);
    }
}
