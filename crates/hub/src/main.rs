//! The `rappel-hub` program: see [`rappel_hub::cli`].

use std::process::ExitCode;

use mimalloc::MiMalloc;

// What one thread allocates for an event another frees: that is quicker than with the system's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    rappel_hub::cli::main()
}
