//! The store as others see it: opening it, and the way into its commands and queries.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rappel_core::authorize::Actor;
use rappel_core::person::Locale;
use rappel_core::{DeviceId, PersonId, Timestamp, Zone};
use tokio::sync::watch;
use uuid::{NoContext, Uuid};

use crate::committed::Committed;
use crate::copies::Copies;
use crate::error::{Error, OpenError};
use crate::reader::Readers;
use crate::signed_in::SignedIn;
use crate::table::office;
use crate::trouble::Trouble;
use crate::writer::{Access, Txn, Writer};
use crate::{HubIdentity, connection, migrate, trouble};

/// The store. Cheap to clone; the last clone to be dropped finishes what is queued.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    // In this order: readers are closed before the writer's last checkpoint.
    readers: Readers,
    writer: Writer,
    path: PathBuf,
    identity: Identity,
    signed_in: Arc<SignedIn>,
    frozen: Arc<AtomicBool>,
}

/// Which hub this is, as the last restore left it.
pub(crate) type Identity = Arc<Mutex<HubIdentity>>;

/// What a new office begins with.
#[derive(Debug, Clone)]
pub struct OfficeDefaults {
    /// The office's name.
    pub name: String,
    /// The language of whoever chose none.
    pub locale: Locale,
    /// The zone of whoever chose none.
    pub time_zone: Zone,
}

/// A signed-in device and the person it acts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// The device whose token it was.
    pub device: DeviceId,
    /// Its person, with what they may do.
    pub actor: Actor,
}

/// Who gives a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Whoever may run programs on the hub's machine with its data: may do everything.
    CommandLine,
    /// The hub itself: nobody asked for it.
    Hub,
    /// A device, for its person.
    Caller(Caller),
}

impl By {
    /// Whose device it is.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        match self {
            Self::CommandLine | Self::Hub => None,
            Self::Caller(caller) => Some(caller.actor.person),
        }
    }

    /// Which device it is.
    #[must_use]
    pub fn device(&self) -> Option<DeviceId> {
        match self {
            Self::CommandLine | Self::Hub => None,
            Self::Caller(caller) => Some(caller.device),
        }
    }

    /// Whether the action is allowed.
    pub(crate) fn require(&self, action: rappel_core::authorize::Action<'_>) -> Result<(), Error> {
        match self {
            Self::CommandLine | Self::Hub => Ok(()),
            Self::Caller(caller) if rappel_core::authorize::may(caller.actor, action) => Ok(()),
            Self::Caller(_) => Err(Error::Forbidden),
        }
    }
}

impl Store {
    /// Opens the file, making it where it is missing and bringing its schema up to date.
    ///
    /// `announce` is called after each commit that changed something, on the writing thread: it
    /// must not block.
    ///
    /// # Errors
    /// When the file is damaged, newer, another program's, or cannot be used.
    pub fn open(
        path: &Path,
        defaults: &OfficeDefaults,
        announce: impl Fn(Committed) + Send + 'static,
    ) -> Result<Self, OpenError> {
        trouble::clean_up(path);
        let conn = connection::open_writer(path, &migrate::OFFICE, Some(&Copies::of(path)))?;
        if office::get(&conn)?.is_none() {
            office::create(&conn, &defaults.name, defaults.locale, defaults.time_zone.name())?;
        }
        let identity = Arc::new(Mutex::new(office::identity(&conn)?));
        let readers = Readers::open(path)?;
        let signed_in = Arc::new(SignedIn::default());
        let writer = Writer::start(conn, Arc::clone(&signed_in), Box::new(announce))?;
        Ok(Self {
            inner: Arc::new(Inner {
                readers,
                writer,
                path: path.to_owned(),
                identity,
                signed_in,
                frozen: Arc::default(),
            }),
        })
    }

