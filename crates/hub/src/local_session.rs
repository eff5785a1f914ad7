//! A session in this process: frames go over channels instead of a socket.

use tokio::sync::mpsc;

use crate::session::{CloseReason, Closed, Input, Transport};
use crate::wire::frame::{ClientFrame, HubFrame};

/// Frames that may wait.
pub(crate) const LOCAL_QUEUE: usize = 64;

/// A session in this process: frames in, frames out.
#[derive(Debug)]
pub struct LocalSession {
    frames: mpsc::Receiver<SessionEvent>,
    wishes: mpsc::Sender<ClientFrame>,
}

/// What a session in this process brings.
#[derive(Debug)]
pub enum SessionEvent {
    /// A frame, as over a WebSocket.
    Frame(Box<HubFrame>),
    /// The hub ended the session.
    Closed(CloseReason),
}

impl LocalSession {
    /// The next frame; `None` when the session has ended.
    pub async fn next(&mut self) -> Option<SessionEvent> {
        self.frames.recv().await
    }

    /// Where to send wishes; it can be cloned and outlives borrows of the session.
    #[must_use]
    pub fn sender(&self) -> mpsc::Sender<ClientFrame> {
        self.wishes.clone()
    }
}

/// The hub's end of a [`LocalSession`].
pub(crate) struct LocalTransport {
    frames: mpsc::Sender<SessionEvent>,
    wishes: mpsc::Receiver<ClientFrame>,
}

pub(crate) fn local() -> (LocalSession, LocalTransport) {
    let (frames_in, frames) = mpsc::channel(LOCAL_QUEUE);
    let (wishes, wishes_out) = mpsc::channel(LOCAL_QUEUE);
    (LocalSession { frames, wishes }, LocalTransport { frames: frames_in, wishes: wishes_out })
}

impl Transport for LocalTransport {
    async fn send(&mut self, frame: HubFrame) -> Result<(), Closed> {
        self.frames.send(SessionEvent::Frame(Box::new(frame))).await.map_err(|_| Closed::Gone)
    }

    async fn receive(&mut self) -> Input {
        tokio::select! {
            wish = self.wishes.recv() => wish.map_or(Input::Gone, Input::Frame),
            () = self.frames.closed() => Input::Gone,
        }
    }

    async fn probe(&mut self) -> Result<(), Closed> {
        if self.frames.is_closed() { Err(Closed::Gone) } else { Ok(()) }
    }

    fn is_elsewhere(&self) -> bool {
        false
    }

    async fn close(&mut self, reason: CloseReason) {
        // One that is gone needs no farewell.
        let _ = self.frames.send(SessionEvent::Closed(reason)).await;
    }
}
