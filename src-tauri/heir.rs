//! This desktop as the one that keeps a copy of its hub, becomes the hub when that one is gone, and
//! follows when its own hub has moved away.

use std::time::Duration;

use rappel_link::Timestamp;
use rappel_link::heir::{Errand, HeirError};
use tauri::{AppHandle, Manager, Runtime};
use tauri_plugin_autostart::ManagerExt;

use crate::desk::Desk;
use crate::office::{Role, Stage};
use crate::popups::wording;
use crate::settings::DesktopSettings;
use crate::{start, window};

/// How often the hub is asked whether it wants something.
const ASKS_EVERY: Duration = Duration::from_secs(10);
/// How long a copy that could not be kept is not tried again.
const TRIES_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// Does what the hub wants of this desktop as long as the app runs.
pub(crate) async fn stand_by<R: Runtime>(app: AppHandle<R>) {
    let desk = app.state::<Desk>();
    let mut pause = ASKS_EVERY;
    // The page knows that the hub in this program is the office's no longer.
    let mut has_told = false;
    // Before any copy is written: this is the only place that does.
    desk.office().stand_in().tidy();
    while desk.stop().run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
        pause = ASKS_EVERY;
        match desk.office().role() {
            Some(Role::Joined) => {
                has_told = false;
                let Some(hub) = desk.office().joined() else { continue };
                let stand_in = desk.office().stand_in();
                match stand_in.look(&hub).await {
                    Ok(Errand::Nothing) => {}
                    // Its office was left while the copy was still coming.
                    Ok(Errand::Kept) if desk.office().stage() == Stage::FirstStart => stand_in.forget(&hub),
                    Ok(Errand::Kept) => window::state_changed(&app),
                    Ok(Errand::Inherited) => {
                        become_hub(&app).await;
                        say_that_it_is_here(&app).await;
                    }
                    Err(error) => {
                        tracing::debug!(%error, "nothing could be done for the hub");
                        if !matches!(error, HeirError::Ask(_)) {
                            tracing::warn!(%error, "no copy of the hub could be kept");
                            pause = TRIES_AGAIN_AFTER;
                        }
                    }
                }
            }
            Some(Role::Hub) if desk.office().moved_to().is_some() => {
                if desk.office().follow().await {
                    start::end_work(&app).await;
                    desk.office().close_own().await;
                    start::open_office(app.clone()).await;
                } else if !has_told {
                    has_told = true;
                    window::state_changed(&app);
                }
            }
            Some(Role::Hub) | None => has_told = false,
        }
    }
}

/// Why this computer has not taken the hub's place.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TakeOverError {
    #[error("this computer is no member of an office elsewhere")]
    NotJoined,
    #[error(transparent)]
    Heir(#[from] HeirError),
}

/// Makes this computer the hub, because the hub is gone. The answer is of when its data are.
pub(crate) async fn take_over<R: Runtime>(app: &AppHandle<R>) -> Result<Timestamp, TakeOverError> {
    let desk = app.state::<Desk>();
    let hub = desk.office().joined().ok_or(TakeOverError::NotJoined)?;
    let made_at = desk.office().stand_in().take_over(&hub).await?;
    become_hub(app).await;
    Ok(made_at)
}

/// From a member to the hub.
async fn become_hub<R: Runtime>(app: &AppHandle<R>) {
    start::end_work(app).await;
    settle(app);
    start::open_office(app.clone()).await;
    window::state_changed(app);
}

/// What is to hold on a computer that has become the hub, before it forgets that it was a member:
/// others must find it, so it is shared, starts with its person's session and stays awake, as the
/// first hub of an office is asked to; and whoever knows the old address is to be told of the new one.
pub(crate) fn settle<R: Runtime>(app: &AppHandle<R>) {
    let desk = app.state::<Desk>();
    if let Some(address) = desk.office().former_address() {
        desk.sharing().was_at(address);
    }
    let before = desk.settings();
    let starts = before.start_at_login
        || app
            .autolaunch()
            .enable()
            .inspect_err(|error| tracing::warn!(%error, "the app will not start at login"))
            .is_ok();
    let settings = DesktopSettings { open_to_lan: true, keep_awake: true, start_at_login: starts, ..before };
    if let Err(error) = desk.save_settings(settings) {
        tracing::error!(%error, "the settings could not be kept");
    }
    desk.office().is_hub();
}

/// Nobody here has asked for what an admin did on another computer.
async fn say_that_it_is_here<R: Runtime>(app: &AppHandle<R>) {
    let desk = app.state::<Desk>();
    if let Err(problem) = desk.popups().show(wording::hub_is_here(desk.locale())).await {
        tracing::warn!(%problem, "nobody could be told that the hub is here now");
    }
}
