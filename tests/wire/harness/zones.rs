//! Zone data that a test makes: a directory such as the system's, with rules of its own.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Debian has it where only root looks.
const COMPILERS: [&str; 2] = ["/usr/sbin/zic", "zic"];

/// A directory of zone data. What is not in it comes from the binary.
pub(crate) struct Zones {
    directory: PathBuf,
    compiler: &'static str,
}

impl Zones {
    /// An empty directory. Where there is no compiler of zones the answer is none, and the output
    /// says that the test was skipped.
    pub(crate) fn in_directory(directory: PathBuf) -> Option<Self> {
        let is_there = |program: &&str| {
            Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
        };
        let Some(compiler) = COMPILERS.into_iter().find(is_there) else {
            eprintln!("SKIPPED: zic is not installed, so there are no other zone data");
            return None;
        };
        std::fs::create_dir(&directory).unwrap();
        Some(Self { directory, compiler })
    }

    /// An edition by which the clocks of Paris are always so many hours ahead of UTC.
    pub(crate) fn publish(&self, version: &str, hours: u8) {
        let source = self.directory.with_extension("zi");
        std::fs::write(&source, format!("Zone Europe/Paris {hours}:00 - T{hours}T\n")).unwrap();
        let status = Command::new(self.compiler).arg("-d").arg(&self.directory).arg(&source).status().unwrap();
        assert!(status.success(), "zic refuses the rules");
        std::fs::write(self.directory.join("tzdata.zi"), format!("# version {version}\n")).unwrap();
    }

    /// For `TZDIR`.
    pub(crate) fn path(&self) -> &str {
        self.directory.to_str().unwrap()
    }
}
