//! The order in which the app comes up, once there is an event loop, and goes down.

use std::time::Duration;

use rappel_link::{Ledger, Locale};
use tauri::{AppHandle, Manager, Runtime};
use tauri_plugin_autostart::ManagerExt;
use tokio::sync::mpsc;

use crate::desk::Desk;
use crate::office::Stage;
use crate::popups::record::Record;
use crate::popups::watch::{Watch, follow, now};
use crate::popups::{PopupEvent, Screen};
use crate::window;

/// The pause before an office that could not be opened is tried again.
const RETRY: Duration = Duration::from_secs(5);
/// What the end of the app may take: the hub writes what it has acknowledged long before.
const END_WITHIN: Duration = Duration::from_secs(10);

/// The receiving end of what happens to popups, until somebody follows them.
pub(crate) struct PopupEvents(pub(crate) std::sync::Mutex<Option<mpsc::Receiver<PopupEvent>>>);

/// Opens the office that this computer has, again and again until it opens. Without one, the
/// page asks for a name first.
pub(crate) async fn open_office<R: Runtime>(app: AppHandle<R>) {
    let desk = app.state::<Desk>();
    if desk.office().stage() == Stage::FirstStart {
        return;
    }
    while let Err(error) = desk.office().open().await {
        tracing::error!(%error, "the office cannot be opened");
        desk.situations().send_modify(|situation| situation.reachable = false);
        tokio::select! {
            () = desk.stop().cancelled() => return,
            () = tokio::time::sleep(RETRY) => {}
        }
    }
    begin_work(&app).await;
    window::state_changed(&app);
}

/// With the office open: lets others in, and reminds.
pub(crate) async fn begin_work<R: Runtime>(app: &AppHandle<R>) {
    let desk = app.state::<Desk>();
    if desk.stop().is_cancelled() {
        // The app was quit while the office was being opened.
        return desk.office().close().await;
    }
    desk.tasks().spawn(tell_of_lan(app.clone()));
    if let Err(error) = desk.office().listen(desk.settings().open_to_lan, desk.tasks()).await {
        tracing::error!(%error, "browsers cannot reach the hub");
    }
    let link = match desk.office().link() {
        Ok(link) => link,
        Err(error) => return tracing::error!(%error, "nothing to follow"),
    };
    let ledger = match Ledger::open(&desk.ledger_file()) {
        Ok(ledger) => ledger,
        Err(error) => return tracing::error!(%error, "without the ledger of popups none is shown"),
    };
    let events = app.state::<PopupEvents>().0.lock().ok().and_then(|mut events| events.take());
    let Some(events) = events else { return };
    let watch = Watch {
        link,
        record: Record::new(ledger, now()),
        popups: desk.popups().clone(),
        events,
        situation: desk.situations().clone(),
        nudge: desk.nudge().clone(),
        screen: Box::new(Around(app.clone())),
    };
    desk.tasks().spawn(follow(watch, desk.stop().clone()));
}

/// Has the page ask again whenever the hub is elsewhere on the network.
async fn tell_of_lan<R: Runtime>(app: AppHandle<R>) {
    let desk = app.state::<Desk>();
    let mut lan = desk.office().lan();
    loop {
        tokio::select! {
            () = desk.stop().cancelled() => return,
            Ok(()) = lan.changed() => window::state_changed(&app),
        }
    }
}

/// What is to be done when the machine has woken.
#[cfg(target_os = "linux")]
pub(crate) fn woken<R: Runtime>(app: AppHandle<R>) -> impl Fn() + Send {
    move || {
        // Before there is an office nothing can have been missed.
        if let Ok(link) = app.state::<Desk>().office().link() {
            link.look_again();
        }
    }
}

/// The app, as far as popups know it.
struct Around<R: Runtime>(AppHandle<R>);

impl<R: Runtime> Screen for Around<R> {
    fn locale(&self) -> Locale {
        self.0.state::<Desk>().locale()
    }

    fn open(&self, path: &str) {
        window::open(&self.0, Some(path));
    }

    fn popups_changed(&self) {
        window::state_changed(&self.0);
    }
}

/// An entry of the OS that starts the app at login can vanish: it is set again.
pub(crate) fn check_start_at_login<R: Runtime>(app: &AppHandle<R>) {
    if !app.state::<Desk>().settings().start_at_login {
        return;
    }
    let login = app.autolaunch();
    if !login.is_enabled().unwrap_or(false)
        && let Err(error) = login.enable()
    {
        tracing::warn!(%error, "the app will not start at login");
    }
}

/// Ends the app, with the event loop still there for the tasks that wait for it.
pub(crate) async fn quit<R: Runtime>(app: AppHandle<R>) {
    end(&app.state::<Desk>()).await;
    app.exit(0);
}

/// Leaves nothing behind: popups closed, the hub's writes done, every task ended. A second time
/// finds nothing left to do.
pub(crate) async fn end(desk: &Desk) {
    let all = async {
        desk.stop().cancel();
        desk.popups().end().await;
        desk.office().close().await;
        desk.tasks().close();
        desk.tasks().wait().await;
    };
    if tokio::time::timeout(END_WITHIN, all).await.is_err() {
        tracing::error!("the app ends with tasks still at work");
    }
}