    /// Which hub this is. A restore changes it, before any query sees what was restored.
    #[must_use]
    pub fn identity(&self) -> HubIdentity {
        *self.inner.identity.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the file is.
    pub(crate) fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Why nothing can be stored, as long as that is so; a receiver is told when it changes.
    #[must_use]
    pub fn trouble(&self) -> watch::Receiver<Option<Trouble>> {
        self.inner.writer.trouble()
    }

    /// Finds out whether something can be stored; if so, that ends the trouble. To be asked now and
    /// then as long as there is trouble: with nothing to write nobody else would find out.
    ///
    /// # Errors
    /// When nothing can be stored.
    pub async fn probe(&self) -> Result<(), Error> {
        self.inner.writer.probe().await
    }

    /// Does a command, which may change people, devices and the office.
    pub(crate) fn write<T, F>(&self, command: F) -> impl Future<Output = Result<T, Error>> + Send
    where
        T: Send + 'static,
        F: Fn(&mut Txn<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.inner.writer.run(Access::MayChange, self.unless_frozen(command))
    }

    /// Does a command that changes neither people nor devices nor the office: who they are, what they may do, and what
    /// holds for them.
    pub(crate) fn write_keeping_access<T, F>(&self, command: F) -> impl Future<Output = Result<T, Error>> + Send
    where
        T: Send + 'static,
        F: Fn(&mut Txn<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.inner.writer.run(Access::Stays, self.unless_frozen(command))
    }

    /// As [`Store::write_keeping_access`], and does not wait until it is done: it comes before what is given later.
    pub(crate) async fn give_keeping_access<F>(&self, command: F) -> Result<(), Error>
    where
        F: Fn(&mut Txn<'_>) -> Result<(), Error> + Send + 'static,
    {
        self.inner.writer.give(Access::Stays, self.unless_frozen(command)).await
    }

    /// The command, for as long as commands are done.
    fn unless_frozen<T, F>(&self, command: F) -> impl Fn(&mut Txn<'_>) -> Result<T, Error> + Send + use<T, F>
    where
        F: Fn(&mut Txn<'_>) -> Result<T, Error> + Send,
    {
        let frozen = Arc::clone(&self.inner.frozen);
        // Asked on the writing thread: whatever waited in the queue comes too late.
        move |txn| if frozen.load(Ordering::SeqCst) { Err(Error::Frozen) } else { command(txn) }
    }

    /// Who may call, as far as it is known.
    pub(crate) fn signed_in(&self) -> &SignedIn {
        &self.inner.signed_in
    }

    pub(crate) fn set_frozen(&self, frozen: bool) {
        self.inner.frozen.store(frozen, Ordering::SeqCst);
    }

    /// Returns when every command that was given before is done.
    pub(crate) async fn barrier(&self) -> Result<(), Error> {
        self.inner.writer.run(Access::Stays, |_| Ok(())).await
    }

    pub(crate) fn set_identity(&self, identity: HubIdentity) {
        *self.inner.identity.lock().unwrap_or_else(PoisonError::into_inner) = identity;
    }

    /// Whether no command is done at present.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        self.inner.frozen.load(Ordering::SeqCst)
    }

    pub(crate) async fn read<T, F>(&self, query: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&rusqlite::Connection) -> Result<T, Error> + Send + 'static,
    {
        self.inner.readers.run(query).await
    }

    /// As [`Store::read`], for a few rows by their keys.
    pub(crate) async fn read_few<T>(
        &self,
        query: impl FnOnce(&rusqlite::Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.inner.readers.run_short(query).await
    }

    /// Runs `work` on the writing connection when no query is running, outside of a transaction, and
    /// announces what it changed before any query runs again.
    pub(crate) async fn alone<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut rusqlite::Connection, &Identity) -> (T, Committed) + Send + 'static,
    {
        let quiet = self.inner.readers.pause().await?;
        let identity = Arc::clone(&self.inner.identity);
        self.inner.writer.run_alone(quiet, move |conn| work(conn, &identity)).await
    }
}

/// A UUIDv7 of this instant.
pub(crate) fn uuid_at(now: Timestamp) -> Uuid {
    let ms = u64::try_from(now.as_ms()).unwrap_or(0);
    let nanos = u32::try_from(ms % 1000).unwrap_or(0) * 1_000_000;
    Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, ms / 1000, nanos))
}
