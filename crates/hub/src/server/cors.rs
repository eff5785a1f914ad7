//! What browsers are told of the pages of other origins that were named: what they may send, with a
//! token, and what they may read.
//!
//! Nobody is kept out by it. Who may not call was refused by the guard, and told nothing of this. It is
//! the same few headers each time but for the origin, so they are written here and not made of rules.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

const METHODS: &str = "GET,POST,PATCH,DELETE";
const HEADERS: &str = "authorization,content-type,idempotency-key,if-match";
/// Those of an answer that a page may read besides what every page may.
const EXPOSED: &str = "etag,retry-after";
/// How long a browser remembers what it was told, in seconds.
const MAX_AGE: &str = "600";
/// Who keeps an answer keeps it for whoever asks in the same way.
const VARY: &str = "origin, access-control-request-method, access-control-request-headers";

/// The origins of the pages that were named.
#[derive(Debug)]
pub(super) struct Cors(Vec<HeaderValue>);

impl Cors {
    pub(super) fn new(origins: &[String]) -> Self {
        Self(origins.iter().filter_map(|origin| origin.parse().ok()).collect())
    }

    /// The origin that a request names, if a page of it may read the answer.
    pub(super) fn reader(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        headers.get(header::ORIGIN).filter(|origin| self.0.contains(origin)).cloned()
    }
}

/// The answer to what may be sent: of `methods`, if there are any, by a program; and by a page, these.
pub(super) fn preflight(reader: Option<HeaderValue>, methods: Option<HeaderValue>) -> Response {
    let mut answer = Response::new(Body::empty());
    let headers = answer.headers_mut();
    share(headers, reader);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(HEADERS));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE));
    headers.extend(methods.map(|methods| (header::ALLOW, methods)));
    answer
}

/// Has an answer say who may read it, and what of it.
pub(super) fn disclose(headers: &mut HeaderMap, reader: Option<HeaderValue>) {
    share(headers, reader);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
}

fn share(headers: &mut HeaderMap, reader: Option<HeaderValue>) {
    headers.append(header::VARY, HeaderValue::from_static(VARY));
    headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    if let Some(origin) = reader {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
}
