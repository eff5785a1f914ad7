//! The desktop app: a tray icon, one window, popups of the OS, and either the hub of the office in the
//! same program or the way to that of another machine.
//!
//! This file is the order of starting. The app is alive while its process is: the window comes
//! and goes, and neither the hub nor the popups live in it.

mod commands;
mod contact;
mod desk;
mod door;
mod folders;
mod heir;
mod log;
mod network;
mod office;
mod page;
mod popups;
mod settings;
mod sharing;
#[cfg(target_os = "linux")]
mod sleep;
mod start;
#[cfg(all(test, target_os = "linux"))]
mod test_bus;
mod tray;
mod window;
mod words;

use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use tauri::{App, AppHandle, Manager, RunEvent, Runtime, WindowEvent, Wry};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use desk::Desk;
use folders::Folders;
use start::PopupEvents;
use tray::Tray;

/// The argument that starts the app without its window.
const HIDDEN: &str = "--hidden";
/// Events of popups that may wait to be followed.
const POPUP_EVENTS: usize = 64;

/// Runs the app until its person quits it.
#[must_use]
pub fn run() -> ExitCode {
    let folders = match Folders::of_this_machine() {
        Ok(folders) => folders,
        Err(error) => return failed(&error),
    };
    if let Err(problem) = display() {
        return failed(&problem);
    }
    log::begin(&folders.logs());
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, arguments, _| launched_again(app, &arguments)))
        .plugin(tauri_plugin_autostart::Builder::new().arg(HIDDEN).build())
        .plugin(tauri_plugin_notification::init())
        .plugin(tauri_plugin_window_state::Builder::new().build())
        .invoke_handler(commands())
        .setup(|app| set_up(app, folders))
        .build(context());
    match app {
        Ok(app) => ExitCode::from(u8::try_from(app.run_return(happened)).unwrap_or(1)),
        Err(error) => failed(&error),
    }
}

/// The page, the permissions and the configuration, as they were when the program was built.
fn context<R: Runtime>() -> tauri::Context<R> {
    tauri::generate_context!()
}

/// Everything that the page may call.
fn commands<R: Runtime>() -> impl Fn(tauri::ipc::Invoke<R>) -> bool + Send + Sync + 'static {
    use commands::{desktop, hub, joining};
    tauri::generate_handler![
        hub::hub_call,
        hub::hub_open_session,
        hub::hub_send,
        hub::hub_close_session,
        desktop::desktop_state,
        desktop::create_office,
        desktop::show_test_popup,
        desktop::save_settings,
        joining::find_offices,
        joining::stop_finding_offices,
        joining::join_by_link,
        joining::join_by_code,
        joining::ask_to_join,
        joining::withdraw_join,
        joining::leave_office,
        desktop::address_told,
        joining::take_over,
    ]
}

fn set_up(app: &mut App<Wry>, folders: Folders) -> Result<(), Box<dyn std::error::Error>> {
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    let (told, events) = mpsc::channel(POPUP_EVENTS);
    app.manage(PopupEvents(Mutex::new(Some(events))));
    let popups = popups(app, told, &tasks);
    app.manage(Desk::new(folders, popups, tasks.clone(), stop.clone()));

    let handle = app.handle();
    match Tray::build(handle) {
        Ok(tray) => {
            let situations = handle.state::<Desk>().situations().subscribe();
            tasks.spawn_on(tray.follow(handle.clone(), situations, stop.clone()), &runtime());
        }
        // Then a second launch of the app opens the window.
        Err(error) => tracing::warn!(%error, "there is no tray icon"),
    }
    tasks.spawn_on(start::open_office(handle.clone()), &runtime());
    tasks.spawn_on(sharing::follow(handle.clone()), &runtime());
    tasks.spawn_on(heir::stand_by(handle.clone()), &runtime());
    #[cfg(target_os = "linux")]
    tasks.spawn_on(sleep::follow(start::look_again(handle.clone()), stop.clone()), &runtime());
    tasks.spawn_on(network::follow(start::look_again(handle.clone()), stop.clone()), &runtime());
    tasks.spawn_on(start::tell_of_contact(handle.clone()), &runtime());
    tasks.spawn_on(quit_when_asked(handle.clone(), stop), &runtime());
    start::check_start_at_login(handle);
    if !std::env::args().any(|argument| argument == HIDDEN) {
        window::open(handle, None);
    }
    Ok(())
}

/// The popups of this platform.
#[cfg(target_os = "linux")]
fn popups(app: &App<Wry>, told: mpsc::Sender<popups::PopupEvent>, tasks: &TaskTracker) -> Arc<dyn popups::Popups> {
    use popups::freedesktop::{FreedesktopPopups, Picture};
    let icon = tauri::include_image!("icons/128x128.png");
    let picture = Picture { width: icon.width(), height: icon.height(), rgba: icon.rgba().to_vec() };
    let popups = Arc::new(FreedesktopPopups::new(told, picture, tasks.clone()));
    let looking = (Arc::clone(&popups), app.handle().clone());
    tasks.spawn_on(
        async move {
            looking.0.look_around().await;
            window::state_changed(&looking.1);
        },
        &runtime(),
    );
    popups
}

#[cfg(any(target_os = "macos", windows))]
fn popups(app: &App<Wry>, told: mpsc::Sender<popups::PopupEvent>, _: &TaskTracker) -> Arc<dyn popups::Popups> {
    let popups = popups::native::NativePopups::new(app.handle().clone(), told);
    popups.ask_leave();
    Arc::new(popups)
}

/// A second launch hands itself over to the first: whoever starts the app wants to see it.
fn launched_again<R: Runtime>(app: &AppHandle<R>, arguments: &[String]) {
    if !arguments.iter().any(|argument| argument == HIDDEN) {
        window::open(app, None);
    }
}

fn happened<R: Runtime>(app: &AppHandle<R>, event: RunEvent) {
    match event {
        // The last window has closed; only the person quits the app.
        RunEvent::ExitRequested { code: None, api, .. } => api.prevent_exit(),
        // However it came about: the session of the OS may end without asking.
        RunEvent::Exit => tauri::async_runtime::block_on(start::end(&app.state::<Desk>())),
        RunEvent::WindowEvent { label, event: WindowEvent::Destroyed, .. } if label == window::LABEL => {
            app.state::<Desk>().page().gone();
        }
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { has_visible_windows: false, .. } => window::open(app, None),
        _ => {}
    }
}

/// Quits as the menu does when the session or the system ends the app.
async fn quit_when_asked<R: Runtime>(app: AppHandle<R>, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        asked = asked_to_end() => match asked {
            // Not one of the tasks that it waits for.
            Ok(()) => drop(tauri::async_runtime::spawn(start::quit(app))),
            Err(error) => tracing::warn!(%error, "signals are not heard"),
        },
    }
}

#[cfg(unix)]
async fn asked_to_end() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn asked_to_end() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

/// The runtime on which everything of the app runs.
fn runtime() -> tokio::runtime::Handle {
    tauri::async_runtime::handle().inner().clone()
}

/// Says before the toolkit would, and in words, that there is no screen.
#[cfg(target_os = "linux")]
fn display() -> Result<(), &'static str> {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") {
        Ok(())
    } else {
        Err("there is no display here; `rappel-hub serve` runs the office without one")
    }
}

#[cfg(not(target_os = "linux"))]
fn display() -> Result<(), &'static str> {
    Ok(())
}

fn failed(error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("rappel: {error}");
    ExitCode::FAILURE
}
