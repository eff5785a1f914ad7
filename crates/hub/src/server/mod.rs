//! The HTTP and WebSocket server.
//!
//! From the outside in: trailing slashes, `Host`, `Origin`, CORS for the pages that were named,
//! then the routes, each of which says who may call it by what it extracts. The same routes serve
//! the desktop in this process, where none of the outer rings applies.

mod accept;
pub(crate) mod admission;
mod assets;
mod auth;
mod body;
mod error;
pub(crate) mod exchanges;
mod guard;
pub(crate) mod hosts;
pub(crate) mod line;
mod pace;
mod privacy;
mod routes;
mod socket;
pub(crate) mod wrong_tries;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tower::Layer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::normalize_path::NormalizePathLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::announcement::Announcement;
use crate::hub::Hub;
use crate::wire::ErrorDetail;
use error::ApiError;
use guard::Guard;
use hosts::Hosts;
use line::Lines;

/// The largest body of a request, in bytes.
const BODY_MAX: usize = 256 * 1024;
/// What the page may load: its own files, and nothing from anywhere else.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// The contract's calls, for a caller in this process: no `Host`, no `Origin`, a bearer token.
pub(crate) fn api(hub: Hub) -> Router {
    routes::api()
        .route_layer(axum::middleware::from_fn_with_state(hub.clone(), calmly))
        .merge(routes::unhurried())
        .fallback(not_found)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(panics())
        .with_state(hub)
}

/// Serves on a listener until the hub goes away or `stop` is done.
pub(crate) async fn serve(
    hub: Hub,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let ending = hub.stopping().child_token();
    let admission = Arc::clone(hub.admission());
    let lines = Lines::new(hub.clone()).map_err(io::Error::other)?;
    let hosts = Arc::new(Hosts::new(address, &hub.allowed_hosts()));
    let announced = hub.clone();
    let guard = Arc::new(Guard::new(hub.clone(), Arc::clone(&hosts)));
    let routes = routes::api()
        .merge(socket::routes())
        .route_layer(axum::middleware::from_fn_with_state(hub.clone(), calmly))
        .merge(routes::unhurried())
        .route_layer(axum::middleware::from_fn_with_state(hub.clone(), privacy::check))
        .fallback(assets::serve)
        .layer(axum::middleware::from_fn(body::read_first))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(axum::Extension(hosts))
        .layer(axum::Extension(socket::Ending(ending.clone())))
        .layer(cors(hub.allowed_origins()))
        .layer(axum::middleware::from_fn_with_state(guard, guard::check))
        .layer(panics())
        .layer(header(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::REFERRER_POLICY, "no-referrer"))
        .layer(header(HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
        // The page's files say themselves how long they are good for.
        .layer(header(header::CACHE_CONTROL, "no-store"))
        .with_state(hub);
    // Outermost, since it changes the path that the routes are matched with.
    let app = NormalizePathLayer::trim_trailing_slash().layer(routes);
    let serving = accept::serve(listener, lines, app, admission, ending.clone());
    let stopping = async {
        stop.await;
        ending.cancel();
        std::future::pending::<()>().await;
    };
    let announcing = async {
        let mut names = announced.dispatch().names();
        while announced.successor().is_none() && !ending.is_cancelled() {
            names.mark_unchanged();
            let announcement = Announcement::make(&announced, address).await;
            let goes_on = tokio::select! {
                () = ending.cancelled() => false,
                () = announced.reign().ended() => false,
                renamed = names.changed() => renamed.is_ok(),
            };
            if let Some(announcement) = announcement {
                announcement.end().await;
            }
            if !goes_on {
                break;
            }
        }
        ending.cancelled().await;
    };
    tokio::select! {
        ((), ()) = async { tokio::join!(serving, announcing) } => Ok(()),
        () = stopping => Ok(()),
    }
}

/// A request sees the data before a restore or those after it. Its body has come by then, so that
/// nobody can hold a restore up.
async fn calmly(State(hub): State<Hub>, request: Request, next: Next) -> Response {
    if !routes::succession::is_for_anybody(request.uri().path()) && !hub.still_reigns().await {
        let address = hub.successor().and_then(|successor| successor.addresses.into_iter().next());
        return ApiError::Moved(address).into_response();
    }
    let _calm = hub.calm().await;
    next.run(request).await
}

fn header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// For the pages of other origins that may call with a token; who else comes is refused before.
fn cors(origins: &[String]) -> CorsLayer {
    let origins: Vec<HeaderValue> = origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static("idempotency-key"),
            header::IF_MATCH,
        ])
        .expose_headers([header::ETAG, header::RETRY_AFTER])
        .max_age(Duration::from_secs(600))
}

/// What is told of an error of the store.
pub(crate) fn detail_of(error: rappel_store::Error) -> ErrorDetail {
    ApiError::from(error).detail()
}

async fn not_found() -> ApiError {
    ApiError::NotFound
}

type PanicResponder = fn(Box<dyn std::any::Any + Send>) -> Response;

fn panics() -> CatchPanicLayer<PanicResponder> {
    CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
        tracing::error!("a request panicked");
        ApiError::Internal.into_response()
    })
}

#[cfg(test)]
#[path = "nonsense_tests.rs"]
mod tests;
