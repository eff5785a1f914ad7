//! What a request passes between the router and its route.
//!
//! A layer of its own, and not one of functions: those copy the route, and what it is put into, once more
//! for each request.

use std::convert::Infallible;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tower::{Layer, Service, ServiceExt};

use super::error::ApiError;
use super::{privacy, routes};
use crate::hub::Hub;

/// In front of routes.
#[derive(Clone)]
pub(super) struct Gate {
    hub: Hub,
    /// A request is done when others may read it on its way, or is refused.
    is_private: bool,
    /// A request sees the data before a restore or those after it. Its body has come by then, so that
    /// nobody can hold a restore up.
    is_calm: bool,
}

impl Gate {
    /// For routes that a caller in this process asks.
    pub(super) fn calm(hub: &Hub) -> Self {
        Self { hub: hub.clone(), is_private: false, is_calm: true }
    }

    /// For routes that take their time, and a restore does not wait for.
    pub(super) fn private(hub: &Hub) -> Self {
        Self { hub: hub.clone(), is_private: true, is_calm: false }
    }

    /// For all other routes.
    pub(super) fn private_and_calm(hub: &Hub) -> Self {
        Self { hub: hub.clone(), is_private: true, is_calm: true }
    }

    async fn pass<S>(self, mut request: Request, route: S) -> Result<Response, ApiError>
    where
        S: Service<Request, Response = Response, Error = Infallible>,
    {
        if self.is_private {
            privacy::admit(&self.hub, &mut request)?;
        }
        let _calm = if self.is_calm {
            if !routes::succession::is_for_anybody(request.uri().path()) && !self.hub.still_reigns().await {
                let address = self.hub.successor().and_then(|successor| successor.addresses.into_iter().next());
                return Err(ApiError::Moved(address));
            }
            Some(self.hub.calm().await)
        } else {
            None
        };
        let Ok(answer) = route.oneshot(request).await;
        Ok(answer)
    }
}

impl<S> Layer<S> for Gate {
    type Service = Gated<S>;

    fn layer(&self, route: S) -> Gated<S> {
        Gated { gate: self.clone(), route }
    }
}

/// A route behind a [`Gate`].
#[derive(Clone)]
pub(super) struct Gated<S> {
    gate: Gate,
    route: S,
}

impl<S> Service<Request> for Gated<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let passing = self.gate.clone().pass(request, self.route.clone());
        // No async block, which would have room for what it waits for twice.
        Box::pin(passing.map(|passed| Ok(passed.unwrap_or_else(IntoResponse::into_response))))
    }
}
