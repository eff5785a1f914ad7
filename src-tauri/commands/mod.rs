//! What the page may ask of the app. Nothing else of it can be reached from the window.

pub(crate) mod desktop;
pub(crate) mod hub;
pub(crate) mod joining;
#[cfg(test)]
mod tests;

use rappel_link::LinkError;
use rappel_link::heir::{HeirError, RestoreError, SealError};
use serde::Serialize;

use crate::heir::TakeOverError;
use crate::settings::SettingsError;

/// A refusal, as the page gets it.
#[derive(Debug, Serialize)]
pub(crate) struct CommandError {
    code: &'static str,
    message: String,
}

impl CommandError {
    pub(crate) fn new(code: &'static str, cause: &impl std::fmt::Display) -> Self {
        Self { code, message: cause.to_string() }
    }
}

impl From<LinkError> for CommandError {
    fn from(error: LinkError) -> Self {
        let code = match error {
            LinkError::BadRequest(_) => "bad_request",
            LinkError::Refused(_) => "refused",
            LinkError::NotLetIn => "invitation_refused",
            LinkError::TooManyTries => "too_many_tries",
            LinkError::NotALink => "not_a_link",
            LinkError::NotACode => "not_a_code",
            LinkError::NotAnAddress => "not_an_address",
            LinkError::Gone => "gone",
            LinkError::Unreachable(_) => "hub_unreachable",
            LinkError::WrongKey => "wrong_key",
            LinkError::SignedOut => "signed_out",
            LinkError::Unwritten(_) => "not_saved",
        };
        Self::new(code, &error)
    }
}

impl From<TakeOverError> for CommandError {
    fn from(error: TakeOverError) -> Self {
        let code = match &error {
            TakeOverError::NotJoined => "not_joined",
            TakeOverError::Heir(error) => match error {
                HeirError::HubAnswers(_) => "hub_answers",
                HeirError::NoCopy => "no_copy",
                HeirError::Restore(RestoreError::Newer { .. }) => "copy_newer",
                HeirError::Seal(SealError::Foreign | SealError::Damaged)
                | HeirError::Restore(
                    RestoreError::Empty(_)
                    | RestoreError::Foreign(_)
                    | RestoreError::Itself(_)
                    | RestoreError::NotClosed { .. }
                    | RestoreError::Damaged(_)
                    | RestoreError::NoAdmin,
                ) => "copy_damaged",
                HeirError::Keep(_)
                | HeirError::Seal(SealError::Io(_))
                | HeirError::Restore(
                    RestoreError::Unreadable { .. }
                    | RestoreError::Folder { .. }
                    | RestoreError::Keep(_)
                    | RestoreError::Sqlite(_)
                    | RestoreError::Store(_),
                ) => "copy_unwritten",
                HeirError::DataDir(_) => "data_in_use",
                HeirError::OfficeOfItsOwn => "office_of_its_own",
                HeirError::Ask(_) | HeirError::Undecided(_) => "hub_unreachable",
            },
        };
        Self::new(code, &error)
    }
}

impl From<SettingsError> for CommandError {
    fn from(error: SettingsError) -> Self {
        Self::new("settings_not_saved", &error)
    }
}
