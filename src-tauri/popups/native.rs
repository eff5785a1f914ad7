//! Popups on macOS and Windows, through `notify-rust`.
//!
//! There each popup is waited for by a thread that ends with it; neither platform lets a popup be
//! taken off the screen by whoever showed it, so `close` only forgets it. Where `notify-rust` is
//! refused, the notification plugin shows the text without its buttons.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use notify_rust::{Notification, NotificationResponse, Timeout};
use tauri::{AppHandle, Runtime};
use tauri_plugin_notification::NotificationExt;
use tokio::sync::mpsc;

use super::{Choice, Popup, PopupEvent, PopupProblem, Popups, Tag};

/// Popups through the platform's own service.
pub(crate) struct NativePopups<R: Runtime> {
    app: AppHandle<R>,
    events: mpsc::Sender<PopupEvent>,
    shared: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    /// Which showing of a tag is on screen: an answer to an earlier one is not heard.
    on_screen: HashMap<Tag, u64>,
    shown: u64,
    problem: Option<PopupProblem>,
}

fn seen(shared: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<R: Runtime> NativePopups<R> {
    /// Popups whose fate is told to `events`.
    pub(crate) fn new(app: AppHandle<R>, events: mpsc::Sender<PopupEvent>) -> Self {
        Self { app, events, shared: Arc::default() }
    }

    /// Asks the platform's leave to show popups, before there is one to show.
    pub(crate) fn ask_leave(&self) {
        use tauri_plugin_notification::PermissionState;
        let granted = self.app.notification().request_permission();
        seen(&self.shared).problem = match granted {
            Ok(PermissionState::Granted) => None,
            Ok(_) => Some(PopupProblem::refused(&"notifications are turned off for Rappel")),
            Err(error) => Some(PopupProblem::refused(&error)),
        };
    }

    fn notification(&self, popup: &Popup) -> Notification {
        let mut notification = Notification::new();
        notification.appname("Rappel").summary(&popup.summary).body(&popup.body).timeout(Timeout::Never);
        for button in &popup.buttons {
            notification.action(button.choice.key(), button.label);
        }
        // The name that the installer registers; a build that is not installed has none.
        #[cfg(windows)]
        if !tauri::is_dev() {
            notification.app_id(&self.app.config().identifier);
        }
        // Any other toast leaves the screen after seconds.
        #[cfg(windows)]
        notification.urgency(notify_rust::Urgency::Critical);
        notification
    }
}

impl<R: Runtime> Popups for NativePopups<R> {
    fn show(&self, popup: Popup) -> BoxFuture<'_, Result<(), PopupProblem>> {
        Box::pin(async move {
            let notification = self.notification(&popup);
            let tag = popup.tag.clone();
            let turn = {
                let mut seen = seen(&self.shared);
                seen.shown += 1;
                let turn = seen.shown;
                seen.on_screen.insert(tag.clone(), turn);
                turn
            };
            let handle = match notification.show() {
                Ok(handle) => handle,
                Err(error) => {
                    tracing::warn!(%error, "a popup without buttons is shown instead");
                    let plain = self.app.notification().builder().title(&popup.summary).body(&popup.body).show();
                    let problem = plain.err().map(|error| PopupProblem::refused(&error));
                    seen(&self.shared).problem.clone_from(&problem);
                    return problem.map_or(Ok(()), Err);
                }
            };
            seen(&self.shared).problem = None;
            let (events, shared) = (self.events.clone(), Arc::clone(&self.shared));
            // Nothing waits for these threads: each ends with its popup, or with the process.
            tauri::async_runtime::spawn_blocking(move || {
                let mut fate = PopupEvent::Closed { tag: tag.clone() };
                let waited = handle.wait_for_response(|response: &NotificationResponse| {
                    let choice = match response {
                        NotificationResponse::Default => Some(Choice::Open),
                        NotificationResponse::Action(key) => Choice::of_key(key),
                        NotificationResponse::Reply(_) | NotificationResponse::Closed(_) => None,
                    };
                    if let Some(choice) = choice {
                        fate = PopupEvent::Chosen { tag: tag.clone(), choice };
                    }
                });
                if let Err(error) = waited {
                    tracing::warn!(%error, "a popup was refused");
                    seen(&shared).problem = Some(PopupProblem::refused(&error));
                }
                let current = seen(&shared).on_screen.get(&tag) == Some(&turn);
                if current {
                    seen(&shared).on_screen.remove(&tag);
                    if events.blocking_send(fate).is_err() {
                        tracing::debug!("nobody follows the popups any more");
                    }
                }
            });
            Ok(())
        })
    }

    fn close<'a>(&'a self, tag: &'a str) -> BoxFuture<'a, ()> {
        seen(&self.shared).on_screen.remove(tag);
        Box::pin(std::future::ready(()))
    }

    fn end(&self) -> BoxFuture<'_, ()> {
        seen(&self.shared).on_screen.clear();
        Box::pin(std::future::ready(()))
    }

    fn problem(&self) -> Option<PopupProblem> {
        seen(&self.shared).problem.clone()
    }
}
