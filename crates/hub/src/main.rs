//! The `rappel-hub` program: see [`rappel_hub::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    rappel_hub::cli::main()
}
