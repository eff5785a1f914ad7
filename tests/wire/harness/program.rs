//! The program, run to its end.

use std::process::{Command, Stdio};

/// What a run of the program left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Outcome {
    /// Runs a command to its end.
    pub(crate) fn of(mut command: Command) -> Self {
        let output = command.stdin(Stdio::null()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self {
            code: output.status.code().unwrap_or_else(|| panic!("killed: {}", output.status)),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// The output of a run that must have succeeded without a word on stderr.
    #[track_caller]
    pub(crate) fn out(&self) -> &str {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{}", self.out);
        self.out.strip_suffix('\n').unwrap_or(&self.out)
    }

    /// The message of a run that must have failed with this code: one line of the contract's form.
    #[track_caller]
    pub(crate) fn error(&self, code: i32) -> &str {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{}", self.err);
        let message = self.err.strip_prefix("rappel-hub: ").and_then(|rest| rest.strip_suffix('\n'));
        let message = message.unwrap_or_else(|| panic!("not the form of an error: {:?}", self.err));
        assert!(!message.is_empty() && !message.contains('\n'), "one line: {:?}", self.err);
        message
    }
}
