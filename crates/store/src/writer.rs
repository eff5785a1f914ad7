//! The one thread that writes.
//!
//! Commands queue up; as many as are there share one commit. One that fails, by a bug even, leaves
//! the others alone: what it had written by then is undone with all that the others wrote, and those
//! are run once more. That is rare, and a savepoint for each command would have every page that two of
//! them change copied in between. Nobody is answered, and nothing announced, before the commit is on
//! the disk. When a commit fails, all of its commands do, and the store is in
//! [trouble](crate::trouble) until it has proven that it can write again. A restore has the connection
//! for itself, between two commits.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::runtime::{self, Runtime};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;

use crate::command::recipients::Recipients;
use crate::committed::Committed;
use crate::connection::execute;
use crate::error::Error;
use crate::signed_in::SignedIn;
use crate::statements::{AtHand, Statements};
use crate::trouble::{self, Failure, Trouble};
use crate::wal::{QUIET, Wal};

/// So many commands share one commit, and where more wait, half of them: the others' callers are then served while it
/// is made.
const BATCH: usize = 64;
/// The most commands that share one commit.
const BATCH_MAX: usize = 256;
/// Commands that may wait; further callers wait for a place.
const QUEUE: usize = 1024;

/// A command's view of the transaction it runs in.
pub(crate) struct Txn<'a> {
    pub(crate) conn: &'a Connection,
    /// For what most commands write.
    pub(crate) statements: &'a dyn Statements,
    /// People as others left them; `None` for a command that may change them.
    pub(crate) people: Option<&'a mut Recipients>,
    pub(crate) committed: Committed,
}

/// What a command does to people, devices and the office: who may do what, and what holds for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// It may change them.
    MayChange,
    /// It leaves them as they are.
    Stays,
}

type Announce = Box<dyn Fn(Committed) + Send>;

/// A handle to the writing thread. When it is dropped, the thread finishes what is queued and ends.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: Option<mpsc::Sender<Task>>,
    thread: Option<JoinHandle<()>>,
    trouble: watch::Receiver<Option<Trouble>>,
    signed_in: Arc<SignedIn>,
}

impl Writer {
    /// Starts the thread. `announce` is called on it after each commit that changed something, when
    /// `signed_in` has forgotten what holds no more.
    pub(crate) fn start(conn: Connection, signed_in: Arc<SignedIn>, announce: Announce) -> std::io::Result<Self> {
        let (queue, tasks) = mpsc::channel(QUEUE);
        let (tell, trouble) = watch::channel(None);
        let patience = runtime::Builder::new_current_thread().enable_time().build()?;
        let thread = std::thread::Builder::new().name("rappel-writer".to_owned()).spawn({
            let signed_in = Arc::clone(&signed_in);
            move || run(conn, tasks, &patience, &signed_in, &announce, &tell)
        })?;
        Ok(Self { queue: Some(queue), thread: Some(thread), trouble, signed_in })
    }

    /// Why nothing can be stored, as long as that is so.
    pub(crate) fn trouble(&self) -> watch::Receiver<Option<Trouble>> {
        self.trouble.clone()
    }

    /// Finds out whether something can be stored; if so, that ends the trouble.
    pub(crate) async fn probe(&self) -> Result<(), Error> {
        let (reply, answer) = oneshot::channel();
        self.queue(Task::Command(Box::new(Probe { reply }))).await?;
        answer.await.map_err(|_| stopped())?
    }

    /// Runs a command in a transaction and waits until it is durable.
    ///
    /// It may be run again, when all it did was undone because of another one. A caller that goes away
    /// does not stop its command.
    ///
    /// The command is in its place before anything is waited for: what waits is small, and does not carry it along.
    pub(crate) fn run<T, F>(&self, access: Access, command: F) -> impl Future<Output = Result<T, Error>> + Send
    where
        T: Send + 'static,
        F: Fn(&mut Txn<'_>) -> Result<T, Error> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Command { access, command, result: None, reply });
        async move {
            self.queue(Task::Command(job)).await?;
            answer.await.map_err(|_| stopped())?
        }
    }

