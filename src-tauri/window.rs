//! The one window. Closing it destroys it and the app lives on; opening makes it anew.

use tauri::{AppHandle, Emitter, Manager, Runtime, WebviewUrl, WebviewWindowBuilder};

use crate::desk::Desk;

/// The window's label.
pub(crate) const LABEL: &str = "main";
/// Tells the page which of its screens to show.
const NAVIGATE: &str = "navigate";
/// Tells the page that what `desktop_state` answers has changed.
const STATE_CHANGED: &str = "desktop-state-changed";

/// Shows the window, at `path` where one is given.
pub(crate) fn open<R: Runtime>(app: &AppHandle<R>, path: Option<&str>) {
    let desk = app.state::<Desk>();
    desk.nudge_popups();
    if let Some(path) = path {
        desk.page().go_to(path);
    }
    let shown = match app.get_webview_window(LABEL) {
        Some(window) => {
            let raised = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus());
            if let Some(path) = desk.page().take_path_if_listening() {
                emit(app, NAVIGATE, path);
            }
            raised
        }
        None => create(app),
    };
    if let Err(error) = shown {
        tracing::error!(%error, "the window cannot be shown");
    }
}

fn create<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<()> {
    WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Rappel")
        .inner_size(960.0, 720.0)
        .min_inner_size(320.0, 480.0)
        .build()
        .map(drop)
}

/// The page is to ask for the state again.
pub(crate) fn state_changed<R: Runtime>(app: &AppHandle<R>) {
    emit(app, STATE_CHANGED, ());
}

fn emit<R: Runtime, P: serde::Serialize + Clone>(app: &AppHandle<R>, event: &str, payload: P) {
    if let Err(error) = app.emit_to(LABEL, event, payload) {
        tracing::warn!(%error, event, "the page cannot be told");
    }
}
