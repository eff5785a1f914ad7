//! The HTTP and WebSocket server.
//!
//! From the outside in: trailing slashes, then the [`rings`] with `Host`, `Origin`, and CORS for the
//! pages that were named; then the routes, each of which says who may call it by what it extracts. The
//! same routes serve the desktop in this process, where none of the outer rings applies.

mod accept;
pub(crate) mod admission;
mod assets;
mod auth;
mod body;
mod connected;
mod cors;
mod error;
pub(crate) mod exchanges;
mod gate;
mod guard;
pub(crate) mod hosts;
pub(crate) mod line;
mod pace;
mod privacy;
mod rings;
mod routes;
mod socket;
mod watch;
pub(crate) mod wrong_tries;

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use axum::Router;
use futures_util::FutureExt;
use hyper::body::Incoming;
use tokio::net::TcpListener;
use tower::Layer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::normalize_path::NormalizePathLayer;

use crate::announcement::Announcement;
use crate::hub::Hub;
use crate::wire::ErrorDetail;
use error::ApiError;
use gate::Gate;
use guard::Guard;
use hosts::Hosts;
use line::Lines;
use rings::Rings;

/// The contract's calls, for a caller in this process: no `Host`, no `Origin`, a bearer token.
pub(crate) fn api(hub: Hub) -> Router {
    routes::api()
        .route_layer(Gate::calm(&hub))
        .merge(routes::unhurried())
        .fallback(not_found)
        .layer(CatchPanicLayer::custom(rings::panicked as fn(_) -> _))
        .with_state(hub)
}

/// The same for others, who come over a line, with the WebSocket and the page.
fn for_others(hub: Hub) -> Router {
    let unhurried = routes::unhurried().route_layer(Gate::private(&hub));
    routes::api()
        .merge(socket::routes())
        .route_layer(Gate::private_and_calm(&hub))
        .merge(unhurried)
        .fallback(assets::serve)
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
    let guard = Guard::new(hub.clone(), Arc::clone(&hosts));
    let cors = cors::layer(hub.allowed_origins());
    let rings = Arc::new(Rings::new(guard, &cors, hosts, socket::Ending(ending.clone()), for_others(hub)));
    let app = tower::service_fn(move |request: hyper::Request<Incoming>| {
        // A connection keeps room for what answers its requests also while it has none: no more than a pointer.
        Box::pin(Arc::clone(&rings).answer(request).map(Ok::<_, Infallible>))
    });
    // Outermost, since it changes the path that the routes are matched with.
    let app = NormalizePathLayer::trim_trailing_slash().layer(app);
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

/// What is told of an error of the store.
pub(crate) fn detail_of(error: rappel_store::Error) -> ErrorDetail {
    ApiError::from(error).detail()
}

async fn not_found() -> ApiError {
    ApiError::NotFound
}

#[cfg(test)]
#[path = "nonsense_tests.rs"]
mod tests;
