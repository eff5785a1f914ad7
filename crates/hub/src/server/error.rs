//! Errors as answers: the contract's table of statuses in one place.

use std::time::Duration;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use rappel_core::Invalid;
use rappel_store::Conflict;

use crate::wire::{ErrorBody, ErrorDetail};

/// Why a request was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ApiError {
    /// 400: not JSON, or too deep.
    MalformedJson(String),
    /// 401: nobody is signed in.
    Unauthorized,
    /// 403: they may not.
    Forbidden,
    /// 403: a page of another site, or none where one must say who it is.
    OriginRefused,
    /// 403: unknown, used, void or expired.
    InvitationRefused,
    /// 403: for desktops that prove a key of their own, over TLS.
    KeyRequired,
    /// 403: others could read it on its way; there is a secure page for it.
    HttpsRequired,
    /// 404: there is no such thing, or not for them.
    NotFound,
    /// 405: the thing is there, but not for that.
    MethodNotAllowed,
    /// 409: it contradicts what is there.
    Conflict(Conflict),
    /// 409: the computer that is to be the hub is not there.
    HeirAway,
    /// 409: the hub is being handed over already.
    HandoverUnderWay,
    /// 412: somebody changed it meanwhile.
    RevisionMismatch { current: u64 },
    /// 413: the body is over 256 KiB.
    TooLarge,
    /// 413: a copy is larger than any that is taken.
    CopyTooLarge,
    /// 422: a copy cannot be gone back to: a stable code, and why.
    CopyRefused { code: &'static str, message: String },
    /// 415: the body is not JSON.
    NotJson,
    /// 421: this hub is not called so.
    UnknownHost,
    /// 422: a field is wrong: which, and why.
    Invalid(Invalid),
    /// 408: the body did not come in time.
    BodyTooSlow,
    /// 426: a WebSocket address was called without wanting one.
    UpgradeRequired,
    /// 429: too many wrong pairing codes; another one may be tried after this time.
    TooManyTries(Duration),
    /// 429: too often, or too many at once.
    TooManyRequests { retry_after_s: u64 },
    /// 500: a bug; the log has it.
    Internal,
    /// 503: the hub is moving to another computer: soon it answers there, or here again.
    Moving,
    /// 503: another computer is the hub, at this address if that is known.
    Moved(Option<String>),
    /// 503: the disk is full.
    DiskFull,
    /// 503: there is no room for a copy that leaves the office enough.
    NoRoomForCopy,
    /// 503: a copy cannot be read or written; the log has it.
    CopyFailed,
    /// 503: the store cannot be used at present.
    Unavailable,
}

