//! The desktop app. What it does stands in the library, where tests can reach it.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    rappel_desktop::run()
}
