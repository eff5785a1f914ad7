//! The address that colleagues know, kept over restarts, so that they can be told of another one.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The address that colleagues know, and the file that remembers it.
pub(crate) struct Whereabouts {
    file: PathBuf,
    known: Option<SocketAddr>,
}

impl Whereabouts {
    /// Reads the file. One that is not there, or cannot be read, knows no address.
    pub(crate) fn load(file: PathBuf) -> Self {
        let known = std::fs::read_to_string(&file).ok().and_then(|text| text.trim().parse().ok());
        Self { file, known }
    }

    /// The hub is at this address. The answer is the one that colleagues know, when it is another;
    /// where they know none, it is this one.
    pub(crate) fn left_behind(&mut self, now: SocketAddr) -> Option<SocketAddr> {
        if self.known.is_none() {
            self.told(now);
        }
        self.known.filter(|known| *known != now)
    }

    /// Colleagues know this address.
    pub(crate) fn told(&mut self, address: SocketAddr) {
        self.known = Some(address);
        let written = crate::folders::private_file(&self.file).and_then(|mut file| writeln!(file, "{address}"));
        if let Err(error) = written {
            tracing::warn!(%error, "the address of the hub is not kept");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colleagues_are_to_be_told_of_another_address_until_they_are_also_after_a_restart() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("address");
        let [first, second] =
            ["192.168.7.20:7710", "192.168.7.31:7710"].map(|address| address.parse().expect("an address"));
        let mut whereabouts = Whereabouts::load(file.clone());
        assert_eq!(whereabouts.left_behind(first), None, "the first address is the one that they are given");
        assert_eq!(whereabouts.left_behind(second), Some(first));
        let mut whereabouts = Whereabouts::load(file.clone());
        assert_eq!(whereabouts.left_behind(second), Some(first), "nobody was told before the restart");
        assert_eq!(whereabouts.left_behind(first), None, "it has come back");
        whereabouts.told(second);
        assert_eq!(Whereabouts::load(file).left_behind(second), None);
    }
}
