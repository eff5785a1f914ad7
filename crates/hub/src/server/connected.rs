//! What is known of the connection that a request came by.
//!
//! All requests of the connection share it, as one thing: each of its parts, given to every request by itself, would be
//! allocated for every request.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::Extensions;
use axum::http::request::Parts;

use super::admission::Place;
use super::line::Channel;
use super::watch::Watch;

/// A connection, as its requests know it. A request that comes from this process has none.
#[derive(Debug)]
pub(super) struct Connected {
    /// The other end.
    pub(super) peer: SocketAddr,
    pub(super) channel: Channel,
    /// The other end is on this machine.
    pub(super) is_from_here: bool,
    pub(super) place: Place,
    pub(super) watch: Watch,
}

impl Connected {
    /// That of the request with these extensions.
    pub(super) fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get::<Arc<Self>>().map(|connected| &**connected)
    }
}

/// Whether a line from there to here stays on this machine. A machine that calls itself at an address of its network
/// does so from that very address.
pub(super) fn is_from_here(peer: SocketAddr, own: SocketAddr) -> bool {
    let (peer, own) = (peer.ip().to_canonical(), own.ip().to_canonical());
    peer.is_loopback() || peer == own
}

/// Where a request comes from; in this process there is no such place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) Option<SocketAddr>);

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self(Connected::of(&parts.extensions).map(|connected| connected.peer)))
    }
}

/// How long there is patience with a request that is being answered, for answers that are worth more.
#[derive(Debug, Clone)]
pub(super) struct Patience(Option<Arc<Connected>>);

impl Patience {
    /// Something came, or went: all the time is there again.
    pub(super) fn renew(&self) {
        if let Some(connected) = &self.0 {
            connected.watch.answering();
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Patience {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.extensions.get().cloned()))
    }
}
