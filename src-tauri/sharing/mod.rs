//! Sharing the hub of this desktop with the team: how far that has come, for the page and the tray,
//! and what goes with it: that this computer stays awake, what may keep colleagues out, and that
//! they have to be told when the hub moves.

pub(crate) mod awake;
mod surroundings;
mod whereabouts;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rappel_link::{Lan, Link, Timestamp};
use serde::Serialize;
use tauri::{AppHandle, Manager, Runtime};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::desk::Desk;
use crate::window;
use crate::words::Words;
use awake::Awake;
use surroundings::Firewall;
use whereabouts::Whereabouts;

/// How often it is looked again whether a public network still is one: somebody may be mending that.
const LOOK_AGAIN: Duration = Duration::from_secs(20);
/// How often it is looked whether another network has become one: that is somebody's rare choice, and
/// looking costs a process on some systems.
const LOOK_NOW_AND_THEN: Duration = Duration::from_secs(120);

/// Where colleagues find the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Place {
    /// Nowhere: it is not shared.
    #[default]
    Unshared,
    /// On the office's network.
    Network,
    /// Nowhere: this computer is on no network at present.
    NoNetwork,
    /// Nowhere: it cannot listen there.
    Failed,
}

/// How far sharing has come, as the page reads it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shared {
    /// The hub is in this program.
    #[serde(skip)]
    is_here: bool,
    place: Place,
    /// Another machine has reached the hub there.
    reached: bool,
    /// The network is marked as one on which strangers are.
    public_network: bool,
    /// What may keep others out, as far as this machine tells.
    firewall: Firewall,
    /// This computer is being kept awake; false also where it was asked for in vain.
    awake: bool,
    /// Where colleagues still look for the hub, when it is elsewhere now.
    moved_from: Option<String>,
}

impl Shared {
    /// There is something to share here.
    pub(crate) fn is_here(&self) -> bool {
        self.is_here
    }

    /// Colleagues have to be told of another address.
    pub(crate) fn has_moved(&self) -> bool {
        self.moved_from.is_some()
    }
}

/// Sharing, as the desk holds it.
pub(crate) struct Sharing {
    shared: watch::Sender<Shared>,
    whereabouts: Mutex<Whereabouts>,
}

impl Sharing {
    /// Sharing whose last known address is in this file.
    pub(crate) fn new(address_file: PathBuf) -> Self {
        Self { shared: watch::Sender::default(), whereabouts: Mutex::new(Whereabouts::load(address_file)) }
    }

    /// How far it has come.
    pub(crate) fn shared(&self) -> Shared {
        self.shared.borrow().clone()
    }

    /// How far it has come, now and from here on.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Shared> {
        self.shared.subscribe()
    }

    /// Colleagues have been told where the hub is now.
    pub(crate) fn told(&self, lan: &Lan) {
        if let Lan::At(address) = lan {
            self.whereabouts().told(*address);
            self.change(|shared| shared.moved_from = None);
        }
    }

    /// Colleagues know the hub at this address, on another machine.
    pub(crate) fn was_at(&self, address: SocketAddr) {
        self.whereabouts().told(address);
    }

    fn whereabouts(&self) -> std::sync::MutexGuard<'_, Whereabouts> {
        self.whereabouts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Shared)) {
        self.shared.send_if_modified(|shared| {
            let before = shared.clone();
            change(shared);
            *shared != before
        });
    }

    /// The hub is there now, or nowhere.
    fn is_at(&self, lan: &Lan) {
        let place = match lan {
            Lan::Unshared => Place::Unshared,
            Lan::At(_) => Place::Network,
            Lan::NoNetwork => Place::NoNetwork,
            Lan::Failed(_) => Place::Failed,
        };
        let moved_from = match lan {
            Lan::At(address) => self.whereabouts().left_behind(*address).map(|address| format!("http://{address}")),
            Lan::Unshared => None,
            // It may come back to where it was.
            Lan::NoNetwork | Lan::Failed(_) => self.shared().moved_from,
        };
        self.change(|shared| {
            shared.place = place;
            shared.moved_from = moved_from;
        });
    }
}

