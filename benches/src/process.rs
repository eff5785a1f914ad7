//! A program under measurement: what it takes of memory and processor, as Linux counts it.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// A running server. Dropping it kills it.
pub(crate) struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// `127.0.0.1:7710`
    pub(crate) address: String,
    /// From the start to the line that says it listens.
    pub(crate) started_in: Duration,
}

impl Process {
    /// Starts a program that says `listening on http://ADDRESS`.
    pub(crate) async fn start(program: &Path, arguments: &[&str]) -> anyhow::Result<Self> {
        let began = Instant::now();
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let mut lines = BufReader::new(child.stdout.take().context("it has a stdout")?).lines();
        let line = lines.next_line().await?.context("it ended at once")?;
        let Some(address) = line.strip_prefix("listening on http://") else { bail!("it says {line:?}") };
        Ok(Self { child, address: address.to_owned(), started_in: began.elapsed(), lines })
    }

    /// Its next line on stdout.
    pub(crate) async fn line(&mut self) -> anyhow::Result<String> {
        self.lines.next_line().await?.context("it says nothing more")
    }

    /// Its proportional share of memory, in KiB.
    pub(crate) fn memory_kib(&self) -> anyhow::Result<f64> {
        let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.id()?))?;
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).context("no Pss")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }

    /// The processor time it has had, in clock ticks of 10 ms.
    pub(crate) fn processor_ticks(&self) -> anyhow::Result<u64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.id()?))?;
        let fields: Vec<&str> = stat.rsplit_once(") ").context("a stat line")?.1.split(' ').collect();
        Ok(fields[11].parse::<u64>()? + fields[12].parse::<u64>()?)
    }

    /// Asks it to end, and waits until it has.
    pub(crate) async fn stop(&mut self) -> anyhow::Result<()> {
        let kill = Command::new("kill").args(["-TERM", &self.id()?.to_string()]).status().await?;
        ensure!(kill.success(), "it cannot be ended");
        self.child.wait().await?;
        Ok(())
    }

    fn id(&self) -> anyhow::Result<u32> {
        self.child.id().context("it has ended")
    }
}
