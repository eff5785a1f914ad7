//! Reading JSON bodies so that what is wrong is named.

use std::time::Duration;

use axum::body::{Bytes, HttpBody};
use axum::extract::{FromRequest, Request};
use axum::http::header;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use rappel_core::Invalid;
use serde::de::DeserializeOwned;
use tower::BoxError;

use super::error::ApiError;
use crate::wire::Object;

/// The largest body of a request, in bytes.
const BODY_MAX: usize = 256 * 1024;
/// A body comes to its end within this time after its headers.
const BODY_WITHIN: Duration = Duration::from_secs(10);

/// A JSON body. One that is empty counts as `{}`.
#[derive(Debug)]
pub(crate) struct Body<T> {
    pub(crate) value: T,
    bytes: Bytes,
}

impl<T> Body<T> {
    /// The hash of the body's bytes.
    pub(crate) fn hash(&self) -> [u8; 32] {
        *blake3::hash(&self.bytes).as_bytes()
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ApiError> {
        let is_json = request.headers().get(header::CONTENT_TYPE).map(|value| is_json(value.to_str().unwrap_or("")));
        let bytes = read(request.into_body()).await?;
        if !bytes.is_empty() && is_json != Some(true) {
            return Err(ApiError::NotJson);
        }
        let value = parse(if bytes.is_empty() { b"{}" } else { &bytes })?;
        Ok(Self { value, bytes })
    }
}

async fn read<B>(body: B) -> Result<Bytes, ApiError>
where
    B: HttpBody<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let read = Limited::new(body, BODY_MAX).collect().await;
    read.map(|body| body.to_bytes()).map_err(|error| {
        if error.is::<LengthLimitError>() {
            ApiError::TooLarge
        } else {
            ApiError::MalformedJson("the body broke off".to_owned())
        }
    })
}

/// All of a body that is still to come.
pub(super) async fn read_in_time<B>(body: B) -> Result<Bytes, ApiError>
where
    B: HttpBody<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    tokio::time::timeout(BODY_WITHIN, read(body)).await.unwrap_or(Err(ApiError::BodyTooSlow))
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or("").trim();
    essence.eq_ignore_ascii_case("application/json") || {
        let essence = essence.to_ascii_lowercase();
        essence.starts_with("application/") && essence.ends_with("+json")
    }
}

/// Reads a JSON object into a request's shape.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let Object(value) = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        // A wrong field is found before the rest is read, and the rest may not even be JSON.
        match serde_json::from_slice::<serde_json::Value>(bytes) {
            Ok(_) if inner.is_data() => ApiError::Invalid(wrong_field(&path, &inner)),
            Ok(_) => malformed(&inner),
            Err(error) => malformed(&error),
        }
    })?;
    reader.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> ApiError {
    ApiError::MalformedJson(error.to_string())
}

/// The field that serde did not take. It names unknown, missing and repeated ones in its message
/// only; of others the path tells.
fn wrong_field(path: &str, error: &serde_json::Error) -> Invalid {
    let message = error.to_string();
    let named = |prefix: &str| message.strip_prefix(prefix)?.split('`').next();
    let path = if path == "." { "" } else { path };
    let within = |name: &str| match path.rsplit_once('.') {
        Some((parent, last)) if last == name => format!("{parent}.{name}"),
        _ if path.is_empty() || path == name => name.to_owned(),
        _ => format!("{path}.{name}"),
    };
    if let Some(name) = named("unknown field `") {
        return Invalid::new(within(name), "is not a field that can be set");
    }
    if let Some(name) = named("missing field `") {
        return Invalid::new(within(name), "is required");
    }
    if let Some(name) = named("duplicate field `") {
        return Invalid::new(within(name), "is there twice");
    }
    let field = path.split('[').next().unwrap_or_default();
    if field.is_empty() {
        return Invalid::new("", "The request must be a JSON object");
    }
    let wanted = message.split(", expected ").nth(1).and_then(|rest| rest.split(" at line ").next());
    Invalid::new(field, format!("must be {}", in_words(wanted.unwrap_or_default())))
}

/// What serde expected, for a person.
fn in_words(wanted: &str) -> &str {
    match wanted {
        "a string" => "text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "an object" => "an object",
        "u32" | "u64" => "a whole number, 0 or more",
        _ => "of another kind: see what this field takes",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::event::{EventInput, EventPatch};

    fn refused(body: &str) -> ApiError {
        parse::<EventInput>(body.as_bytes()).unwrap_err()
    }

    fn field(body: &str) -> String {
        match refused(body) {
            ApiError::Invalid(invalid) => invalid.field,
            other => panic!("{body}: {other:?}"),
        }
    }

    #[test]
    fn the_field_that_is_wrong_is_named() {
        assert_eq!(field(r#"{"titel": "x"}"#), "titel");
        assert_eq!(field(r#"{"title": 5}"#), "title");
        assert_eq!(field(r#"{"reminders": [5, -1]}"#), "reminders");
        assert_eq!(field(r#"{"reminders": [5, 1.5]}"#), "reminders");
        assert_eq!(field(r#"{"contact": {"mail": "x"}}"#), "contact.mail");
        assert_eq!(field(r#"{"contact": {"email": 5}}"#), "contact.email");
        assert_eq!(field(r#"{"contact": "Marie"}"#), "contact");
        assert_eq!(field(r#"{"contact": ["c-17"]}"#), "contact");
        assert_eq!(field(r#"{"title": "x", "title": "y"}"#), "title");
        assert_eq!(field(r#"[]"#), "");
        assert_eq!(field(r#"{"assignees": [5]}"#), "assignees");
    }

    #[test]
    fn what_cannot_be_changed_is_no_field() {
        let refused = parse::<EventPatch>(br#"{"revision": 3}"#).unwrap_err();
        assert!(matches!(refused, ApiError::Invalid(invalid) if invalid.field == "revision"));
    }

    #[test]
    fn what_is_no_json_is_malformed() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for body in [
            "{",
            "x",
            r#"{"title": "x"} y"#,
            r#"{"title": "\ud800"}"#,
            r#"{"titel": 5, "#,
            &format!(r#"{{"title": {deep}}}"#),
            &deep,
        ] {
            assert!(matches!(refused(body), ApiError::MalformedJson(_)), "{body}");
        }
    }

    #[test]
    fn a_patch_tells_null_from_absent() {
        let patch: EventPatch = parse(br#"{"location": null}"#).unwrap();
        assert_eq!(patch.location, Some(None));
        assert_eq!(patch.comment, None);
    }
}
