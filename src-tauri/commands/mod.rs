//! What the page may ask of the app. Nothing else of it can be reached from the window.

pub(crate) mod desktop;
pub(crate) mod hub;
pub(crate) mod joining;
#[cfg(test)]
mod tests;

use rappel_link::LinkError;
use serde::Serialize;

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

impl From<SettingsError> for CommandError {
    fn from(error: SettingsError) -> Self {
        Self::new("settings_not_saved", &error)
    }
}
