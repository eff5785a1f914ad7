//! What a desktop asks the hub on the way to be its heir: over a line that goes to the hub's key
//! alone, and to no hub in an epoch before the one that it was met in.

use std::collections::VecDeque;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use axum::http::{HeaderValue, Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::line::{Connector, LineError, SecureLine};
use super::membership::Membership;
use super::reign::Reigning;
use crate::discovery;

/// Where a hub says in which epoch it is.
pub(crate) const EPOCH_PATH: &str = "/api/hub/epoch";
/// The largest answer that is read whole.
const ANSWER_MAX: usize = 1 << 20;
/// A question is answered within this time. Making a copy of a large office takes a while.
const ANSWERS_WITHIN: Duration = Duration::from_secs(120);
/// How many places are tried.
const PLACES_MAX: usize = 12;
/// How long the network is listened to when the hub is not where it was.
const FINDS_WITHIN: Duration = Duration::from_secs(3);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// There is no line to the hub.
    #[error(transparent)]
    Line(#[from] LineError),
    /// The hub there is not the office's any more: another one has followed it.
    #[error("the hub there is in epoch {found}, the office is in epoch {known} already")]
    Outdated {
        /// The epoch that it names.
        found: u64,
        /// The highest that is known.
        known: u64,
    },
    /// The hub says no.
    #[error("{message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The error's stable name.
        code: String,
        /// Its words.
        message: String,
    },
}

impl AskError {
    #[expect(clippy::needless_pass_by_value, reason = "`map_err` gives it away")]
    pub(super) fn broken(problem: impl ToString) -> Self {
        Self::Line(LineError::Unreachable(problem.to_string()))
    }

    /// Whether the hub was heard at all.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}

/// A line to the hub of which it is known that it is the one.
pub(crate) struct HubLine {
    requests: SendRequest<Body>,
    address: String,
    token: Option<String>,
    /// In which epoch it is.
    pub(crate) reigning: Reigning,
    _until_dropped: DropGuard,
}

impl HubLine {
    /// Finds the hub of a membership: where it was, where that one says that it is now, and else where
    /// the network says. Where nobody is the hub, one that was it before is better than nothing.
    pub(crate) async fn find(membership: &Membership) -> Result<Self, AskError> {
        let mut outcome = Err(AskError::broken("no address is known"));
        let mut places: VecDeque<String> = membership.addresses.iter().cloned().collect();
        let mut tried = Vec::new();
        let mut has_listened = false;
        loop {
            let Some(address) = places.pop_front() else {
                if has_listened {
                    return outcome;
                }
                has_listened = true;
                places.extend(discovery::addresses_of(membership.hub, FINDS_WITHIN).await);
                continue;
            };
            if tried.contains(&address) || tried.len() >= PLACES_MAX {
                continue;
            }
            match Self::open(membership, &address).await {
                Ok(line) => match &line.reigning.moved {
                    None => return Ok(line),
                    Some(moved) => {
                        places.extend(moved.addresses.clone());
                        outcome = Ok(line);
                    }
                },
                Err(error) if outcome.is_err() => outcome = Err(error),
                Err(_) => {}
            }
            tried.push(address);
        }
    }

    async fn open(membership: &Membership, address: &str) -> Result<Self, AskError> {
        let connector = Connector::new(&membership.key, Some(membership.pin))?;
        let mut line = Self::begin(connector.connect(address).await?, address).await?;
        let found = line.reigning.epoch;
        if line.reigning.hub != membership.hub || found < membership.epoch {
            return Err(AskError::Outdated { found, known: membership.epoch });
        }
        line.token = Some(membership.token.clone());
        Ok(line)
    }

    /// Begins to ask on a line, with the question in which epoch it is.
    pub(crate) async fn begin(line: SecureLine, address: &str) -> Result<Self, AskError> {
        let (requests, driving) = handshake(TokioIo::new(line.stream)).await.map_err(AskError::broken)?;
        let ending = CancellationToken::new();
        let _until_dropped = ending.clone().drop_guard();
        // What goes wrong is told to whoever waits for an answer.
        TaskTracker::new().spawn(async move { ending.run_until_cancelled(driving).await });
        let reigning = Reigning { hub: Uuid::nil(), epoch: 0, since: Uuid::nil(), moved: None };
        let mut line = Self { requests, address: address.to_owned(), token: None, reigning, _until_dropped };
        let answer = line.ask("GET", EPOCH_PATH, None).await?;
        line.reigning = serde_json::from_value(answer).map_err(AskError::broken)?;
        Ok(line)
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Asks, and reads the whole answer. A refusal is an error.
    pub(crate) async fn ask(&mut self, method: &str, path: &str, body: Option<Value>) -> Result<Value, AskError> {
        let answer = self.send(method, path, body).await?;
        let bytes = axum::body::to_bytes(Body::new(answer.into_body()), ANSWER_MAX).await.map_err(AskError::broken)?;
        if bytes.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&bytes).map_err(AskError::broken) }
    }

    /// As [`HubLine::ask`], for an answer that is to be read bit by bit.
    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Result<Response<Incoming>, AskError> {
        let host: HeaderValue = self.address.parse().map_err(AskError::broken)?;
        let mut request = Request::builder().method(method).uri(path).header(HOST, host);
        if let Some(token) = &self.token {
            let mut bearer = HeaderValue::try_from(format!("Bearer {token}")).map_err(AskError::broken)?;
            bearer.set_sensitive(true);
            request = request.header(AUTHORIZATION, bearer);
        }
        let request = match body {
            Some(body) => request.header(CONTENT_TYPE, "application/json").body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        let request = request.map_err(AskError::broken)?;
        let requests = &mut self.requests;
        let answering = async {
            // The answer to the question before may not have been put away yet.
            requests.ready().await?;
            requests.send_request(request).await
        };
        let answer = timeout(ANSWERS_WITHIN, answering).await.map_err(AskError::broken)?.map_err(AskError::broken)?;
        let status = answer.status().as_u16();
        if (200..300).contains(&status) {
            return Ok(answer);
        }
        let bytes = axum::body::to_bytes(Body::new(answer.into_body()), ANSWER_MAX).await.unwrap_or_default();
        let error: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let text = |name: &str| error["error"][name].as_str().unwrap_or("it says no").to_owned();
        Err(AskError::Refused { status, code: text("code"), message: text("message") })
    }
}
