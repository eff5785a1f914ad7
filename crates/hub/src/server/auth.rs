//! Who calls: by a token in the header, or by the cookie of a paired browser.

use std::borrow::Cow;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use cookie::{Cookie, SameSite};
use rappel_store::{By, Caller};

use super::connected::Connected;
use super::error::ApiError;
use super::guard::Source;
use super::line::Channel;
use crate::hub::Hub;

/// How long a browser stays paired without being used, in days: as long as browsers allow.
const COOKIE_DAYS: i64 = 400;

/// A signed-in device.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SignedIn(pub(crate) Caller);

impl SignedIn {
    pub(crate) fn by(self) -> By {
        By::Caller(self.0)
    }
}

impl FromRequestParts<Hub> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, ApiError> {
        let changes = !matches!(parts.method, Method::GET | Method::HEAD);
        let source = parts.extensions.get::<Source>().copied().unwrap_or(Source::Unsaid);
        let channel = Channel::of(&parts.extensions);
        let token = token_of(&parts.headers, source, changes, || cookie_name(hub, channel))?;
        let caller = authenticate(hub, &token, channel).await?;
        keep_connection(parts);
        Ok(Self(caller))
    }
}

/// The token that a request brings. `needs_own_page`: a cookie counts only with the hub's own
/// `Origin`.
pub(crate) fn token_of(
    headers: &HeaderMap,
    source: Source,
    needs_own_page: bool,
    cookie_name: impl FnOnce() -> String,
) -> Result<Cow<'_, str>, ApiError> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let token = value.to_str().ok().and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().into())
        });
        return token.ok_or(ApiError::Unauthorized);
    }
    match (source, cookie_of(headers, &cookie_name())) {
        (_, None) | (Source::AllowedPage, Some(_)) => Err(ApiError::Unauthorized),
        (Source::Unsaid, Some(_)) if needs_own_page || is_of_another_page(headers) => Err(ApiError::OriginRefused),
        (Source::Unsaid | Source::OwnPage, Some(token)) => Ok(token.into()),
    }
}

/// Whether a browser says that a page of another origin asks: as an image or a script, so without
/// an `Origin`. It cannot read the answer, but see how long it takes and how large it is; and to
/// `SameSite` another port of this host is no other site.
fn is_of_another_page(headers: &HeaderMap) -> bool {
    headers.get_all("sec-fetch-site").iter().any(|site| !matches!(site.as_bytes(), b"same-origin" | b"none"))
}

/// Somebody signed in: the connection is no stranger's any more.
pub(crate) fn keep_connection(parts: &Parts) {
    if let Some(connected) = Connected::of(&parts.extensions) {
        connected.place.sign_in();
    }
}

/// The caller whose token it is. A joined desktop's counts only where its key was proven.
pub(crate) async fn authenticate(hub: &Hub, token: &str, channel: Channel) -> Result<Caller, ApiError> {
    let key_hash = channel.key().map(|key| *key.as_bytes());
    hub.store().authenticate_with_key(token, key_hash, hub.now()).await?.ok_or(ApiError::Unauthorized)
}

/// The cookie's name. Cookies ignore ports, so each hub has its own. Over TLS its prefix keeps
/// whoever answers plainly under the same name from setting it.
pub(crate) fn cookie_name(hub: &Hub, channel: Channel) -> String {
    let id = hub.store().identity().id.simple().to_string();
    let prefix = if channel.is_tls() { "__Host-" } else { "" };
    format!("{prefix}rappel_{}", &id[id.len() - 12..])
}

/// The cookie of a paired browser: not for scripts, not for other sites.
pub(crate) fn cookie(hub: &Hub, token: &str, channel: Channel) -> String {
    Cookie::build((cookie_name(hub, channel), token.to_owned()))
        .secure(channel.is_tls())
        .http_only(true)
        .same_site(SameSite::Strict)
        .path("/")
        .max_age(cookie::time::Duration::days(COOKIE_DAYS))
        .build()
        .to_string()
}

/// Takes a browser the cookie that it has on such a line.
pub(crate) fn spent_cookie(hub: &Hub, channel: Channel) -> String {
    Cookie::build((cookie_name(hub, channel), ""))
        .secure(channel.is_tls())
        .http_only(true)
        .same_site(SameSite::Strict)
        .path("/")
        .max_age(cookie::time::Duration::ZERO)
        .build()
        .to_string()
}

/// The token in a request's cookie.
pub(crate) fn cookie_of(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}
