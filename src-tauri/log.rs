//! Where the app writes what it does: stderr, and a file a day, of which a week is kept.

use std::io::IsTerminal;
use std::path::Path;

use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::folders;

/// The variable that says what is logged, in the form `info,rappel_hub=debug`.
const VARIABLE: &str = "RAPPEL_LOG";
const DAYS_KEPT: usize = 7;

/// Begins to log. Without a folder to write to, only to stderr.
pub(crate) fn begin(folder: &Path) {
    let wanted = std::env::var(VARIABLE).ok().and_then(|wanted| wanted.parse().ok());
    let usual = || Targets::new().with_default(LevelFilter::INFO).with_target("zbus", LevelFilter::WARN);
    let filter: Targets = wanted.unwrap_or_else(usual);
    let file = folders::create_private(folder).map_err(|error| error.to_string()).and_then(|()| {
        RollingFileAppender::builder()
            .rotation(Rotation::DAILY)
            .filename_prefix("rappel")
            .filename_suffix("log")
            .max_log_files(DAYS_KEPT)
            .build(folder)
            .map_err(|error| error.to_string())
    });
    let (file, problem) = match file {
        Ok(file) => (Some(file), None),
        Err(problem) => (None, Some(problem)),
    };
    let to_file = file.map(|file| tracing_subscriber::fmt::layer().with_ansi(false).with_writer(file));
    let in_colour = std::io::stderr().is_terminal();
    let to_stderr = tracing_subscriber::fmt::layer().with_ansi(in_colour).with_writer(std::io::stderr);
    let begun = tracing_subscriber::registry().with(filter).with(to_stderr).with(to_file).try_init();
    if let Some(problem) = problem {
        tracing::warn!(problem, "no log file");
    }
    if begun.is_err() {
        tracing::debug!("logging had begun before");
    }
}
