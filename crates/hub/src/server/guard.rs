//! Who may call at all: the right `Host`, and an `Origin` that is ours, allowed, or absent.
//!
//! CORS does not do this. It keeps a foreign page from reading an answer, not from sending a
//! request; and it does not concern WebSocket upgrades, which any page may send anywhere, with the
//! cookies of whoever looks at it.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, Request, header};

use crate::hub::Hub;

use super::connected::Connected;
use super::error::ApiError;
use super::hosts::Hosts;
use super::line::Channel;

/// Where a request comes from, as far as its `Origin` tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// A program, or a page's plain reading: no `Origin`.
    Unsaid,
    /// The hub's own page.
    OwnPage,
    /// A page that was named as allowed: with a token only.
    AllowedPage,
}

#[derive(Debug)]
pub(crate) struct Guard {
    hub: Hub,
    hosts: Arc<Hosts>,
    allowed_origins: Vec<String>,
}

impl Guard {
    pub(crate) fn new(hub: Hub, hosts: Arc<Hosts>) -> Self {
        Self { allowed_origins: hub.allowed_origins().to_vec(), hosts, hub }
    }

    /// Notes that the hub can be reached from elsewhere, when this came from there.
    fn note_where_from<B>(&self, request: &Request<B>) {
        let connected = Connected::of(request.extensions());
        if connected.is_some_and(|connected| !self.hosts.is_own_address(connected.peer.ip())) {
            self.hub.arrivals().came(self.hub.now());
        }
    }

    /// Where a request comes from that may pass, or why it may not.
    pub(super) fn admit<B>(&self, request: &Request<B>) -> Result<Source, ApiError> {
        let source = self.source_of(request)?;
        self.note_where_from(request);
        Ok(source)
    }

    fn source_of<B>(&self, request: &Request<B>) -> Result<Source, ApiError> {
        let channel = Channel::of(request.extensions());
        let text = |name| only_one(request.headers(), name);
        // A request to a proxy names the host in its first line as well: both are read, by
        // whoever stands between perhaps only one.
        let named = request.uri().authority().map(|authority| authority.as_str());
        // No page can have a desktop's key; whoever proves one may call the hub by any name.
        let is_desktop = channel.key().is_some();
        let is_own = |host: &&str| is_desktop || self.hosts.is_own(host, channel.default_port());
        let host = text(header::HOST).or(named).filter(is_own).ok_or(ApiError::UnknownHost)?;
        if named.is_some_and(|named| !named.eq_ignore_ascii_case(host)) {
            return Err(ApiError::UnknownHost);
        }
        match text(header::ORIGIN) {
            None => Ok(Source::Unsaid),
            Some(origin) if origin.strip_prefix(channel.scheme()).is_some_and(|own| own.eq_ignore_ascii_case(host)) => {
                Ok(Source::OwnPage)
            }
            Some(origin) if self.allowed_origins.iter().any(|allowed| allowed == origin) => Ok(Source::AllowedPage),
            Some(_) => Err(ApiError::OriginRefused),
        }
    }
}

/// A header's text. One that is there twice, or is no text, is nobody's: whoever stands between
/// might read it otherwise than we do.
fn only_one(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    let text = value.to_str().ok().filter(|_| values.next().is_none());
    Some(text.unwrap_or("\u{fffd}"))
}
