//! The hub as its embedders see it: open it, serve with it, end it.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use rappel_core::person::Locale;
use rappel_core::{PersonId, Timestamp, Zone};
use rappel_store::{Claimed, Error, HubIdentity, OfficeDefaults, Resume, Store};
use tokio::net::TcpListener;
use tokio::sync::Mutex as AsyncMutex;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::{Clock, SystemClock};
use crate::copying::Copying;
use crate::daily_copy::DailyCopy;
use crate::data_dir::{DataDir, DataDirError};
use crate::dispatch::Dispatch;
use crate::environment::{account_name, os_locale};
use crate::handover::Handovers;
use crate::join_link::JoinLink;
use crate::key::{Key, Pin};
use crate::listeners::Listeners;
use crate::local_session::{LocalSession, local};
use crate::office_clock::OfficeClock;
use crate::retention::Retention;
use crate::scheduler::{Scheduler, Totals};
use crate::secure_office::SecureOffice;
use crate::server::admission::{Admission, ConnectionLimits};
use crate::server::exchanges::Exchanges;
use crate::server::wrong_tries::WrongTries;
use crate::succession::Standing;
use crate::waiting_room::WaitingRoom;
use crate::wire::TroubleItem;
use crate::{announcement, control, identity, server, zone_watch};

/// Who has reminders decided when they are due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Deciding {
    /// The hub, by its clock.
    #[default]
    ByItself,
    /// Whoever opened it, by calling [`Hub::decide_due`]: nothing is decided between two calls. For
    /// tests whose histories must be the same each time.
    WhenAsked,
}

/// How to open a hub.
#[derive(Debug, Clone, Default)]
pub struct HubConfig {
    /// Where its data are; made where it is missing.
    pub data_dir: PathBuf,
    /// The office's language, stored as such; `None` leaves it as it is.
    pub locale: Option<Locale>,
    /// The office's zone, stored as such; `None` leaves it as it is.
    pub time_zone: Option<Zone>,
    /// The name of the admin that is made where there is none; `None`: the name of the account.
    pub first_admin: Option<String>,
    /// Pages of other origins that may call with a token: `https://crm.example`.
    pub allow_origins: Vec<String>,
    /// Further names by which this hub is called.
    pub allow_hosts: Vec<String>,
    /// How many connections it takes.
    pub connection_limits: ConnectionLimits,
    /// Who has reminders decided.
    pub deciding: Deciding,
}

