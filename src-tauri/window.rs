//! The one window. Closing it destroys it and the app lives on; opening makes it anew.

use tauri::{AppHandle, Emitter, Manager, Runtime, Url, WebviewUrl, WebviewWindowBuilder};

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
        .on_navigation(may_go)
        .build()
        .map(drop)
}

/// Whether the window may go there. A number to call or an address to write to is for the program
/// that does that.
fn may_go(url: &Url) -> bool {
    if matches!(url.scheme(), "tel" | "mailto")
        && let Err(error) = open::that_detached(url.as_str())
    {
        tracing::warn!(%error, scheme = url.scheme(), "no program opens this link");
    }
    is_own_page(url)
}

/// Whether it is the page that is part of the program. Whatever is loaded in the window can call
/// the app, so nothing else ever is.
fn is_own_page(url: &Url) -> bool {
    match (url.scheme(), url.host_str()) {
        ("tauri", Some("localhost")) | ("http" | "https", Some("tauri.localhost")) => true,
        // The page as its developer's server has it; a release has no such server.
        ("http", Some("localhost")) => tauri::is_dev(),
        _ => false,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_goes_nowhere_but_to_its_own_page() {
        let goes = |url: &str| is_own_page(&url.parse().expect("a URL"));
        assert!(goes("tauri://localhost/events/1"));
        for elsewhere in [
            "http://127.0.0.1:7710/",
            "http://192.168.1.20:7710/join",
            "https://example.com/",
            "https://tauri.localhost.example.com/",
            "tauri://elsewhere/",
            "file:///etc/passwd",
            "data:text/html,x",
        ] {
            assert!(!goes(elsewhere), "{elsewhere}");
        }
    }
}
