//! Joining the office of another machine, and leaving it.

use std::time::Duration;

use rappel_link::{Discovery, Entrance, FoundOffice, Offered, RemoteHub, Who, discover, office_here};
use serde::Serialize;
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager, Runtime, State};
use tokio_util::sync::CancellationToken;

use super::CommandError;
use crate::desk::Desk;
use crate::office::{Invitation, Role};
use crate::{heir, start, window};

/// How often it is looked whether a hub runs on this machine.
const LOOKS_HERE_EVERY: Duration = Duration::from_secs(5);

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
    /// It runs on this machine, in another person's session.
    here: bool,
}

/// What an invitation led to.
#[derive(Debug, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(crate) enum EntranceItem {
    /// This desktop is a member.
    In,
    /// It may ask to be let in, perhaps as one of these.
    Ask { office: String, people: Vec<Offered> },
}

impl OfficeItem {
    fn new(office: FoundOffice, here: bool) -> Self {
        Self { id: office.id.to_string(), name: office.name, addresses: office.addresses, here }
    }
}

/// The one on this machine first; it may be on the network too.
fn list(here: Option<FoundOffice>, found: Vec<FoundOffice>) -> Vec<OfficeItem> {
    let mut here = here;
    let mut others = Vec::new();
    for office in found {
        match &mut here {
            Some(here) if here.id == office.id => here.addresses.extend(office.addresses),
            _ => others.push(OfficeItem::new(office, false)),
        }
    }
    here.map(|here| OfficeItem::new(here, true)).into_iter().chain(others).collect()
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
    let mut discovery =
        discover().inspect_err(|error| tracing::warn!(%error, "no network can be searched for offices")).ok();
    let mut told = None;
    loop {
        let here = office_here().await;
        let offices = list(here, discovery.as_ref().map(Discovery::offices).unwrap_or_default());
        if told.as_ref() != Some(&offices) {
            if channel.send(offices.clone()).is_err() {
                return;
            }
            told = Some(offices);
        }
        tokio::select! {
            () = end.cancelled() => return,
            () = changed(&mut discovery) => {}
            () = tokio::time::sleep(LOOKS_HERE_EVERY) => {}
        }
    }
}

async fn changed(discovery: &mut Option<Discovery>) {
    match discovery {
        Some(discovery) => discovery.changed().await,
        None => std::future::pending().await,
    }
}

/// Joins by the link of an invitation, the one that browsers open too.
#[tauri::command]
pub(crate) async fn join_by_link<R: Runtime>(app: AppHandle<R>, link: String) -> Result<EntranceItem, CommandError> {
    join(&app, Invitation::Link(link)).await
}

/// Joins by a short code, at the first of these addresses that answers.
#[tauri::command]
pub(crate) async fn join_by_code<R: Runtime>(
    app: AppHandle<R>,
    addresses: Vec<String>,
    code: String,
) -> Result<EntranceItem, CommandError> {
    join(&app, Invitation::Code { addresses, code }).await
}

async fn join<R: Runtime>(app: &AppHandle<R>, invitation: Invitation) -> Result<EntranceItem, CommandError> {
    let desk = app.state::<Desk>();
    may_join(&desk)?;
    let entrance = desk.office().enter(invitation).await;
    match entrance.inspect_err(|error| tracing::warn!(%error, "no office was joined"))? {
        Entrance::In(hub) => {
            begin(app, hub).await;
            Ok(EntranceItem::In)
        }
        Entrance::Ask(guest) => {
            let item = EntranceItem::Ask { office: guest.office().to_owned(), people: guest.people().to_vec() };
            desk.door().stand(*guest);
            Ok(item)
        }
    }
}

fn may_join(desk: &Desk) -> Result<(), CommandError> {
    match desk.office().role() {
        None => Ok(()),
        // The hub knows this desktop no more: an office is joined anew, be it the same one.
        Some(Role::Joined) if desk.situation().contact.is_signed_out() => Ok(()),
        // The one in this program is not the hub any more: what is joined may be its own office.
        Some(Role::Hub) if desk.office().moved_to().is_some() => Ok(()),
        Some(_) => Err(CommandError::new("office_exists", &"this computer has an office already")),
    }
}

/// With the office joined: follows its hub.
async fn begin<R: Runtime>(app: &AppHandle<R>, hub: RemoteHub) {
    let desk = app.state::<Desk>();
    desk.page().end_search();
    desk.door().leave();
    if desk.office().moved_to().is_some() {
        start::end_work(app).await;
        desk.office().close_own().await;
    }
    desk.office().take_up(hub);
    start::end_work(app).await;
    start::begin_work(app).await;
    window::state_changed(app);
}

/// Asks the office that the last invitation led to, as one of those offered or by a name. The answer
/// is waited for in the background, and part of the desktop's state.
#[tauri::command]
pub(crate) async fn ask_to_join<R: Runtime>(
    app: AppHandle<R>,
    person_id: Option<String>,
    name: Option<String>,
) -> Result<(), CommandError> {
    let desk = app.state::<Desk>();
    may_join(&desk)?;
    let who = person_id.map_or_else(|| Who::Named(name.unwrap_or_default()), Who::Offered);
    desk.door().ask(who).await?;
    desk.tasks().spawn(wait_for_answer(app.clone()));
    window::state_changed(&app);
    Ok(())
}

async fn wait_for_answer<R: Runtime>(app: AppHandle<R>) {
    let desk = app.state::<Desk>();
    if let Some(hub) = desk.door().answer(desk.stop()).await {
        begin(&app, hub).await;
        // Whoever has asked wants to see it.
        window::open(&app, None);
    } else {
        window::state_changed(&app);
    }
}

/// Asks no more.
#[tauri::command]
pub(crate) async fn withdraw_join<R: Runtime>(app: AppHandle<R>) -> Result<(), CommandError> {
    app.state::<Desk>().door().withdraw().await;
    window::state_changed(&app);
    Ok(())
}

/// Makes this computer the hub with the copy that it keeps, because the hub is gone.
#[tauri::command]
pub(crate) async fn take_over<R: Runtime>(app: AppHandle<R>) -> Result<(), CommandError> {
    heir::take_over(&app).await.inspect_err(|error| tracing::warn!(%error, "this computer is not the hub"))?;
    Ok(())
}

/// Leaves the office that was joined; the next thing is a first start.
#[tauri::command]
pub(crate) async fn leave_office<R: Runtime>(app: AppHandle<R>) -> Result<(), CommandError> {
    let desk = app.state::<Desk>();
    if desk.office().role() != Some(Role::Joined) {
        return Err(CommandError::new("not_joined", &"this computer has joined no office"));
    }
    // First, or whoever follows would hear from the hub that this desktop was signed out.
    start::end_work(&app).await;
    let left = desk.office().leave().await;
    if left.is_err() {
        start::begin_work(&app).await;
    }
    window::state_changed(&app);
    Ok(left?)
}
