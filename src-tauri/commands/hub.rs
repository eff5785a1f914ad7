//! The page's way to the hub: calls, and sessions.

use rappel_link::{Answer, Incoming, NotificationId, Request, Resume, Session};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use tauri::State;
use tauri::ipc::Channel;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::CommandError;
use crate::desk::Desk;

/// The close code of a session that its own side has ended.
const NORMAL_CLOSE: u16 = 1000;

/// What a session sends to the page.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum ToPage {
    /// A frame of the hub, as it is.
    Frame { frame: Box<RawValue> },
    /// The end.
    Closed { code: u16 },
}

/// One call of the API. While the hub of another machine does not answer, what is kept of it does.
#[tauri::command]
pub(crate) async fn hub_call(desk: State<'_, Desk>, request: Request) -> Result<Answer, CommandError> {
    Ok(desk.office().link()?.call_or_recall(request).await?)
}

/// Opens a session, whose frames go to `channel`. Answers its number.
#[tauri::command]
pub(crate) async fn hub_open_session(
    desk: State<'_, Desk>,
    since: Option<u64>,
    last_id: Option<NotificationId>,
    changes_since: Option<u64>,
    channel: Channel<ToPage>,
) -> Result<u32, CommandError> {
    let session = desk.office().link()?.open_session(Resume { since, last_id, changes_since }).await?;
    let (number, frames, close) = desk.page().enter_session(desk.stop());
    desk.tasks().spawn(carry(session, frames, channel, close));
    Ok(number)
}

/// Sends a frame of the page to the hub.
#[tauri::command]
pub(crate) async fn hub_send(desk: State<'_, Desk>, session: u32, frame: Value) -> Result<(), CommandError> {
    let closed = || CommandError::new("session_closed", &"this session has ended");
    let outgoing = desk.page().outgoing(session).ok_or_else(closed)?;
    outgoing.send(frame.to_string()).await.map_err(|_| closed())
}

/// Ends a session.
#[tauri::command]
pub(crate) async fn hub_close_session(desk: State<'_, Desk>, session: u32) -> Result<(), CommandError> {
    desk.page().close_session(session);
    Ok(())
}

/// Carries frames both ways until either side ends.
async fn carry(
    mut session: Session,
    mut frames: mpsc::Receiver<String>,
    page: Channel<ToPage>,
    close: CancellationToken,
) {
    let code = loop {
        tokio::select! {
            () = close.cancelled() => break NORMAL_CLOSE,
            frame = frames.recv() => match frame {
                Some(frame) => if let Err(error) = session.send(&frame).await {
                    tracing::debug!(%error, "a frame of the page came too late");
                },
                None => break NORMAL_CLOSE,
            },
            incoming = session.next() => match incoming {
                Incoming::Frame(text) => match RawValue::from_string(text) {
                    Ok(frame) => if page.send(ToPage::Frame { frame }).is_err() { break NORMAL_CLOSE },
                    Err(error) => tracing::error!(%error, "a frame of the hub is not JSON"),
                },
                Incoming::Closed(code) => break code,
            },
        }
    };
    if page.send(ToPage::Closed { code }).is_err() {
        tracing::debug!("the page has gone before its session");
    }
}
