//! A desktop and the hub of another machine, over real sockets: the hub is real, and so is whoever
//! stands between.

mod asking;
mod cable;
mod calling;
mod finding;
mod following;
mod impostor;
mod joining;
#[cfg(target_os = "linux")]
mod network;
mod office;
mod without_hub;

use std::time::Duration;

/// How long a test waits for what must come. Far longer than anything takes: to reach it is to fail.
const PATIENCE: Duration = Duration::from_secs(20);
