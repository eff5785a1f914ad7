//! One call to the hub and its answer, whichever way they travel.

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, IF_MATCH};
use axum::http::{self, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::LinkError;

/// A call, as the page makes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Request {
    /// `GET`, `POST`, `PATCH` or `DELETE`.
    pub method: String,
    /// Path and query, beginning with `/api/`.
    pub path: String,
    /// The JSON body, where there is one.
    #[serde(default)]
    pub body: Option<Value>,
    /// A file in place of a body, in base64.
    #[serde(default)]
    pub file: Option<String>,
    /// The revision that must still be current, for an `If-Match` header.
    #[serde(default)]
    pub if_match: Option<u64>,
    /// The `Idempotency-Key` header.
    #[serde(default)]
    pub idempotency_key: Option<String>,
}

impl Request {
    /// A call that only reads.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self::new("GET", path, None)
    }

    /// A call that changes something.
    #[must_use]
    pub fn post(path: impl Into<String>, body: Option<Value>) -> Self {
        Self::new("POST", path, body)
    }

    fn new(method: &str, path: impl Into<String>, body: Option<Value>) -> Self {
        Self { method: method.into(), path: path.into(), body, file: None, if_match: None, idempotency_key: None }
    }

    /// Refuses what is not a call of the API: another method, or a path outside `/api/`.
    ///
    /// # Errors
    /// [`LinkError::BadRequest`] saying what is wrong.
    pub fn check(&self) -> Result<(), LinkError> {
        if !matches!(self.method.as_str(), "GET" | "POST" | "PATCH" | "DELETE") {
            return Err(LinkError::BadRequest("unknown method".into()));
        }
        if !self.path.starts_with("/api/") || self.path.contains("..") {
            return Err(LinkError::BadRequest("the path must begin with /api/".into()));
        }
        Ok(())
    }

    /// As it goes over HTTP.
    pub(crate) fn to_http(&self, token: Option<&str>) -> Result<http::Request<Body>, LinkError> {
        let bad = |error: http::Error| LinkError::BadRequest(error.to_string());
        let mut builder = http::Request::builder().method(self.method.as_str()).uri(&self.path);
        if let Some(token) = token {
            builder = builder.header(AUTHORIZATION, bearer(token));
        }
        if let Some(revision) = self.if_match {
            builder = builder.header(IF_MATCH, format!("\"{revision}\""));
        }
        if let Some(key) = &self.idempotency_key {
            builder = builder.header("idempotency-key", key);
        }
        if let Some(file) = &self.file {
            let no_file = |error| LinkError::BadRequest(format!("the file is not base64: {error}"));
            let bytes = STANDARD.decode(file).map_err(no_file)?;
            return builder.header(CONTENT_TYPE, "application/octet-stream").body(Body::from(bytes)).map_err(bad);
        }
        match &self.body {
            Some(body) => builder.header(CONTENT_TYPE, "application/json").body(Body::from(body.to_string())),
            None => builder.body(Body::empty()),
        }
        .map_err(bad)
    }
}

/// A token as a header, which is not to be shown.
pub(crate) fn bearer(token: &str) -> HeaderValue {
    let mut value =
        HeaderValue::try_from(format!("Bearer {token}")).expect("BUG: a token is made of visible characters");
    value.set_sensitive(true);
    value
}

/// What the hub answered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The JSON body; null where there is none.
    pub body: Value,
}

impl Answer {
    /// Reads an answer's body.
    pub(crate) fn read(status: u16, body: &[u8]) -> Result<Self, LinkError> {
        let body = if body.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(body) };
        let body = body.map_err(|error| LinkError::Unreachable(format!("its answer is not JSON: {error}")))?;
        Ok(Self { status, body })
    }

    /// Whether the hub did what was asked.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_calls_of_the_api_pass() {
        for path in ["/ws/notifications/", "/api", "api/me", "http://elsewhere/api/", "/api/../ws/"] {
            assert!(Request::get(path).check().is_err(), "{path} is not a call of the API");
        }
        assert!(Request::get("/api/me").check().is_ok());
        let mut request = Request::get("/api/me");
        request.method = "CONNECT".into();
        assert!(request.check().is_err(), "a method that the API does not know");
    }

    #[test]
    fn the_page_writes_camel_case() {
        let request: Request = serde_json::from_value(serde_json::json!({
            "method": "PATCH", "path": "/api/events/1", "body": {"title": "x"}, "ifMatch": 3,
        }))
        .expect("a request as the page sends it");
        assert_eq!(request.if_match, Some(3));
        assert!(request.idempotency_key.is_none());
    }
}