    /// Has a command run in its turn, and does not wait for it.
    pub(crate) async fn give<F>(&self, access: Access, command: F) -> Result<(), Error>
    where
        F: Fn(&mut Txn<'_>) -> Result<(), Error> + Send + 'static,
    {
        let job = Command { access, command, result: None, reply: oneshot::channel().0 };
        self.queue(Task::Command(Box::new(job))).await
    }

    /// Runs what is no transaction among others, between two commits. `held` is let go of when its
    /// outcome has been announced.
    pub(crate) async fn run_alone<T, F>(&self, held: impl Send + 'static, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> (T, Committed) + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let signed_in = Arc::clone(&self.signed_in);
        let work = move |conn: &mut Connection, announce: &Announce| {
            signed_in.forget();
            let (result, committed) = work(conn);
            signed_in.forget();
            if committed != Committed::default() {
                announce(committed);
            }
            drop(held);
            // Nobody waits any more: what was done stands all the same.
            let _ = reply.send(result);
        };
        self.queue(Task::Alone(Box::new(work))).await?;
        answer.await.map_err(|_| stopped())
    }

    async fn queue(&self, task: Task) -> Result<(), Error> {
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.send(task).await.map_err(|_| stopped())
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
    fn access(&self) -> Access;
    /// Does the work inside the open transaction; again, if that was undone.
    fn work(
        &mut self,
        conn: &Connection,
        statements: &dyn Statements,
        people: &mut Recipients,
        committed: &mut Committed,
    ) -> Worked;
    /// Tells the caller, with the failure of the commit if there was one.
    fn answer(self: Box<Self>, commit: Result<(), &Failure>);
}

/// How a job ended within the transaction.
enum Worked {
    /// It stands, if the commit does.
    Done,
    /// It stands, and if the commit does, the store can write.
    Proven,
    /// It failed: what it wrote must be undone, and the others are not concerned.
    Failed,
    /// The disk failed under it: there may be no transaction any more.
    Broken(Failure),
}

struct Command<T, F> {
    access: Access,
    command: F,
    result: Option<Result<T, Error>>,
    reply: oneshot::Sender<Result<T, Error>>,
}

impl<T, F> Job for Command<T, F>
where
    T: Send,
    F: Fn(&mut Txn<'_>) -> Result<T, Error> + Send,
{
    fn access(&self) -> Access {
        self.access
    }

    fn work(
        &mut self,
        conn: &Connection,
        statements: &dyn Statements,
        people: &mut Recipients,
        committed: &mut Committed,
    ) -> Worked {
        let people = Some(people).filter(|_| self.access == Access::Stays);
        let mut txn = Txn { conn, statements, people, committed: Committed::default() };
        // Whatever a panic leaves behind in the file is undone.
        let result = catch_unwind(AssertUnwindSafe(|| (self.command)(&mut txn)))
            .unwrap_or_else(|_| Err(Error::Internal("a command panicked".into())));
        let worked = match &result {
            Ok(_) => {
                committed.absorb(txn.committed);
                Worked::Done
            }
            Err(error) => match error.trouble() {
                Some(trouble) => Worked::Broken(Failure::new(trouble, error)),
                None => Worked::Failed,
            },
        };
        self.result = Some(result);
        worked
    }

    fn answer(mut self: Box<Self>, commit: Result<(), &Failure>) {
        let result = match (commit, self.result.take()) {
            (Ok(()), Some(result)) | (Err(_), Some(result @ Err(_))) => result,
            (Err(failure), _) => Err(failure.to_error()),
            (Ok(()), None) => Err(Error::Unavailable("the transaction did not begin".into())),
        };
        // Nobody waits any more: the command stands all the same.
        drop(self.reply.send(result));
    }
}

/// Asks whether the store can write.
struct Probe {
    reply: oneshot::Sender<Result<(), Error>>,
}

impl Job for Probe {
    fn access(&self) -> Access {
        Access::Stays
    }

    fn work(
        &mut self,
        conn: &Connection,
        _statements: &dyn Statements,
        _people: &mut Recipients,
        _committed: &mut Committed,
    ) -> Worked {
        trouble::prove(conn).map_or_else(Worked::Broken, |()| Worked::Proven)
    }

    fn answer(self: Box<Self>, commit: Result<(), &Failure>) {
        // Nobody waits any more: the trouble is over, or not, all the same.
        drop(self.reply.send(commit.map_err(Failure::to_error)));
    }
}

fn run(
    mut conn: Connection,
    mut tasks: mpsc::Receiver<Task>,
    patience: &Runtime,
    signed_in: &SignedIn,
    announce: &Announce,
    trouble: &watch::Sender<Option<Trouble>>,
) {
    let wal = Wal::of(&mut conn);
    let mut people = Recipients::default();
    while let Some(first) = patience.block_on(next_task(&mut tasks, &wal, &conn)) {
        let mut batch = Vec::new();
        let mut alone = None;
        let mut next = Some(first);
        let most = (tasks.len() / 2).clamp(BATCH, BATCH_MAX);
        while let Some(task) = next.take() {
            match task {
                Task::Command(job) => batch.push(job),
                Task::Alone(work) => alone = Some(work),
            }
            if alone.is_none() && batch.len() < most {
                next = tasks.try_recv().ok();
            }
        }
        if !batch.is_empty() {
            let outcome =
                wal.keep_short(&conn).and_then(|()| run_together(&conn, &mut batch, &mut people, signed_in, announce));
            if outcome.is_err() {
                people.forget();
            }
            note(trouble, outcome.as_ref());
            let outcome = outcome.map(drop);
            for job in batch {
                job.answer(outcome.as_ref().copied());
            }
            wal.copy(&conn, false);
        }
        if let Some(work) = alone {
            wal.settle();
            if catch_unwind(AssertUnwindSafe(|| work(&mut conn, announce))).is_err() {
                tracing::error!("what had the writing connection for itself panicked");
            }
            people.forget();
        }
    }
    wal.settle();
    // Leaves one file behind instead of three.
    if let Err(error) = conn.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);") {
        tracing::warn!(%error, "the last checkpoint failed; the log is kept");
    }
}

/// Waits for what is to be done next, and copies the log where it is quiet before that comes; `None` when nothing will.
async fn next_task(tasks: &mut mpsc::Receiver<Task>, wal: &Wal, conn: &Connection) -> Option<Task> {
    if wal.waits_for_quiet() {
        if let Ok(next) = timeout(QUIET, tasks.recv()).await {
            return next;
        }
        wal.copy(conn, true);
    }
    tasks.recv().await
}

/// Commits what stands of a batch, and announces it. The answer is whether it was proven that the
/// store can write.
fn run_together(
    conn: &Connection,
    batch: &mut [Box<dyn Job>],
    people: &mut Recipients,
    signed_in: &SignedIn,
    announce: &Announce,
) -> Result<bool, Failure> {
    let (committed, is_proven) = commit_all(conn, batch, people)?;
    if batch.iter().any(|job| job.access() == Access::MayChange) {
        signed_in.forget();
    }
    if committed != Committed::default() {
        announce(committed);
    }
    Ok(is_proven)
}

/// Takes note of how a commit ended. A commit that succeeds may have found the last free page: only
/// one that proves more ends the trouble. What goes on failing is logged once.
fn note(trouble: &watch::Sender<Option<Trouble>>, outcome: Result<&bool, &Failure>) {
    trouble.send_if_modified(|present| {
        let now = match outcome {
            Ok(true) => None,
            Ok(false) => *present,
            Err(failure) => Some(failure.trouble),
        };
        let is_news = now != *present;
        match outcome {
            Err(failure) if is_news => tracing::error!(%failure, "a commit failed: nothing can be stored at present"),
            Err(failure) => tracing::debug!(%failure, "a commit failed"),
            Ok(_) if is_news => tracing::info!("what is written is stored again"),
            Ok(_) => {}
        }
        *present = now;
        is_news
    });
}

/// The answer is what changed, and whether it was proven that the store can write.
fn commit_all(
    conn: &Connection,
    batch: &mut [Box<dyn Job>],
    people: &mut Recipients,
) -> Result<(Committed, bool), Failure> {
    let mut failed = vec![false; batch.len()];
    let statements = AtHand::new(conn);
    'undone: loop {
        let mut is_proven = false;
        let mut committed = Committed::default();
        let txn = Writing::begin(conn)?;
        people.check_file(conn)?;
        for (job, failed) in batch.iter_mut().zip(&mut failed) {
            if *failed {
                continue;
            }
            let before = conn.total_changes();
            let worked = job.work(conn, &statements, people, &mut committed);
            if job.access() == Access::MayChange {
                people.forget();
            }
            match worked {
                Worked::Done => {}
                Worked::Proven => is_proven = true,
                Worked::Failed => {
                    *failed = true;
                    if conn.total_changes() != before {
                        // With it goes what the others may have read of what is undone.
                        people.forget();
                        continue 'undone;
                    }
                }
                Worked::Broken(failure) => return Err(failure),
            }
        }
        crate::fault::point("before-commit");
        txn.commit()?;
        crate::fault::point("committed");
        return Ok((committed, is_proven));
    }
}

/// A transaction that writes, by statements that are compiled once. What is not committed is undone.
struct Writing<'a>(&'a Connection);

impl<'a> Writing<'a> {
    fn begin(conn: &'a Connection) -> rusqlite::Result<Self> {
        execute(conn, "BEGIN IMMEDIATE")?;
        Ok(Self(conn))
    }

    fn commit(self) -> rusqlite::Result<()> {
        execute(self.0, "COMMIT")
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        // A failure may have ended it already.
        if !self.0.is_autocommit()
            && let Err(error) = execute(self.0, "ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be undone");
        }
    }
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
