//! A session with a hub elsewhere, over a WebSocket.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use rappel_hub::succession::SecureLine;
use rappel_hub::wire::frame::ClientFrame;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::request::bearer;
use crate::{Incoming, LinkError, Resume};

/// The largest frame that is taken: a notification with the longest comment there can be, many times over.
const FRAME_MAX: usize = 1 << 20;
/// A session is open within this time, its first frame included.
const OPENS_WITHIN: Duration = Duration::from_secs(10);
/// The line broke, without a word (RFC 6455, 7.1.5).
const BROKEN: u16 = 1006;
/// A goodbye that says no reason.
const UNSAID: u16 = 1005;
/// A goodbye is answered within this time.
const FAREWELL_WITHIN: Duration = Duration::from_secs(1);

/// When a silent hub is doubted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// It is asked whether it is there after this much silence. It pings every 20 s itself.
    pub(crate) silence: Duration,
    /// It answers within this time.
    pub(crate) answer: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { silence: Duration::from_secs(45), answer: Duration::from_secs(10) }
    }
}

/// An open WebSocket.
pub(crate) struct RemoteSession {
    socket: WebSocketStream<TlsStream<TcpStream>>,
    /// Read already, to know the hub's clock.
    first: Option<String>,
    patience: Patience,
    heard_at: Instant,
    /// When it was asked whether it is there, as long as it has not answered.
    asked_at: Option<Instant>,
    /// How often it was asked: what came before, and an answer to an earlier question, proves nothing.
    questions: u64,
    woken: watch::Receiver<u64>,
    ended: Option<u16>,
}

impl RemoteSession {
    /// Opens a session on a line. `woken` changes when the line is to be doubted at once.
    pub(crate) async fn open(
        line: SecureLine,
        address: &str,
        token: &str,
        resume: &Resume,
        patience: Patience,
        woken: watch::Receiver<u64>,
    ) -> Result<Self, LinkError> {
        let opened = timeout(OPENS_WITHIN, Self::begin(line, address, token, resume, patience, woken)).await;
        opened.map_err(|_| LinkError::Unreachable("it takes too long to open a session".into()))?
    }

    async fn begin(
        line: SecureLine,
        address: &str,
        token: &str,
        resume: &Resume,
        patience: Patience,
        mut woken: watch::Receiver<u64>,
    ) -> Result<Self, LinkError> {
        let url = format!("wss://{address}/ws/notifications/{}", resume.query());
        let mut request = url.into_client_request().map_err(|error| LinkError::BadRequest(error.to_string()))?;
        request.headers_mut().insert(AUTHORIZATION, bearer(token));
        let config = WebSocketConfig::default().max_message_size(Some(FRAME_MAX)).max_frame_size(Some(FRAME_MAX));
        let opened = client_async_with_config(request, line.stream, Some(config)).await;
        let (socket, _) = opened.map_err(refused)?;
        woken.mark_unchanged();
        let (heard_at, asked_at) = (Instant::now(), None);
        let mut session = Self { socket, first: None, patience, heard_at, asked_at, questions: 0, woken, ended: None };
        match session.next().await {
            Incoming::Frame(first) => session.first = Some(first),
            Incoming::Closed(1008) => return Err(LinkError::SignedOut),
            Incoming::Closed(code) => {
                return Err(LinkError::Unreachable(format!("it closed the session with code {code}")));
            }
        }
        Ok(session)
    }

    /// The hub's first frame, before anybody has taken it.
    pub(crate) fn first(&self) -> &str {
        self.first.as_deref().unwrap_or_default()
    }

    /// The next frame, or the end. Can be dropped at any time without losing a frame.
    pub(crate) async fn next(&mut self) -> Incoming {
        if let Some(first) = self.first.take() {
            return Incoming::Frame(first);
        }
        loop {
            if let Some(code) = self.ended {
                return Incoming::Closed(code);
            }
            let doubted_at = match self.asked_at {
                Some(asked_at) => asked_at + self.patience.answer,
                None => self.heard_at + self.patience.silence,
            };
            tokio::select! {
                message = self.socket.next() => {
                    self.heard_at = Instant::now();
                    match message {
                        Some(Ok(Message::Pong(number))) if *number == self.questions.to_be_bytes() => self.asked_at = None,
                        Some(Ok(Message::Text(text))) => return Incoming::Frame(text.to_string()),
                        Some(Ok(Message::Close(goodbye))) => {
                            // The answer to a goodbye is queued by now.
                            let _ = timeout(FAREWELL_WITHIN, self.socket.flush()).await;
                            self.ended = Some(goodbye.map_or(UNSAID, |goodbye| goodbye.code.into()));
                        }
                        Some(Ok(_)) => {}
                        Some(Err(_)) | None => self.ended = Some(BROKEN),
                    }
                }
                Ok(()) = self.woken.changed() => self.ask().await,
                () = sleep_until(doubted_at) => match self.asked_at {
                    Some(_) => self.ended = Some(BROKEN),
                    None => self.ask().await,
                },
            }
        }
    }

    /// Asks whether the hub is there.
    async fn ask(&mut self) {
        self.asked_at = Some(Instant::now());
        self.questions += 1;
        let question = Message::Ping(self.questions.to_be_bytes().to_vec().into());
        let asked = timeout(self.patience.answer, self.socket.send(question)).await;
        if !matches!(asked, Ok(Ok(()))) {
            self.ended = Some(BROKEN);
        }
    }

    /// Sends a frame, once it is known to be one.
    pub(crate) async fn send(&mut self, frame: &str) -> Result<(), LinkError> {
        serde_json::from_str::<ClientFrame>(frame).map_err(|error| LinkError::BadRequest(error.to_string()))?;
        let ended = || LinkError::Unreachable("the session has ended".into());
        if self.ended.is_some() {
            return Err(ended());
        }
        match timeout(self.patience.answer, self.socket.send(Message::text(frame))).await {
            Ok(Ok(())) => Ok(()),
            _ => {
                self.ended = Some(BROKEN);
                Err(ended())
            }
        }
    }
}

fn refused(error: Error) -> LinkError {
    match error {
        Error::Http(answer) if answer.status() == 401 => LinkError::SignedOut,
        Error::Http(answer) => LinkError::Unreachable(format!("it answers with status {}", answer.status().as_u16())),
        error => LinkError::Unreachable(error.to_string()),
    }
}
