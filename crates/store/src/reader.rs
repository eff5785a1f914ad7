//! A few connections that only read, each query on one consistent state.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::connection::execute;
use crate::error::{Error, OpenError};

/// More do not help: queries are short.
const CONNECTIONS: u32 = 4;

#[derive(Debug)]
pub(crate) struct Readers {
    idle: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        let connections = (0..CONNECTIONS).map(|_| crate::connection::open_reader(path)).collect::<Result<_, _>>()?;
        Ok(Self { idle: Arc::new(Mutex::new(connections)), permits: Arc::new(Semaphore::new(CONNECTIONS as usize)) })
    }

    /// Runs a query on a thread that may block.
    pub(crate) async fn run<T, F>(&self, query: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    {
        let lent = self.lend().await?;
        let work = move || within_transaction(lent.connection()?, query);
        tokio::task::spawn_blocking(work).await.map_err(|error| Error::Internal(error.into()))?
    }

    /// Runs a query that reads a few rows by their keys: to hand it to another thread would take longer.
    pub(crate) async fn run_short<T>(&self, query: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
        let lent = self.lend().await?;
        within_transaction(lent.connection()?, query)
    }

    async fn lend(&self) -> Result<Lent, Error> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| closed())?;
        Ok(Lent { conn: lock(&self.idle).pop(), idle: Arc::clone(&self.idle), _permit: permit })
    }

    /// Waits until no query runs; none begins as long as the answer is held.
    pub(crate) async fn pause(&self) -> Result<OwnedSemaphorePermit, Error> {
        Arc::clone(&self.permits).acquire_many_owned(CONNECTIONS).await.map_err(|_| closed())
    }
}

fn closed() -> Error {
    Error::Unavailable("the event store is closed".into())
}

/// A connection in use; it comes back however its query ends.
struct Lent {
    conn: Option<Connection>,
    idle: Arc<Mutex<Vec<Connection>>>,
    // Last, so that nobody else comes before it is back.
    _permit: OwnedSemaphorePermit,
}

impl Lent {
    fn connection(&self) -> Result<&Connection, Error> {
        self.conn.as_ref().ok_or_else(closed)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        lock(&self.idle).extend(self.conn.take());
    }
}

fn within_transaction<T>(conn: &Connection, query: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
    let txn = Reading::begin(conn)?;
    query(txn.0)
}

/// A transaction that only reads, by statements that are compiled once: most queries take no longer
/// than compiling them would.
struct Reading<'a>(&'a Connection);

impl<'a> Reading<'a> {
    fn begin(conn: &'a Connection) -> rusqlite::Result<Self> {
        execute(conn, "BEGIN DEFERRED")?;
        Ok(Self(conn))
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        if let Err(error) = execute(self.0, "COMMIT") {
            tracing::error!(%error, "a query's transaction did not end");
        }
    }
}

fn lock(idle: &Mutex<Vec<Connection>>) -> std::sync::MutexGuard<'_, Vec<Connection>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}
