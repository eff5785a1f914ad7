//! The WebSocket: an upgrade that is refused early, then a session over its frames.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Extension;
use axum::Router;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use rappel_core::Invalid;
use rappel_store::Resume;
use serde::Deserialize;
use tokio::time::{Interval, Sleep};
use tokio_tungstenite::tungstenite;
use tokio_util::sync::CancellationToken;

use super::auth::{authenticate, cookie_name, keep_connection, token_of};
use super::body;
use super::connected;
use super::error::ApiError;
use super::guard::Source;
use super::hosts::Hosts;
use super::line::Channel;
use super::pace::{Pace, Verdict};
use super::privacy::Privacy;
use super::routes::Query;
use crate::bulletin::SharedFrame;
use crate::hub::Hub;
use crate::session::{CloseReason, Closed, Input, Transport};
use crate::wire::ErrorDetail;
use crate::wire::frame::HubFrame;
use crate::wire::to_json;

/// The largest frame of a client, in bytes.
const FRAME_MAX: usize = 64 * 1024;
/// What is read of a socket at once, in bytes: the room for it is held by each socket, and cleared whenever the socket
/// is looked at, also to send. Most that clients say is shorter.
const READ_AT_ONCE: usize = 512;
/// How often the hub asks whether the peer is still there.
const PING_EVERY: Duration = Duration::from_secs(20);
/// A peer that is silent for this long is gone.
const SILENT_FOR: Duration = Duration::from_secs(60);
/// A peer that is asked after a sleep whether it is there answers within this time.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);
/// A peer that takes nothing for this long is too slow.
const TAKES_WITHIN: Duration = Duration::from_secs(10);
/// How long a goodbye may hold up what ends, and how long its answer is waited for.
const FAREWELL_WITHIN: Duration = Duration::from_secs(1);

pub(super) fn routes() -> Router<Hub> {
    Router::new()
        .route("/ws/notifications", get(upgrade))
        .method_not_allowed_fallback(|| async { ApiError::MethodNotAllowed })
}

/// Cancelled when the listener that a request came by is closed: sockets outlive their requests.
#[derive(Debug, Clone)]
pub(super) struct Ending(pub(super) CancellationToken);

/// The query of the address. Other parameters are ignored.
#[derive(Debug, Default, Deserialize)]
struct Parameters {
    since: Option<String>,
    last_id: Option<String>,
    changes_since: Option<String>,
    token: Option<String>,
}

impl Parameters {
    fn resume(&self) -> Result<Option<Resume>, Invalid> {
        let number =
            |field: &str, text: &str| text.parse::<u64>().map_err(|_| Invalid::new(field, "must be a number from 0"));
        let Some(since) = given(self.since.as_deref()) else { return Ok(None) };
        let last_id = given(self.last_id.as_deref())
            .map(|id| id.parse().map_err(|_| Invalid::new("last_id", "is not a notification's id")))
            .transpose()?;
        let change = given(self.changes_since.as_deref()).map(|text| number("changes_since", text)).transpose()?;
        Ok(Some(Resume { seq: number("since", since)?, last_id, change }))
    }
}

/// A parameter without a value counts as left out.
fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

