//! The one thread that writes.
//!
//! Commands queue up; as many as are there share one commit, each in a savepoint of its own, so
//! that one that fails, by a bug even, leaves the others alone. Nobody is answered, and nothing
//! announced, before the commit is on the disk. A restore has the connection for itself, between two
//! commits.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::JoinHandle;

use rappel_core::{DeviceId, PersonId};
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use crate::error::Error;

/// The most commands that share one commit.
const BATCH_MAX: usize = 64;
/// Commands that may wait; further callers wait for a place.
const QUEUE: usize = 1024;

/// What a commit changed, for those who pass it on. It is a hint: the tables are the truth.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// Whose notifications have new rows or new states.
    pub inboxes: BTreeSet<PersonId>,
    /// Events were created, changed or deleted.
    pub events: bool,
    /// Reminders were armed or cancelled.
    pub reminders: bool,
    /// Devices that may not go on.
    pub revoked: BTreeSet<DeviceId>,
    /// Everything was replaced by a backup: nobody's place in a history holds any more.
    pub restored: bool,
}

impl Committed {
    fn absorb(&mut self, other: Self) {
        self.inboxes.extend(other.inboxes);
        self.events |= other.events;
        self.reminders |= other.reminders;
        self.revoked.extend(other.revoked);
        self.restored |= other.restored;
    }
}

/// A command's view of the transaction it runs in.
pub(crate) struct Txn<'a> {
    pub(crate) conn: &'a Connection,
    pub(crate) committed: Committed,
}

type Announce = Box<dyn Fn(Committed) + Send>;

/// A handle to the writing thread. When it is dropped, the thread finishes what is queued and ends.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: Option<mpsc::Sender<Task>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. `announce` is called on it after each commit that changed something.
    pub(crate) fn start(conn: Connection, announce: Announce) -> std::io::Result<Self> {
        let (queue, tasks) = mpsc::channel(QUEUE);
        let thread =
            std::thread::Builder::new().name("rappel-writer".to_owned()).spawn(move || run(conn, tasks, &announce))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Runs a command in a transaction and waits until it is durable.
    ///
    /// A caller that goes away does not stop its command.
    pub(crate) async fn run<T, F>(&self, command: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Txn<'_>) -> Result<T, Error> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Command { command: Some(command), result: None, reply: Some(reply) };
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.send(Task::Command(Box::new(job))).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }

    /// Runs what is no transaction among others, between two commits. `held` is let go of when its
    /// outcome has been announced.
    pub(crate) async fn run_alone<T, F>(&self, held: impl Send + 'static, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> (T, Committed) + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let work = move |conn: &mut Connection, announce: &Announce| {
            let (result, committed) = work(conn);
            if committed != Committed::default() {
                announce(committed);
            }
            drop(held);
            // Nobody waits any more: what was done stands all the same.
            let _ = reply.send(result);
        };
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.send(Task::Alone(Box::new(work))).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue.take();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the writing thread ended by a panic");
        }
    }
}

fn stopped() -> Error {
    Error::Unavailable("the event store is closed".into())
}

/// What waits for the thread.
enum Task {
    /// To share a commit with others.
    Command(Box<dyn Job>),
    /// To have the connection for itself.
    Alone(Alone),
}

type Alone = Box<dyn FnOnce(&mut Connection, &Announce) + Send>;

trait Job: Send {
    /// Does the work inside the open transaction; `false` when it must be undone.
    fn work(&mut self, conn: &Connection, committed: &mut Committed) -> bool;
    /// Tells the caller, with the error of the commit if there was one.
    fn answer(self: Box<Self>, commit: Result<(), &rusqlite::Error>);
}

struct Command<T, F> {
    command: Option<F>,
    result: Option<Result<T, Error>>,
    reply: Option<oneshot::Sender<Result<T, Error>>>,
}

impl<T, F> Job for Command<T, F>
where
    T: Send,
    F: FnOnce(&mut Txn<'_>) -> Result<T, Error> + Send,
{
    fn work(&mut self, conn: &Connection, committed: &mut Committed) -> bool {
        let mut txn = Txn { conn, committed: Committed::default() };
        let command = self.command.take().expect("BUG: a command runs once");
        // Whatever state a panic leaves behind is undone with the savepoint.
        let result = catch_unwind(AssertUnwindSafe(|| command(&mut txn)))
            .unwrap_or_else(|_| Err(Error::Internal("a command panicked".into())));
        let is_done = result.is_ok();
        if is_done {
            committed.absorb(txn.committed);
        }
        self.result = Some(result);
        is_done
    }

    fn answer(mut self: Box<Self>, commit: Result<(), &rusqlite::Error>) {
        let result = match (commit, self.result.take()) {
            (Ok(()), Some(result)) | (Err(_), Some(result @ Err(_))) => result,
            (Err(error), _) => Err(Error::Unavailable(error.to_string().into())),
            (Ok(()), None) => Err(Error::Unavailable("the transaction did not begin".into())),
        };
        if let Some(reply) = self.reply.take() {
            // Nobody waits any more: the command stands all the same.
            drop(reply.send(result));
        }
    }
}

fn run(mut conn: Connection, mut tasks: mpsc::Receiver<Task>, announce: &Announce) {
    while let Some(first) = tasks.blocking_recv() {
        let mut batch = Vec::new();
        let mut alone = None;
        let mut next = Some(first);
        while let Some(task) = next.take() {
            match task {
                Task::Command(job) => batch.push(job),
                Task::Alone(work) => alone = Some(work),
            }
            if alone.is_none() && batch.len() < BATCH_MAX {
                next = tasks.try_recv().ok();
            }
        }
        if !batch.is_empty() {
            run_together(&mut conn, batch, announce);
        }
        if let Some(work) = alone
            && catch_unwind(AssertUnwindSafe(|| work(&mut conn, announce))).is_err()
        {
            tracing::error!("what had the writing connection for itself panicked");
        }
    }
    // Leaves one file behind instead of three.
    if let Err(error) = conn.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);") {
        tracing::warn!(%error, "the last checkpoint failed; the log is kept");
    }
}

fn run_together(conn: &mut Connection, mut batch: Vec<Box<dyn Job>>, announce: &Announce) {
    let mut committed = Committed::default();
    let outcome = commit_all(conn, &mut batch, &mut committed);
    if let Err(error) = &outcome {
        tracing::error!(%error, commands = batch.len(), "a commit failed");
    } else if committed != Committed::default() {
        announce(committed);
    }
    for job in batch {
        job.answer(outcome.as_ref().copied());
    }
}

fn commit_all(
    conn: &mut Connection,
    batch: &mut [Box<dyn Job>],
    committed: &mut Committed,
) -> Result<(), rusqlite::Error> {
    let mut txn = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for job in batch {
        let mut savepoint = txn.savepoint()?;
        if job.work(&savepoint, committed) {
            savepoint.commit()?;
        } else {
            savepoint.rollback()?;
            savepoint.commit()?;
        }
    }
    txn.commit()?;
    crate::fault::point("committed");
    Ok(())
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