/// Why a hub could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Its data directory is in use, or cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// Its store is damaged, newer, or another program's.
    #[error(transparent)]
    Store(#[from] rappel_store::OpenError),
    /// Its store could not be read or written.
    #[error(transparent)]
    Command(#[from] Error),
    /// Its file or its control socket cannot be made.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// This machine's own desktop as a device of the hub.
#[derive(Debug, Clone)]
pub struct LocalDevice {
    /// For whom it acts.
    pub person: PersonId,
    /// Its token, good until the next sign-in.
    pub token: String,
}

/// A running hub. Cheap to clone.
#[derive(Clone)]
pub struct Hub {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    key: Mutex<Key>,
    clock: Arc<OfficeClock>,
    dispatch: Arc<Dispatch>,
    /// `None` where the hub decides by itself: then its task has it.
    scheduler: AsyncMutex<Option<Scheduler>>,
    totals: Arc<Totals>,
    /// By the boot clock.
    started_at: Duration,
    stopping: CancellationToken,
    tasks: TaskTracker,
    allow_origins: Vec<String>,
    allow_hosts: Vec<String>,
    admission: Arc<Admission>,
    wrong_tries: WrongTries,
    waiting_room: WaitingRoom,
    exchanges: Exchanges,
    copying: Arc<Copying>,
    listeners: Listeners,
    secure_office: SecureOffice,
    handovers: Handovers,
    calm: tokio::sync::RwLock<()>,
    standing: Standing,
    // Last, so that the directory is free only when the store is closed.
    data_dir: DataDir,
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hub").field("data_dir", &self.inner.data_dir.path()).finish_non_exhaustive()
    }
}

impl Hub {
    /// Holds the data directory, opens the store, and starts the scheduler and the control socket.
    /// To be called within a tokio runtime.
    ///
    /// # Errors
    /// When another hub runs on the directory, or its data cannot be used.
    pub async fn open(config: HubConfig) -> Result<Self, OpenError> {
        Self::open_with_clock(config, Arc::new(SystemClock)).await
    }

    /// As [`Hub::open`], with a clock of the caller's.
    ///
    /// # Errors
    /// As [`Hub::open`].
    pub async fn open_with_clock(config: HubConfig, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let data_dir = control::hold(&config.data_dir).await?;
        let dispatch = Dispatch::new();
        let announce = Arc::clone(&dispatch);
        let store = open_store(&data_dir, config.locale, move |committed| announce.announce(committed))?;
        let clock = OfficeClock::new(clock, store.reckoning().await?);
        let standing = Standing::of(&data_dir, &store).await?;
        zone_watch::log_choice();
        let mut zone_data_are_new = false;
        if !standing.has_ended() {
            let now = clock.now();
            if config.locale.is_some() || config.time_zone.is_some() {
                store.set_office_defaults(config.locale, config.time_zone, now).await?;
            }
            store.add_first_admin(config.first_admin.unwrap_or_else(account_name), now).await?;
            // Before anything is decided: what is due may not be, by the rules of now.
            zone_data_are_new = zone_watch::bring_up_to_date(&store, &clock).await.unwrap_or_else(|error| {
                tracing::error!(%error, "events do not follow the time zone data yet");
                false
            });
        }
        let hub = Self {
            inner: Arc::new(Inner {
                key: Mutex::new(identity::key_of(&store).await?),
                store,
                started_at: clock.since_boot(),
                clock,
                dispatch,
                scheduler: AsyncMutex::default(),
                totals: Arc::default(),
                stopping: CancellationToken::new(),
                tasks: TaskTracker::new(),
                allow_origins: config.allow_origins,
                allow_hosts: config.allow_hosts,
                admission: Admission::new(config.connection_limits),
                wrong_tries: WrongTries::default(),
                waiting_room: WaitingRoom::default(),
                exchanges: Exchanges::default(),
                copying: Arc::default(),
                listeners: Listeners::default(),
                secure_office: SecureOffice::default(),
                handovers: Handovers::default(),
                calm: tokio::sync::RwLock::default(),
                standing,
                data_dir,
            }),
        };
        hub.read_secure_office().await?;
        hub.start_tasks(config.deciding, zone_data_are_new).await?;
        Ok(hub)
    }

    async fn start_tasks(&self, deciding: Deciding, zone_data_are_new: bool) -> io::Result<()> {
        let inner = &self.inner;
        let commands = control::Server::bind(inner.data_dir.path()).map_err(|error| {
            io::Error::new(error.kind(), format!("the control socket in the data directory cannot be made: {error}"))
        })?;
        inner.tasks.spawn(commands.run(self.clone(), inner.stopping.clone()));
        if inner.standing.has_ended() {
            return Ok(());
        }
        let scheduler = Scheduler {
            hub: (deciding == Deciding::ByItself).then(|| self.clone()),
            store: inner.store.clone(),
            clock: Arc::clone(&inner.clock),
            dispatch: Arc::clone(&inner.dispatch),
            totals: Arc::clone(&inner.totals),
        };
        match deciding {
            Deciding::ByItself => {
                inner.tasks.spawn(scheduler.run(inner.stopping.clone()));
                let (store, clock) = (inner.store.clone(), Arc::clone(&inner.clock));
                let daily = DailyCopy::new(store, self.copies(), clock, Arc::clone(&inner.copying));
                inner.tasks.spawn(daily.run(inner.stopping.clone()));
            }
            Deciding::WhenAsked => *inner.scheduler.lock().await = Some(scheduler),
        }
        let retention = Retention::new(inner.store.clone(), inner.clock.clone());
        inner.tasks.spawn(retention.run(inner.stopping.clone()));
        let (store, clock) = (inner.store.clone(), Arc::clone(&inner.clock));
        inner.tasks.spawn(zone_watch::run(store, clock, zone_data_are_new, inner.stopping.clone()));
        inner.tasks.spawn(self.clone().watch_for_others());
        Ok(())
    }

    /// Serves HTTP and WebSocket on a listener until the hub is shut down.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve(&self, listener: TcpListener) -> io::Result<()> {
        self.serve_until(listener, std::future::pending()).await
    }

    /// Serves on a listener until the hub is shut down or `stop` is done, for an address that may
    /// change while the hub goes on. The hub is at that address from the call on, also before the
    /// future is polled.
    ///
    /// # Errors
    /// When the listener fails.
    pub fn serve_until<S>(&self, listener: TcpListener, stop: S) -> impl Future<Output = io::Result<()>> + Send + use<S>
    where
        S: Future<Output = ()> + Send + 'static,
    {
        let listed = listener.local_addr().map(|address| self.inner.listeners.add(address));
        let hub = self.clone();
        async move {
            let _listed = listed?;
            hub.serve_unlisted(listener, stop).await
        }
    }

    /// As [`Hub::serve_until`], at an address that the caller puts among the [`Listeners`].
    pub(crate) async fn serve_unlisted(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let stopping = self.inner.stopping.clone();
        let stop = async move {
            tokio::select! {
                () = stopping.cancelled() => {}
                () = stop => {}
            }
        };
        server::serve(self, listener, stop).await
    }

    /// The same calls for a caller in this process, who brings a token as `Authorization: Bearer`.
    pub fn router(&self) -> Router {
        server::api(self.clone())
    }

    /// Which hub this is. A restore changes it.
    #[must_use]
    pub fn identity(&self) -> HubIdentity {
        self.store().identity()
    }

    /// Signs this machine's own desktop in, as the first admin unless it was somebody else's.
    ///
    /// # Errors
    /// When there is nobody, or the store cannot be used.
    pub async fn sign_in_desktop(&self, name: &str) -> Result<LocalDevice, Error> {
        self.sign_in_desktop_of(None, name).await
    }

    /// As [`Hub::sign_in_desktop`], for this person if there is one.
    ///
    /// # Errors
    /// When they are not there or have left, or the store cannot be used.
    pub async fn sign_in_desktop_of(&self, person: Option<PersonId>, name: &str) -> Result<LocalDevice, Error> {
        let paired = self.store().sign_in_desktop(person, name.to_owned(), self.now()).await?;
        Ok(LocalDevice { person: paired.person.id, token: paired.token })
    }

    /// Opens a session in this process: the same frames as over a WebSocket.
    ///
    /// # Errors
    /// [`Error::Forbidden`] when the token is not valid.
    pub async fn open_session(&self, token: &str, resume: Option<Resume>) -> Result<LocalSession, Error> {
        let caller = self.store().authenticate(token, self.now()).await?.ok_or(Error::Forbidden)?;
        let (session, transport) = local();
        let hub = self.clone();
        self.inner.tasks.spawn(async move { hub.run_session(caller, resume, transport, hub.stopping()).await });
        Ok(session)
    }

    /// The link by which the first person signs in at an address, as long as no device was ever
    /// paired.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub async fn first_sign_in(&self, address: SocketAddr) -> Result<Option<String>, Error> {
        let invited = self.store().first_sign_in(self.now()).await?;
        let base_url = server::hosts::base_url(address);
        Ok(invited.map(|invited| self.join_link(base_url, invited.link_secret).to_string()))
    }

    /// The fingerprint of the key by which this hub is known.
    #[must_use]
    pub fn pin(&self) -> Pin {
        self.key().pin()
    }

    pub(crate) fn key(&self) -> Key {
        self.inner.key.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the key anew: the store's may be another after a restore.
    pub(crate) async fn read_key(&self) -> Result<(), Error> {
        let key = identity::key_of(self.store()).await?;
        *self.inner.key.lock().unwrap_or_else(PoisonError::into_inner) = key;
        Ok(())
    }

    pub(crate) fn join_link(&self, base_url: String, secret: String) -> JoinLink {
        JoinLink { base_url, secret, pin: self.pin() }
    }

    /// Decides all that is due, as the scheduler does each time it wakes, and answers when the next
    /// reminder will be due; `None` when there is none. Does nothing unless the hub was opened to be
    /// asked: see [`Deciding`].
    ///
    /// # Errors
    /// When the store cannot be used.
    pub async fn decide_due(&self) -> Result<Option<Timestamp>, Error> {
        match &mut *self.inner.scheduler.lock().await {
            Some(scheduler) => scheduler.step().await,
            None => Ok(None),
        }
    }

    /// Ends everything: sessions are closed, commands that were accepted are finished.
    pub async fn shutdown(&self) {
        self.inner.stopping.cancel();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }

    /// An address by which others reach this hub; the default one while it serves nowhere.
    #[must_use]
    pub fn base_url(&self) -> String {
        let address = self.inner.listeners.reached_at();
        address.map_or_else(|| control::DEFAULT_BASE_URL.to_owned(), server::hosts::base_url)
    }

    pub(crate) fn listeners(&self) -> &Listeners {
        &self.inner.listeners
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn dispatch(&self) -> &Arc<Dispatch> {
        &self.inner.dispatch
    }

    pub(crate) fn tasks(&self) -> &TaskTracker {
        &self.inner.tasks
    }

    pub(crate) fn data_dir(&self) -> &DataDir {
        &self.inner.data_dir
    }

    pub(crate) fn copying(&self) -> &Copying {
        &self.inner.copying
    }

    /// How it stands with those that could follow this hub, or did.
    pub(crate) fn standing(&self) -> &Standing {
        &self.inner.standing
    }

    /// Shared by the requests that are being answered, and a restore's alone.
    pub(crate) fn calm_lock(&self) -> &tokio::sync::RwLock<()> {
        &self.inner.calm
    }

    pub(crate) fn stopping(&self) -> &CancellationToken {
        &self.inner.stopping
    }

    /// Has everybody look again after a sleep of the machine, or another reason to think that
    /// something was not heard: the scheduler at what is due, sessions at whether their other ends
    /// are still there. It costs no more than it finds.
    pub fn look_again(&self) {
        self.reign().look_now();
        self.inner.dispatch.look_again();
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    pub(crate) fn clock(&self) -> &OfficeClock {
        &self.inner.clock
    }

    pub(crate) fn uptime_seconds(&self) -> u64 {
        self.inner.clock.since_boot().saturating_sub(self.inner.started_at).as_secs()
    }

    /// Why nothing can be stored at present, if that is so.
    pub(crate) fn trouble(&self) -> Option<TroubleItem> {
        self.store().trouble().borrow().map(TroubleItem::from)
    }

    pub(crate) fn totals(&self) -> Claimed {
        self.inner.totals.get()
    }

    pub(crate) fn allowed_origins(&self) -> &[String] {
        &self.inner.allow_origins
    }

    pub(crate) fn admission(&self) -> &Arc<Admission> {
        &self.inner.admission
    }

    pub(crate) fn wrong_tries(&self) -> &WrongTries {
        &self.inner.wrong_tries
    }

    pub(crate) fn waiting_room(&self) -> &WaitingRoom {
        &self.inner.waiting_room
    }

    pub(crate) fn exchanges(&self) -> &Exchanges {
        &self.inner.exchanges
    }

    /// Further names by which this hub is called, the one on the local network among them.
    pub(crate) fn allowed_hosts(&self) -> Vec<String> {
        let name = announcement::name_of(self.store().identity().id);
        self.inner.allow_hosts.iter().cloned().chain([format!("{name}.local")]).collect()
    }

    pub(crate) fn secure_office(&self) -> &SecureOffice {
        &self.inner.secure_office
    }

    pub(crate) fn handovers(&self) -> &Handovers {
        &self.inner.handovers
    }
}

/// Opens the store of a data directory that is held. A new office speaks `locale`, or what the OS
/// speaks.
pub(crate) fn open_store(
    data_dir: &DataDir,
    locale: Option<Locale>,
    announce: impl Fn(rappel_store::Committed) + Send + 'static,
) -> Result<Store, OpenError> {
    let locale = locale.unwrap_or_else(|| Locale::of_os(&os_locale()));
    let name = match locale {
        Locale::Fr => "Notre bureau",
        Locale::En => "Our office",
    };
    let time_zone = Zone::system().unwrap_or_else(Zone::utc);
    let defaults = OfficeDefaults { name: name.to_owned(), locale, time_zone };
    Ok(Store::open(&data_dir.store_file()?, &defaults, announce)?)
}