async fn upgrade(
    State(hub): State<Hub>,
    Extension(Ending(ending)): Extension<Ending>,
    Extension(hosts): Extension<Arc<Hosts>>,
    peer: connected::Peer,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, ApiError> {
    let is_private = request.extensions().get::<Privacy>().is_none_or(|privacy| privacy.is_private);
    let source = request.extensions().get::<Source>().copied().unwrap_or(Source::Unsaid);
    let channel = Channel::of(request.extensions());
    let token = match given(parameters.token.as_deref()) {
        Some(token) => token.into(),
        None => token_of(&headers, source, true, || cookie_name(&hub, channel))?,
    };
    let caller = authenticate(&hub, &token, channel).await?;
    let resume = parameters.resume()?;
    let (mut parts, _) = request.into_parts();
    keep_connection(&parts);
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &hub).await;
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(WebSocketUpgradeRejection::MethodNotGet(_)) => return Err(ApiError::MethodNotAllowed),
        Err(_) => return Err(ApiError::UpgradeRequired),
    };
    let is_elsewhere = peer.0.is_some_and(|peer| !hosts.is_own_address(peer.ip()));
    let refused = (!is_private).then(|| hub.secure_office().plain_refused());
    Ok(upgrade
        .read_buffer_size(READ_AT_ONCE)
        .max_message_size(FRAME_MAX)
        .max_frame_size(FRAME_MAX)
        .on_upgrade(move |socket| async move {
            let ending = ending.child_token();
            let mut session = pin!(hub.run_session(caller, resume, Peer::new(socket, is_elsewhere), &ending));
            let refused = async {
                match refused {
                    Some(refused) => refused.cancelled().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = &mut session => return,
                () = refused => ending.cancel(),
            }
            session.await;
        })
        .into_response())
}

/// The other end of a WebSocket.
struct Peer {
    sink: SplitSink<WebSocket, Message>,
    stream: SplitStream<WebSocket>,
    ping: Interval,
    heard_at: Instant,
    /// Set while an answer to a probe is waited for.
    answer_due: Option<Pin<Box<Sleep>>>,
    is_elsewhere: bool,
    pace: Pace,
}

/// Why the hub ends a session that says what it should not.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// 1002: not what RFC 6455 has.
    Protocol,
    /// 1007: text that is none.
    NoText,
    /// 1009: too large.
    TooLarge,
    /// 1013: too many messages. It may come back, and slower.
    TooMany,
}

impl Peer {
    fn new(socket: WebSocket, is_elsewhere: bool) -> Self {
        let (sink, stream) = socket.split();
        let mut ping = tokio::time::interval(PING_EVERY);
        ping.reset();
        ping.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let now = Instant::now();
        Self { sink, stream, ping, heard_at: now, answer_due: None, is_elsewhere, pace: Pace::new(now) }
    }

    async fn put(&mut self, message: Message, within: Duration) -> Result<(), Closed> {
        match tokio::time::timeout(within, self.sink.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Closed::Gone),
            Err(_) => Err(Closed::TooSlow),
        }
    }

    async fn understand(&mut self, message: Result<Message, axum::Error>) -> Option<Input> {
        self.heard_at = Instant::now();
        self.answer_due = None;
        match self.pace.count(self.heard_at) {
            Verdict::Take => {}
            Verdict::End => {
                self.part(Fault::TooMany).await;
                return Some(Input::Gone);
            }
            // Nobody waits for the answer to a control frame.
            Verdict::Refuse if matches!(message, Ok(Message::Text(_) | Message::Binary(_))) => {
                let message = "Too many messages: this one was not done, slow down.".to_owned();
                return Some(Input::Unreadable(ErrorDetail { code: "too_many_messages", message, field: None }));
            }
            Verdict::Refuse => {}
        }
        match message {
            Ok(Message::Text(text)) => match body::parse(text.as_bytes()) {
                Ok(frame) => Some(Input::Frame(frame)),
                Err(error) => Some(Input::Unreadable(error.detail())),
            },
            Ok(Message::Binary(_)) => {
                Some(Input::Unreadable(ApiError::MalformedJson("a frame must be text".to_owned()).detail()))
            }
            Ok(Message::Ping(_) | Message::Pong(_)) => None,
            Ok(Message::Close(_)) => {
                // The answer to a goodbye is queued by now: without it the other end sees a broken line.
                let _ = tokio::time::timeout(FAREWELL_WITHIN, self.sink.close()).await;
                Some(Input::Gone)
            }
            Err(error) => {
                if let Some(fault) = fault_of(error) {
                    self.part(fault).await;
                }
                Some(Input::Gone)
            }
        }
    }

    async fn part(&mut self, fault: Fault) {
        let (code, text) = match fault {
            Fault::Protocol => (1002, "this is not a WebSocket's frame"),
            Fault::NoText => (1007, "text must be UTF-8"),
            Fault::TooLarge => return self.close(CloseReason::TooLarge).await,
            Fault::TooMany => (1013, "too many messages: come back and be slower"),
        };
        self.say_goodbye(code, text, FAREWELL_WITHIN).await;
    }

    /// Closes with a code, and waits a little for the answer.
    async fn say_goodbye(&mut self, code: u16, text: &'static str, within: Duration) {
        // A peer that is gone needs no farewell.
        let goodbye = Message::Close(Some(CloseFrame { code, reason: text.into() }));
        if self.put(goodbye, within).await.is_ok() {
            let answered = async { while let Some(Ok(_)) = self.stream.next().await {} };
            let _ = tokio::time::timeout(FAREWELL_WITHIN, answered).await;
        }
    }
}

