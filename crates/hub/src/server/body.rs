//! Reading JSON bodies so that what is wrong is named.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use rappel_core::Invalid;
use serde::de::DeserializeOwned;

use super::admission::Place;
use super::error::ApiError;
use super::routes::copies::UPLOADS;
use crate::wire::Object;

/// A JSON body. One that is empty counts as `{}`.
#[derive(Debug)]
pub(crate) struct Body<T> {
    pub(crate) value: T,
    /// The hash of the body's bytes.
    pub(crate) hash: [u8; 32],
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let is_json = request.headers().get(header::CONTENT_TYPE).map(|value| is_json(value.to_str().unwrap_or("")));
        let bytes = read(request, state).await?;
        let hash = *blake3::hash(&bytes).as_bytes();
        if bytes.is_empty() {
            return parse(b"{}").map(|value| Self { value, hash });
        }
        if is_json != Some(true) {
            return Err(ApiError::NotJson);
        }
        parse(&bytes).map(|value| Self { value, hash })
    }
}

/// A body comes to its end within this time after its headers.
const BODY_WITHIN: Duration = Duration::from_secs(10);

async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, ApiError> {
    Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge,
        _ => ApiError::MalformedJson("the body broke off".to_owned()),
    })
}

/// Reads the body before anything is answered, whether or not the route looks at it. A connection
/// on which a body was left unread cannot be used again, which its client would only learn from
/// the failure of the next request. Until its body is there, a connection does nothing that would
/// keep its place.
pub(super) async fn read_first(request: Request, next: Next) -> Response {
    // Not into memory, and not before it is known whose it is.
    if request.uri().path() == UPLOADS {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let mut to_read = Request::new(body);
    *to_read.extensions_mut() = parts.extensions.clone();
    match tokio::time::timeout(BODY_WITHIN, read(to_read, &())).await {
        Ok(Ok(bytes)) => {
            if let Some(place) = parts.extensions.get::<Arc<Place>>() {
                place.set_busy(true);
            }
            next.run(Request::from_parts(parts, bytes.into())).await
        }
        Ok(Err(error)) => error.into_response(),
        Err(_) => ApiError::BodyTooSlow.into_response(),
    }
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
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
