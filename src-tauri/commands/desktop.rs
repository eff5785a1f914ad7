//! The desktop itself: its state, its settings, the first start, and a popup to try.

use rappel_link::local::{MovedTo, NewOffice};
use rappel_link::{Link, Locale};
use serde::Serialize;
use tauri::{AppHandle, Manager, Runtime, State};
use tauri_plugin_autostart::ManagerExt;

use super::CommandError;
use crate::contact::Contact;
use crate::desk::Desk;
use crate::door::Asking;
use crate::office::{Role, Stage};
use crate::popups::wording;
use crate::settings::DesktopSettings;
use crate::sharing::Shared;
use crate::words::Words;
use crate::{start, window};

/// What the page knows of the desktop.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DesktopState {
    stage: Stage,
    /// Where the hub is; null before there is an office.
    role: Option<Role>,
    /// How it stands with the hub.
    contact: Contact,
    /// Until when what is kept for when the hub is off was up to date; null where nothing is kept.
    synced_at: Option<String>,
    /// The office of another machine that this desktop has joined.
    joined: Option<JoinedOffice>,
    /// Where the hub is, when the one in this program is not the office's any more.
    moved: Option<MovedTo>,
    /// How it stands with a request to be let in somewhere.
    asking: Option<Asking>,
    /// The name of whoever has signed in to this computer.
    account_name: String,
    /// The language of this desktop.
    locale: Locale,
    /// The zone of this computer, by its IANA name.
    time_zone: String,
    /// Where others find the hub; null while it does not listen, or is shared but on no network.
    hub_address: Option<String>,
    settings: DesktopSettings,
    /// How far sharing has come; null where the hub is not in this program.
    sharing: Option<Shared>,
    popups: PopupState,
    /// Where the page is to go at once. Asked once, it is null.
    pending_path: Option<String>,
}

/// The office that this desktop has joined.
#[derive(Serialize)]
pub(crate) struct JoinedOffice {
    /// What it calls itself, once that is known.
    name: Option<String>,
    /// Where its hub was found the last time.
    address: String,
    /// Of when the copy is that this computer keeps of the hub; null: it keeps none.
    #[serde(rename = "copyOf")]
    copy_of: Option<String>,
}

/// Whether popups can be seen.
#[derive(Serialize)]
pub(crate) struct PopupState {
    available: bool,
    problem: Option<&'static str>,
}

/// The state of the desktop.
#[tauri::command]
pub(crate) async fn desktop_state(desk: State<'_, Desk>) -> Result<DesktopState, CommandError> {
    let problem = desk.popups().problem().map(|problem| problem.say(Words::of(desk.locale())));
    Ok(DesktopState {
        stage: desk.office().stage(),
        role: desk.office().role(),
        contact: desk.situation().contact,
        synced_at: desk.office().joined().and_then(|hub| Some(hub.replica()?.synced_at()?.to_string())),
        joined: desk.office().joined().map(|hub| {
            let copy_of = desk.office().stand_in().copy_of(&hub);
            JoinedOffice { name: hub.office(), address: hub.address(), copy_of: copy_of.map(|at| at.to_string()) }
        }),
        moved: desk.office().moved_to(),
        asking: desk.door().asking(),
        account_name: whoami::realname().or_else(|_| whoami::username()).unwrap_or_default(),
        locale: desk.locale(),
        time_zone: jiff::tz::TimeZone::system().iana_name().unwrap_or("UTC").to_owned(),
        hub_address: desk.office().address(),
        settings: desk.settings(),
        sharing: matches!(desk.office().link(), Ok(Link::Local(_))).then(|| desk.sharing().shared()),
        popups: PopupState { available: problem.is_none(), problem },
        pending_path: desk.page().take_path(),
    })
}

/// Creates the office with its first person, and starts to remind.
#[tauri::command]
pub(crate) async fn create_office<R: Runtime>(
    app: AppHandle<R>,
    name: String,
    locale: Locale,
    time_zone: String,
) -> Result<(), CommandError> {
    let desk = app.state::<Desk>();
    if desk.office().stage() == Stage::Ready {
        return Err(CommandError::new("office_exists", &"this computer has an office already"));
    }
    desk.office().create(NewOffice { name, locale, time_zone }).await?;
    start::begin_work(&app).await;
    window::state_changed(&app);
    Ok(())
}

/// Shows how popups will look.
#[tauri::command]
pub(crate) async fn show_test_popup<R: Runtime>(app: AppHandle<R>) -> Result<(), CommandError> {
    let desk = app.state::<Desk>();
    let locale = desk.locale();
    let shown = desk.popups().show(wording::test_popup(locale)).await;
    window::state_changed(&app);
    shown.map_err(|problem| {
        tracing::warn!(%problem, "the popup to try could not be shown");
        CommandError::new(problem.code(), &problem.say(Words::of(locale)))
    })
}

/// Makes settings hold. Answers what holds now.
#[tauri::command]
pub(crate) async fn save_settings<R: Runtime>(
    app: AppHandle<R>,
    settings: DesktopSettings,
) -> Result<DesktopSettings, CommandError> {
    apply(&app, settings).await?;
    Ok(app.state::<Desk>().settings())
}

/// Colleagues have been told where the hub is now.
#[tauri::command]
pub(crate) async fn address_told(desk: State<'_, Desk>) -> Result<(), CommandError> {
    let lan = desk.office().lan().borrow().clone();
    desk.sharing().told(&lan);
    Ok(())
}

/// Does what the settings say, then keeps them; what cannot be done is not kept.
pub(crate) async fn apply<R: Runtime>(app: &AppHandle<R>, settings: DesktopSettings) -> Result<(), CommandError> {
    let desk = app.state::<Desk>();
    let before = desk.settings();
    if settings.open_to_lan != before.open_to_lan {
        let listening = desk.office().listen(settings.open_to_lan, desk.tasks()).await;
        if let Err(error) = listening {
            if let Err(error) = desk.office().listen(before.open_to_lan, desk.tasks()).await {
                tracing::error!(%error, "browsers cannot reach the hub");
            }
            return Err(CommandError::new("cannot_listen", &error));
        }
    }
    if settings.start_at_login != before.start_at_login {
        let login = app.autolaunch();
        let done = if settings.start_at_login { login.enable() } else { login.disable() };
        done.map_err(|error| CommandError::new("start_at_login_refused", &error))?;
    }
    desk.save_settings(settings)?;
    window::state_changed(app);
    Ok(())
}