/// Done when an awaited answer has not come; never where none is awaited.
async fn due(answer: &mut Option<Pin<Box<Sleep>>>) {
    match answer {
        Some(answer) => answer.await,
        None => std::future::pending().await,
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
fn unwritable(error: serde_json::Error) -> Closed {
    tracing::error!(%error, "a frame could not be written");
    Closed::Gone
}

/// What the peer did wrong; `None`: the connection is gone.
fn fault_of(error: axum::Error) -> Option<Fault> {
    use tungstenite::Error;
    use tungstenite::error::ProtocolError;
    let inner = error.into_inner();
    match inner.downcast_ref::<Error>()? {
        Error::Capacity(_) => Some(Fault::TooLarge),
        Error::Utf8(_) => Some(Fault::NoText),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
        Error::Protocol(_) => Some(Fault::Protocol),
        _ => None,
    }
}

impl Transport for Peer {
    async fn send(&mut self, frame: HubFrame) -> Result<(), Closed> {
        let text = to_json(&frame).map_err(unwritable)?;
        self.put(Message::Text(text.into()), TAKES_WITHIN).await
    }

    async fn send_shared(&mut self, frame: &SharedFrame) -> Result<(), Closed> {
        let text = frame.text().map_err(unwritable)?;
        self.put(Message::Text(text), TAKES_WITHIN).await
    }

    async fn receive(&mut self) -> Input {
        loop {
            tokio::select! {
                message = self.stream.next() => match message {
                    None => return Input::Gone,
                    Some(message) => {
                        if let Some(input) = self.understand(message).await {
                            return input;
                        }
                    }
                },
                () = due(&mut self.answer_due) => return Input::Gone,
                _ = self.ping.tick() => {
                    let is_silent = self.heard_at.elapsed() >= SILENT_FOR;
                    if is_silent || self.put(Message::Ping(axum::body::Bytes::new()), TAKES_WITHIN).await.is_err() {
                        return Input::Gone;
                    }
                }
            }
        }
    }

    async fn probe(&mut self) -> Result<(), Closed> {
        self.answer_due = Some(Box::pin(tokio::time::sleep(ANSWERS_WITHIN)));
        self.put(Message::Ping(axum::body::Bytes::new()), ANSWERS_WITHIN).await
    }

    fn is_elsewhere(&self) -> bool {
        self.is_elsewhere
    }

    async fn close(&mut self, reason: CloseReason) {
        let (code, text, within) = match reason {
            CloseReason::GoingAway => (1001, "the hub is going away", FAREWELL_WITHIN),
            CloseReason::Revoked => (1008, "this device was revoked", FAREWELL_WITHIN),
            CloseReason::TooLarge => (1009, "a frame may have 64 KiB", FAREWELL_WITHIN),
            // It may begin to take what it was sent, and then this too.
            CloseReason::TooSlow => (1013, "too slow: resume from your cursor", TAKES_WITHIN),
        };
        self.say_goodbye(code, text, within).await;
    }
}