/// Keeps [`Shared`] true and this computer awake, until the app ends.
pub(crate) async fn follow<R: Runtime>(app: AppHandle<R>) {
    let desk = app.state::<Desk>();
    let sharing = desk.sharing();
    let (mut lan, mut shared) = (desk.office().lan(), sharing.subscribe());
    // Told of every change of the settings.
    let mut situation = desk.situations().subscribe();
    let mut keeping = Keeping::default();
    let mut looking: Option<(SocketAddr, tokio_util::sync::DropGuard)> = None;
    loop {
        let at = lan.borrow_and_update().clone();
        sharing.is_at(&at);
        let mut reached = reached_since(&desk);
        let is_reached = reached.as_mut().is_some_and(|reached| reached.borrow_and_update().is_some());
        sharing.change(|shared| {
            shared.is_here = reached.is_some();
            shared.reached = is_reached;
        });
        let wanted = at != Lan::Unshared && desk.settings().keep_awake;
        let awake = keeping.keep(wanted, Words::of(desk.locale()).awake_reason).await;
        sharing.change(|shared| shared.awake = awake);
        match at {
            Lan::At(address) if looking.as_ref().is_none_or(|(known, _)| *known != address) => {
                let stop = CancellationToken::new();
                desk.tasks().spawn(look_around(app.clone(), address, stop.clone()));
                looking = Some((address, stop.drop_guard()));
            }
            Lan::At(_) => {}
            Lan::Unshared | Lan::NoNetwork | Lan::Failed(_) => looking = None,
        }
        if shared.has_changed().unwrap_or(false) {
            shared.mark_unchanged();
            window::state_changed(&app);
        }
        tokio::select! {
            () = desk.stop().cancelled() => return,
            Ok(()) = lan.changed() => {}
            Ok(()) = situation.changed() => {}
            Ok(()) = shared.changed() => window::state_changed(&app),
            () = changed(&mut reached) => {}
        }
    }
}

/// Whether somebody has reached the hub in this program, if it is open.
fn reached_since(desk: &Desk) -> Option<watch::Receiver<Option<Timestamp>>> {
    match desk.office().link() {
        Ok(Link::Local(hub)) => Some(hub.reached_since()),
        Ok(Link::Remote(_)) | Err(_) => None,
    }
}

async fn changed(reached: &mut Option<watch::Receiver<Option<Timestamp>>>) {
    if let Some(reached) = reached
        && reached.changed().await.is_ok()
    {
        return;
    }
    // The hub has gone, or is none of ours.
    std::future::pending::<()>().await;
}

/// Finds out what may keep colleagues out there, again and again.
async fn look_around<R: Runtime>(app: AppHandle<R>, address: SocketAddr, stop: CancellationToken) {
    let desk = app.state::<Desk>();
    let looking = async {
        loop {
            let found = surroundings::look(address).await;
            desk.sharing().change(|shared| {
                shared.public_network = found.is_public;
                shared.firewall = found.firewall;
            });
            tokio::time::sleep(if found.is_public { LOOK_AGAIN } else { LOOK_NOW_AND_THEN }).await;
        }
    };
    tokio::select! {
        () = looking => {}
        () = stop.cancelled() => desk.sharing().change(|shared| shared.public_network = false),
        () = desk.stop().cancelled() => {}
    }
}

/// What keeps this computer awake, while that is wanted.
#[derive(Default)]
struct Keeping {
    awake: Option<Awake>,
    /// It was asked for in vain; the next change of heart asks again.
    is_refused: bool,
}

impl Keeping {
    /// Begins or ends it. Answers whether the computer is kept awake now.
    async fn keep(&mut self, wanted: bool, reason: &'static str) -> bool {
        match (wanted, &self.awake) {
            (false, _) => *self = Self::default(),
            (true, None) if !self.is_refused => match awake::keep(reason).await {
                Ok(awake) => {
                    tracing::info!("this computer is kept awake");
                    self.awake = Some(awake);
                }
                Err(error) => {
                    tracing::warn!(%error, "this computer cannot be kept awake");
                    self.is_refused = true;
                }
            },
            (true, _) => {}
        }
        self.awake.is_some()
    }
}
