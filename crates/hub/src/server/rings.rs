//! What every request passes before its route is looked for, and what every answer is given.
//!
//! From the outside in: the headers that protect an answer, panics, the guard, CORS, the body. They lie
//! around the router and not on it: a layer on a router is a layer on each of its routes, which is copied
//! for every request, with all that is beneath it.

use std::any::Any;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tower::{BoxError, Layer, Service, ServiceExt};
use tower_http::cors::{Cors, CorsLayer};

use super::body;
use super::connected::Connected;
use super::cors;
use super::error::ApiError;
use super::guard::Guard;
use super::hosts::Hosts;
use super::routes::copies::UPLOADS;
use super::socket::Ending;

/// What protects an answer that does not say otherwise itself. The page may load its own files, and
/// nothing from anywhere else; its files say how long they are good for.
const PROTECTION: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
];

/// All that is around the routes.
pub(super) struct Rings {
    guard: Guard,
    /// For the routes.
    hosts: Arc<Hosts>,
    /// For the routes.
    ending: Ending,
    routes: Reading,
    /// The same for browsers that say which page asks.
    to_pages: Cors<Reading>,
}

impl Rings {
    pub(super) fn new(guard: Guard, cors: &CorsLayer, hosts: Arc<Hosts>, ending: Ending, routes: Router) -> Self {
        let routes = Reading(routes);
        Self { guard, hosts, ending, to_pages: cors.layer(routes.clone()), routes }
    }

    /// Answers a request, whatever becomes of it.
    pub(super) fn answer<B>(self: Arc<Self>, request: Request<B>) -> impl Future<Output = Response> + Send
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        AssertUnwindSafe(self.pass(request)).catch_unwind().map(|passed| {
            let answer = passed.unwrap_or_else(|panic| Ok(panicked(panic)));
            let mut answer = answer.unwrap_or_else(IntoResponse::into_response);
            protect(answer.headers_mut());
            answer
        })
    }

    /// Lets a request in, or says why not.
    async fn pass<B>(self: Arc<Self>, mut request: Request<B>) -> Result<Response, ApiError>
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let source = self.guard.admit(&request)?;
        let extensions = request.extensions_mut();
        extensions.insert(source);
        extensions.insert(Arc::clone(&self.hosts));
        extensions.insert(self.ending.clone());
        if request.headers().contains_key(header::ORIGIN) || request.method() == Method::OPTIONS {
            let Ok(answer) = self.to_pages.clone().oneshot(request).await;
            return Ok(answer);
        }
        let mut answer = self.routes.clone().answer(request).await;
        answer.headers_mut().append(header::VARY, cors::VARIES_BY);
        Ok(answer)
    }
}

/// The routes, with each request's body read before.
#[derive(Clone)]
struct Reading(Router);

impl Reading {
    async fn answer<B>(self, request: Request<B>) -> Response
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let (parts, body) = request.into_parts();
        match body_of(&parts, body).await {
            Ok(body) => {
                let Ok(answer) = self.0.oneshot(Request::from_parts(parts, body)).await;
                answer
            }
            Err(error) => error.into_response(),
        }
    }
}

impl<B> Service<Request<B>> for Reading
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        Box::pin(self.clone().answer(request).map(Ok))
    }
}

/// Reads the body before anything is answered, whether or not the route looks at it. A connection
/// on which a body was left unread cannot be used again, which its client would only learn from
/// the failure of the next request. Until its body is there, a connection does nothing that would
/// keep its place.
async fn body_of<B>(parts: &Parts, body: B) -> Result<Body, ApiError>
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    // Not into memory, and not before it is known whose it is.
    if parts.uri.path() == UPLOADS {
        return Ok(Body::new(body));
    }
    let bytes = body::read_in_time(body).await?;
    if let Some(connected) = Connected::of(&parts.extensions) {
        connected.place.set_busy(true);
    }
    Ok(bytes.into())
}

fn protect(headers: &mut HeaderMap) {
    headers.reserve(PROTECTION.len());
    for (name, value) in PROTECTION {
        headers.entry(name).or_insert_with(|| HeaderValue::from_static(value));
    }
}

/// What is answered where the hub has a bug.
pub(super) fn panicked(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a request panicked");
    ApiError::Internal.into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use axum::routing::get;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::hub::{Hub, HubConfig};

    async fn rings_around(data_dir: std::path::PathBuf, routes: Router) -> Arc<Rings> {
        let hub = Hub::open(HubConfig { data_dir, ..HubConfig::default() }).await.unwrap();
        let hosts = Arc::new(Hosts::new("127.0.0.1:7710".parse().unwrap(), &[]));
        let guard = Guard::new(hub, Arc::clone(&hosts));
        Arc::new(Rings::new(guard, &cors::layer(&[]), hosts, Ending(CancellationToken::new()), routes))
    }

    #[tokio::test]
    async fn a_bug_is_answered_as_one_and_protected() {
        async fn bug() -> &'static str {
            panic!("a bug")
        }
        let dir = tempfile::tempdir().unwrap();
        let rings = rings_around(dir.path().join("data"), Router::new().route("/", get(bug))).await;
        for _ in 0..2 {
            let request = Request::get("/").header(header::HOST, "127.0.0.1:7710").body(Body::empty()).unwrap();
            let answer = Arc::clone(&rings).answer(request).await;
            assert_eq!(answer.status().as_u16(), 500);
            for (name, value) in PROTECTION {
                assert_eq!(answer.headers()[&name], value, "{name}");
            }
            let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body["error"]["code"], "internal", "it says no more");
        }
    }
}
