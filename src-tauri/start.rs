//! The order in which the app comes up, once there is an event loop, and goes down.

use std::sync::Arc;
use std::time::Duration;

use rappel_link::{Backoff, Ledger, Locale, SystemClock, Wake};
use tauri::{AppHandle, Manager, Runtime};
use tauri_plugin_autostart::ManagerExt;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::contact::{Contact, Why};
use crate::desk::Desk;
use crate::office::{Role, Stage};
use crate::popups::record::Record;
use crate::popups::watch::{Rest, Watch, follow, now};
use crate::popups::{PopupEvent, Screen};
use crate::{heir, window};

/// The pause before an office that could not be opened is tried again.
const RETRY: Duration = Duration::from_secs(5);
/// What the end of the app may take: the hub writes what it has acknowledged long before.
const END_WITHIN: Duration = Duration::from_secs(10);

/// The receiving end of what happens to popups, until somebody follows them.
pub(crate) struct PopupEvents(pub(crate) std::sync::Mutex<Option<mpsc::Receiver<PopupEvent>>>);

/// Whoever follows the hub, and what ends and wakes them.
pub(crate) struct Following {
    stop: CancellationToken,
    wake: Wake,
    task: JoinHandle<Rest>,
}

/// Opens the office that this computer has, again and again until it opens. Without one, the
/// page asks for a name first.
pub(crate) async fn open_office<R: Runtime>(app: AppHandle<R>) {
    let desk = app.state::<Desk>();
    if desk.office().stage() == Stage::FirstStart {
        return;
    }
    if desk.office().has_become_hub() {
        heir::settle(&app);
    }
    while let Err(error) = desk.office().open().await {
        tracing::error!(%error, "the office cannot be opened");
        desk.situations().send_modify(|situation| situation.contact = situation.contact.away(Why::Silent, now()));
        tokio::select! {
            () = desk.stop().cancelled() => return,
            () = tokio::time::sleep(RETRY) => {}
        }
    }
    begin_work(&app).await;
    window::state_changed(&app);
}

/// With the office open: lets others in where the hub is here, and reminds.
pub(crate) async fn begin_work<R: Runtime>(app: &AppHandle<R>) {
    let desk = app.state::<Desk>();
    if desk.stop().is_cancelled() {
        // The app was quit while the office was being opened.
        return desk.office().close().await;
    }
    if desk.office().role() == Some(Role::Hub) {
        desk.tasks().spawn(tell_of_lan(app.clone()));
        if let Err(error) = desk.office().listen(desk.settings().open_to_lan, desk.tasks()).await {
            tracing::error!(%error, "browsers cannot reach the hub");
        }
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
    let (backoff, stop) = (Backoff::new(), desk.stop().child_token());
    let wake = backoff.waker();
    let watch = Watch {
        link,
        backoff,
        record: Record::new(ledger),
        clock: Arc::new(SystemClock),
        popups: desk.popups().clone(),
        events,
        situation: desk.situations().clone(),
        nudge: desk.nudge().clone(),
        screen: Box::new(Around(app.clone())),
    };
    let task = desk.tasks().spawn(follow(watch, stop.clone()));
    desk.follow(Some(Following { stop, wake, task }));
}

/// Follows the hub no longer: nothing of it stays on the screen.
pub(crate) async fn end_work<R: Runtime>(app: &AppHandle<R>) {
    let desk = app.state::<Desk>();
    let Some(Following { stop, task, .. }) = desk.follow(None) else { return };
    stop.cancel();
    let rest = match task.await {
        Ok(rest) => rest,
        Err(error) => return tracing::error!(%error, "whoever followed the hub has failed"),
    };
    for tag in rest.on_screen {
        desk.popups().close(&tag).await;
    }
    if let Ok(mut events) = app.state::<PopupEvents>().0.lock() {
        *events = Some(rest.events);
    }
    desk.page().end_sessions();
    desk.situations().send_modify(|situation| {
        situation.contact = Contact::Untried;
        (situation.unread, situation.trouble, situation.synced_at) = (0, None, None);
    });
}

/// Has the page ask again whenever it stands otherwise with the hub.
pub(crate) async fn tell_of_contact<R: Runtime>(app: AppHandle<R>) {
    let desk = app.state::<Desk>();
    let mut situations = desk.situations().subscribe();
    let mut told = situations.borrow_and_update().contact;
    loop {
        tokio::select! {
            () = desk.stop().cancelled() => return,
            Ok(()) = situations.changed() => {
                let contact = situations.borrow_and_update().contact;
                if std::mem::replace(&mut told, contact) != contact {
                    window::state_changed(&app);
                }
            }
        }
    }
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

/// What is to be done when the machine has woken, or is on another network.
pub(crate) fn look_again<R: Runtime>(app: AppHandle<R>) -> impl Fn() + Send {
    move || {
        let desk = app.state::<Desk>();
        // Before there is an office nothing can have been missed.
        if let Ok(link) = desk.office().link() {
            link.look_again();
        }
        desk.wake();
    }
}

impl Following {
    /// Tries at once what it waits to try again.
    pub(crate) fn wake(&self) {
        self.wake.wake();
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