impl ApiError {
    fn status(&self) -> StatusCode {
        match self {
            Self::MalformedJson(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden
            | Self::OriginRefused
            | Self::InvitationRefused
            | Self::KeyRequired
            | Self::HttpsRequired => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict(_) | Self::HeirAway | Self::HandoverUnderWay => StatusCode::CONFLICT,
            Self::RevisionMismatch { .. } => StatusCode::PRECONDITION_FAILED,
            Self::TooLarge | Self::CopyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::UnknownHost => StatusCode::MISDIRECTED_REQUEST,
            Self::Invalid(_) | Self::CopyRefused { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::UpgradeRequired => StatusCode::UPGRADE_REQUIRED,
            Self::TooManyTries(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Moving
            | Self::Moved(_)
            | Self::DiskFull
            | Self::NoRoomForCopy
            | Self::CopyFailed
            | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What the body says.
    pub(crate) fn detail(&self) -> ErrorDetail {
        let (code, message) = match self {
            Self::MalformedJson(reason) => ("malformed_json", format!("The request is not valid JSON: {reason}.")),
            Self::Unauthorized => ("unauthorized", "Sign in first.".to_owned()),
            Self::Forbidden => ("forbidden", "You may not do that.".to_owned()),
            Self::OriginRefused => ("origin_refused", "This page may not call this hub.".to_owned()),
            Self::InvitationRefused => {
                ("invitation_refused", "This invitation is not valid, or not any more. Ask for a new one.".to_owned())
            }
            Self::KeyRequired => {
                ("key_required", "Only a desktop with a key of its own can do that, over TLS.".to_owned())
            }
            Self::HttpsRequired => {
                ("https_required", "This is done over https only: open /secure here to see how.".to_owned())
            }
            Self::NotFound => ("not_found", "There is no such thing here.".to_owned()),
            Self::MethodNotAllowed => ("method_not_allowed", "That cannot be done here.".to_owned()),
            Self::Conflict(conflict) => (conflict.code(), capitalised(&sentence(&conflict.to_string()))),
            Self::HeirAway => ("heir_away", "That computer is not there at present.".to_owned()),
            Self::HandoverUnderWay => ("handover_under_way", "The hub is being moved already.".to_owned()),
            Self::RevisionMismatch { current } => {
                ("revision_mismatch", format!("Somebody changed it meanwhile: it is at revision {current} now."))
            }
            Self::TooLarge => ("too_large", "The request is over 256 KiB.".to_owned()),
            Self::CopyTooLarge => ("copy_too_large", "The file is over 1 GiB: it is no copy of an office.".to_owned()),
            Self::CopyRefused { code, message } => (*code, message.clone()),
            Self::NoRoomForCopy => {
                ("no_room_for_copy", "There is not enough space for a copy on the disk of the hub.".to_owned())
            }
            Self::CopyFailed => {
                ("copy_failed", "The hub cannot read or write its copies; its log says why.".to_owned())
            }
            Self::NotJson => ("not_json", "The request must be JSON, with Content-Type: application/json.".to_owned()),
            Self::UnknownHost => ("unknown_host", "This hub is not called by that name; see --allow-host.".to_owned()),
            Self::Invalid(invalid) => ("invalid_field", sentence(&invalid.to_string())),
            Self::BodyTooSlow => ("too_slow", "The request did not come to its end in time.".to_owned()),
            Self::TooManyTries(wait) => {
                ("too_many_tries", format!("Too many wrong codes: try again in {} s.", in_seconds(*wait)))
            }
            Self::UpgradeRequired => ("upgrade_required", "This address is for WebSockets.".to_owned()),
            Self::TooManyRequests { .. } => {
                ("too_many_requests", "That was too often: wait a little, then try again.".to_owned())
            }
            Self::Internal => ("internal", "Something went wrong in the hub; its log says what.".to_owned()),
            Self::Moving => ("hub_moving", "The hub is moving to another computer: try again in a moment.".to_owned()),
            Self::Moved(Some(address)) => {
                ("hub_moved", format!("This office is on another computer now: http://{address}."))
            }
            Self::Moved(None) => ("hub_moved", "This office is on another computer now.".to_owned()),
            Self::DiskFull => {
                ("disk_full", "The disk of the hub is full: nothing can be saved until there is space.".to_owned())
            }
            Self::Unavailable => {
                ("unavailable", "The hub cannot save anything at present: its disk does not work.".to_owned())
            }
        };
        let field = match self {
            Self::Invalid(invalid) => Some(invalid.field.clone()).filter(|field| !field.is_empty()),
            _ => None,
        };
        ErrorDetail { code, message, field }
    }
}

/// Whole seconds, not too few of them.
fn in_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn sentence(text: &str) -> String {
    let text = text.trim_start();
    if text.ends_with('.') { text.to_owned() } else { format!("{text}.") }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let wait = match &self {
            Self::TooManyTries(wait) => Some([(header::RETRY_AFTER, in_seconds(*wait).to_string())]),
            Self::Moving => Some([(header::RETRY_AFTER, "1".to_owned())]),
            Self::TooManyRequests { retry_after_s } => Some([(header::RETRY_AFTER, retry_after_s.to_string())]),
            _ => None,
        };
        (self.status(), wait, Json(ErrorBody { error: self.detail() })).into_response()
    }
}

impl From<rappel_store::Error> for ApiError {
    fn from(error: rappel_store::Error) -> Self {
        use rappel_store::Error;
        match error {
            Error::NotFound => Self::NotFound,
            Error::Forbidden => Self::Forbidden,
            Error::Invalid(invalid) => Self::Invalid(invalid),
            Error::RevisionMismatch { current } => Self::RevisionMismatch { current },
            Error::Conflict(conflict) => Self::Conflict(conflict),
            Error::InvitationRefused => Self::InvitationRefused,
            Error::Frozen => Self::Moving,
            // The store itself says so in the log, once.
            Error::DiskFull(source) => {
                tracing::debug!(error = %source, "the disk is full");
                Self::DiskFull
            }
            Error::Unavailable(source) => {
                tracing::warn!(error = %source, "the event store cannot be used");
                Self::Unavailable
            }
            Error::Internal(source) => {
                tracing::error!(error = %source, "the event store failed");
                Self::Internal
            }
        }
    }
}

impl From<Invalid> for ApiError {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}
