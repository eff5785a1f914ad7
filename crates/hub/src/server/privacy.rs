//! What may be done on a line that others can read.
//!
//! Plain HTTP from another machine is readable for everybody on the way. As long as the office has
//! nothing better, all is done on it. Once the secure office is on, administration is not, whoever
//! asks; and when an admin has switched plain HTTP off, nothing is but what leads to the secure page.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, MatchedPath, Request};
use axum::http::Method;
use axum::http::request::Parts;

use super::connected::Connected;
use super::error::ApiError;
use crate::hub::Hub;

/// Who can read a request on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Privacy {
    /// Nobody: it came over TLS, or from this machine.
    pub(crate) is_private: bool,
    /// Whether an admin's work may be done.
    pub(crate) may_administer: bool,
}

impl Privacy {
    /// Within this process.
    const INSIDE: Self = Self { is_private: true, may_administer: true };
}

impl<S: Sync> FromRequestParts<S> for Privacy {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self::INSIDE))
    }
}

/// Lets a request pass with its [`Privacy`], or refuses what others could read.
pub(super) fn admit(hub: &Hub, request: &mut Request) -> Result<(), ApiError> {
    let is_private = Connected::of(request.extensions())
        .is_some_and(|connected| connected.is_from_here || connected.channel.is_tls());
    let office = hub.secure_office();
    let may_administer = is_private || !office.is_on();
    if !may_administer {
        let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let is_reading = matches!(*request.method(), Method::GET | Method::HEAD);
        if is_administration(is_reading, path) || !(office.takes_plain() || leads_to_the_secure_page(path)) {
            return Err(ApiError::HttpsRequired);
        }
    }
    request.extensions_mut().insert(Privacy { is_private, may_administer });
    Ok(())
}

/// People, invitations, settings, copies: what only admins do, and see. That they may also see and revoke the
/// devices of others is looked at where that is done.
fn is_administration(is_reading: bool, path: &str) -> bool {
    match path {
        "/api/people" | "/api/people/{id}" | "/api/office" | "/api/secure-office" => !is_reading,
        // Whoever asks to be let in writes there.
        "/api/join-requests" => is_reading,
        "/api/people/{id}/invitations"
        | "/api/invitations"
        | "/api/join-requests/{id}/accept"
        | "/api/join-requests/{id}/decline"
        | "/api/audit"
        | "/api/hub"
        | "/api/hub/keeper"
        | "/api/hub/handover" => true,
        _ => path == "/api/copies" || path.starts_with("/api/copies/"),
    }
}

/// What a browser needs that does not trust the office's authority yet, or has just begun to: the way
/// there is made so that others may read it.
fn leads_to_the_secure_page(path: &str) -> bool {
    matches!(path, "/api/health" | "/api/secure-office" | "/api/secure-office/handovers")
        || path.starts_with("/authority/")
}
