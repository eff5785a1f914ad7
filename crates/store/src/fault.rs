//! Points at which a test has the process die, as if it were killed.
//!
//! Debug builds only. `RAPPEL_DIE_AT=committed:/some/file` ends the process at the point
//! `committed` as soon as that file exists, so that a test chooses the moment. The points are
//! `before-commit`, `committed` and `log-copied-ahead` here, and `read-not-sent` in the hub's sessions.

/// A point at which a test may end the process.
#[cfg(debug_assertions)]
pub fn point(name: &str) {
    use std::sync::OnceLock;
    static WANTED: OnceLock<Option<(String, std::path::PathBuf)>> = OnceLock::new();
    let wanted = WANTED.get_or_init(|| {
        let text = std::env::var("RAPPEL_DIE_AT").ok()?;
        let (point, file) = text.split_once(':')?;
        Some((point.to_owned(), file.into()))
    });
    if let Some((point, file)) = wanted
        && point == name
        && file.exists()
    {
        std::process::abort();
    }
}

/// A point at which a test may end the process: not in this build.
#[cfg(not(debug_assertions))]
pub fn point(_name: &str) {}
