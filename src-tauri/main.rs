//! The desktop app. What it does stands in the library, where tests can reach it.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

use std::process::ExitCode;

use mimalloc::MiMalloc;

// As in the program `rappel-hub`: this one has a hub in it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    rappel_desktop::run()
}
