//! A WebSocket to the hub.

use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use serde_json::Value;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, HandshakeError, Message, WebSocket, client};

use super::PATIENCE;

/// An upgrade that the hub did not grant.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// A session, from the client's end.
#[derive(Debug)]
pub(crate) struct Session {
    socket: WebSocket<TcpStream>,
}

impl Session {
    /// Opens a session, or says how it was refused.
    pub(crate) fn open(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Result<Self, Refused> {
        let stream = TcpStream::connect(address).unwrap();
        upgrade(stream, address, path, headers).map_err(|failed| match failed {
            Failed::Refused(refused) => refused,
            Failed::Broken(error) => panic!("the upgrade failed: {error}"),
        })
    }

    /// Opens a session with a hub that may be gone by now; one that is there must grant it.
    #[track_caller]
    pub(crate) fn try_open(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Option<Self> {
        match upgrade(TcpStream::connect(address).ok()?, address, path, headers) {
            Ok(session) => Some(session),
            Err(Failed::Refused(refused)) => panic!("{refused:?}"),
            Err(Failed::Broken(_)) => None,
        }
    }

    /// The next frame; `None` when the session has ended, however it did.
    pub(crate) fn try_next(&mut self) -> Option<Value> {
        loop {
            match self.socket.read() {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                _ => return None,
            }
        }
    }

    /// The next frame.
    #[track_caller]
    pub(crate) fn next(&mut self) -> Value {
        // The hub's pings keep the read alive, not the wait.
        let asked_at = Instant::now();
        while asked_at.elapsed() < PATIENCE {
            match self.socket.read() {
                Ok(Message::Text(text)) => return serde_json::from_str(&text).unwrap(),
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                other => panic!("a frame should have come, not {other:?}"),
            }
        }
        panic!("no frame came");
    }

    /// The next frame, which must be of this type.
    #[track_caller]
    pub(crate) fn next_of(&mut self, kind: &str) -> Value {
        let frame = self.next();
        assert_eq!(frame["type"], kind, "{frame}");
        frame
    }

    /// The next frame, which must bring a notification of this `notification_type`.
    #[track_caller]
    pub(crate) fn next_notification(&mut self, kind: &str) -> Value {
        let mut frame = self.next_of("event_notification");
        assert_eq!(frame["notification"]["notification_type"], kind, "{frame}");
        frame["notification"].take()
    }

    /// Sends a frame.
    pub(crate) fn send(&mut self, frame: &Value) {
        self.send_raw(Message::Text(frame.to_string().into()));
    }

    /// Sends whatever it is.
    pub(crate) fn send_raw(&mut self, message: Message) {
        self.socket.send(message).unwrap();
    }

    /// Sends what the hub may refuse to read to its end.
    pub(crate) fn try_send_raw(&mut self, message: Message) {
        // What the hub makes of it is what it closes with.
        let _ = self.socket.send(message);
    }

    /// The next message of whatever kind.
    pub(crate) fn next_raw(&mut self) -> Message {
        self.socket.read().unwrap()
    }

    /// Returns when the hub has dealt with all that was sent: frames are taken in their order, so
    /// the answer to nonsense comes after it.
    #[track_caller]
    pub(crate) fn settle(&mut self) {
        self.send(&serde_json::json!({ "type": "nonsense" }));
        self.next_of("error");
    }

    /// Reads until the hub closes the session: with which code.
    #[track_caller]
    pub(crate) fn closed(mut self) -> u16 {
        loop {
            match self.socket.read() {
                Ok(Message::Close(Some(CloseFrame { code, .. }))) => return code.into(),
                Ok(Message::Close(None)) => panic!("closed without a code"),
                Ok(_) => {}
                Err(error) => panic!("the session ended without a farewell: {error}"),
            }
        }
    }

    /// Reads what the hub sent before it was killed: the notifications.
    pub(crate) fn rest(&mut self) -> Vec<Value> {
        let mut rows = Vec::new();
        while let Ok(message) = self.socket.read() {
            if let Message::Text(text) = message {
                let mut frame: Value = serde_json::from_str(&text).unwrap();
                assert_eq!(frame["type"], "event_notification", "{frame}");
                rows.push(frame["notification"].take());
            }
        }
        rows
    }

    /// Closes the session, and waits until the hub has answered the farewell and let go of it too.
    #[track_caller]
    pub(crate) fn close(mut self) {
        self.socket.close(None).unwrap();
        let mut answered = false;
        let ended = loop {
            match self.socket.read() {
                Ok(message) => answered |= message.is_close(),
                Err(error) => break error,
            }
        };
        assert!(answered, "the hub hung up without a farewell: {ended}");
    }
}

/// Why there is no session.
enum Failed {
    /// The hub did not grant it.
    Refused(Refused),
    /// It came to no answer.
    Broken(String),
}

fn upgrade(stream: TcpStream, address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Result<Session, Failed> {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    let mut request = format!("ws://{address}{path}").into_client_request().unwrap();
    for (name, value) in headers {
        let name = ureq::http::HeaderName::try_from(*name).unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    match client(request, stream) {
        Ok((socket, _)) => Ok(Session { socket }),
        Err(HandshakeError::Failure(Error::Http(answer))) => {
            let body = answer.body().as_deref().map(String::from_utf8_lossy).unwrap_or_default().into_owned();
            Err(Failed::Refused(Refused { status: answer.status().as_u16(), body }))
        }
        Err(error) => Err(Failed::Broken(error.to_string())),
    }
}
