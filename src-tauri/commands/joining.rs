//! Joining the office of another machine, and leaving it.

use rappel_link::{FoundOffice, discover};
use serde::Serialize;
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager, Runtime, State};
use tokio_util::sync::CancellationToken;

use super::CommandError;
use crate::desk::Desk;
use crate::office::{Invitation, Role};
use crate::{start, window};

/// An office as it names itself on the network: a hint. Whether it is the office, its key says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OfficeItem {
    /// Which hub it says it is.
    id: String,
    /// What it says it is called.
    name: String,
    /// Where it says it listens, `HOST:PORT`.
    addresses: Vec<String>,
}

impl From<FoundOffice> for OfficeItem {
    fn from(office: FoundOffice) -> Self {
        Self { id: office.id.to_string(), name: office.name, addresses: office.addresses }
    }
}

/// Looks for offices on the network. The list goes to `channel`, now and each time it changes, until
/// another search begins, this one is ended, or the window closes.
#[tauri::command]
pub(crate) async fn find_offices(desk: State<'_, Desk>, channel: Channel<Vec<OfficeItem>>) -> Result<(), CommandError> {
    let end = desk.page().enter_search(desk.stop());
    desk.tasks().spawn(search(channel, end));
    Ok(())
}

/// Ends the search for offices.
#[tauri::command]
pub(crate) async fn stop_finding_offices(desk: State<'_, Desk>) -> Result<(), CommandError> {
    desk.page().end_search();
    Ok(())
}

async fn search(channel: Channel<Vec<OfficeItem>>, end: CancellationToken) {
    let mut discovery = match discover() {
        Ok(discovery) => discovery,
        Err(error) => return tracing::warn!(%error, "offices on the network cannot be looked for"),
    };
    loop {
        let offices = discovery.offices().into_iter().map(OfficeItem::from).collect();
        if channel.send(offices).is_err() || end.run_until_cancelled(discovery.changed()).await.is_none() {
            return;
        }
    }
}

/// Joins by the link of an invitation, the one that browsers open too.
#[tauri::command]
pub(crate) async fn join_by_link<R: Runtime>(app: AppHandle<R>, link: String) -> Result<(), CommandError> {
    join(&app, Invitation::Link(link)).await
}

/// Joins by a short code, at the first of these addresses that answers.
#[tauri::command]
pub(crate) async fn join_by_code<R: Runtime>(
    app: AppHandle<R>,
    addresses: Vec<String>,
    code: String,
) -> Result<(), CommandError> {
    join(&app, Invitation::Code { addresses, code }).await
}

async fn join<R: Runtime>(app: &AppHandle<R>, invitation: Invitation) -> Result<(), CommandError> {
    let desk = app.state::<Desk>();
    match desk.office().role() {
        None => {}
        // The hub knows this desktop no more: an office is joined anew, be it the same one.
        Some(Role::Joined) if desk.situation().contact.is_signed_out() => {}
        Some(_) => return Err(CommandError::new("office_exists", &"this computer has an office already")),
    }
    desk.office().join(invitation).await.inspect_err(|error| tracing::warn!(%error, "no office was joined"))?;
    desk.page().end_search();
    start::end_work(app).await;
    start::begin_work(app).await;
    window::state_changed(app);
    Ok(())
}

/// Leaves the office that was joined; the next thing is a first start.
#[tauri::command]
pub(crate) async fn leave_office<R: Runtime>(app: AppHandle<R>) -> Result<(), CommandError> {
    let desk = app.state::<Desk>();
    if desk.office().role() != Some(Role::Joined) {
        return Err(CommandError::new("not_joined", &"this computer has joined no office"));
    }
    desk.office().leave().await?;
    start::end_work(&app).await;
    window::state_changed(&app);
    Ok(())
}
