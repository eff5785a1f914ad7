//! An HTTP answer.

use serde_json::Value;
use ureq::http::{HeaderMap, StatusCode};

/// An HTTP answer, read to its end.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// As text, if it is one.
    pub(crate) body: String,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn new(status: StatusCode, headers: HeaderMap, bytes: Vec<u8>) -> Self {
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Self { status: status.as_u16(), headers, body, bytes }
    }

    /// The JSON of an answer that must have this status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        if self.body.is_empty() { Value::Null } else { self.json() }
    }

    /// A refusal with this status and the contract's shape: its stable code.
    #[track_caller]
    pub(crate) fn refusal(&self, status: u16) -> String {
        let body = self.expect(status);
        assert_eq!(keys(&body), ["error"], "{body}");
        assert_eq!(keys(&body["error"]), ["code", "field", "message"], "{body}");
        assert!(body["error"]["message"].as_str().is_some_and(|message| !message.is_empty()), "{body}");
        body["error"]["code"].as_str().unwrap().to_owned()
    }

    /// The field that a 422 names.
    #[track_caller]
    pub(crate) fn wrong_field(&self) -> String {
        assert_eq!(self.refusal(422), "invalid_field");
        self.json()["error"]["field"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The cookie that is set, as a request brings it back: `name=value`.
    pub(crate) fn cookie(&self) -> Option<String> {
        self.header("set-cookie").map(|cookie| cookie.split(';').next().unwrap().to_owned())
    }
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().map(|fields| fields.keys().map(String::as_str).collect()).unwrap_or_default()
}
