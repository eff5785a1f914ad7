//! A small disk for an office: a tmpfs in a mount namespace of its own, so that nobody else sees it
//! and nothing is left behind, however the test ends.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The disk is there as long as this is.
pub(crate) struct Disk {
    /// Lives in the namespace, and ends when its stdin does.
    holder: Child,
    path: PathBuf,
    /// The namespace belongs to a user namespace: nobody but root may have it otherwise.
    is_by_user: bool,
}

impl Disk {
    /// Mounts a disk of this size, in KiB, at a path; or says why that is not possible here.
    pub(crate) fn mount(path: &Path, size_kib: u32) -> Result<Self, String> {
        std::fs::create_dir_all(path).unwrap();
        let as_root = Self::try_mount(path, size_kib, false);
        as_root.or_else(|why| Self::try_mount(path, size_kib, true).map_err(|other| format!("{why}; {other}")))
    }

    fn try_mount(path: &Path, size_kib: u32, is_by_user: bool) -> Result<Self, String> {
        let script = format!("mount -t tmpfs -o size={size_kib}k,mode=700 tmpfs \"$0\" && echo ready && exec cat");
        let mut command = Command::new("unshare");
        command.arg("--mount");
        if is_by_user {
            command.arg("--map-root-user");
        }
        command.args(["sh", "-c", &script]).arg(path);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut holder = command.spawn().map_err(|error| format!("unshare: {error}"))?;
        let mut line = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
        if line != "ready\n" {
            let output = holder.wait_with_output().unwrap();
            return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
        }
        Ok(Self { holder, path: path.to_owned(), is_by_user })
    }

    /// The beginning of a command that runs where the disk is.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.holder.id().to_string(), "--mount"]);
        if self.is_by_user {
            command.args(["--user", "--preserve-credentials"]);
        }
        command.arg(program);
        command
    }

    /// Takes all the space that is left.
    pub(crate) fn fill(&self) {
        let mut balloon = File::options().append(true).create(true).open(self.balloon()).unwrap();
        loop {
            match balloon.write(&[b'-'; 4096]) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => return,
                Err(error) => panic!("the disk cannot be filled: {error}"),
            }
        }
    }

    /// Gives the space back.
    pub(crate) fn free(&self) {
        std::fs::remove_file(self.balloon()).unwrap();
    }

    fn balloon(&self) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.holder.id()));
        root.join(self.path.strip_prefix("/").unwrap()).join("balloon")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        let _ = self.holder.wait();
    }
}
