//! What arrived: for each event how many copies, and when the first and the last.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::bail;
use futures_util::StreamExt;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::target::{Socket, Target};

/// How long copies are waited for that do not come.
const PATIENCE: Duration = Duration::from_secs(60);

/// The copies of so many events.
pub(crate) struct Board {
    began: Instant,
    assigned: Vec<Arrivals>,
    reminded: Vec<Arrivals>,
    count: AtomicU64,
    news: Notify,
}

/// The copies of one event.
#[derive(Default)]
pub(crate) struct Arrivals {
    copies: AtomicU32,
    last_us: AtomicU64,
}

impl Arrivals {
    fn note(&self, us: u64) {
        self.last_us.fetch_max(us, Ordering::Relaxed);
        self.copies.fetch_add(1, Ordering::Release);
    }

    /// How many copies came.
    pub(crate) fn copies(&self) -> u32 {
        self.copies.load(Ordering::Acquire)
    }

    /// When the last one came, since the board's beginning.
    pub(crate) fn last(&self) -> Duration {
        Duration::from_micros(self.last_us.load(Ordering::Relaxed))
    }
}

impl Board {
    /// For events with the nonces `0..events`.
    pub(crate) fn new(events: usize) -> Arc<Self> {
        let arrivals = || (0..events).map(|_| Arrivals::default()).collect();
        Arc::new(Self {
            began: Instant::now(),
            assigned: arrivals(),
            reminded: arrivals(),
            count: AtomicU64::new(0),
            news: Notify::new(),
        })
    }

    /// The time since its beginning, as arrivals are noted.
    pub(crate) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// The notices of an event.
    pub(crate) fn assigned(&self, nonce: usize) -> &Arrivals {
        &self.assigned[nonce]
    }

    /// The reminders of an event.
    pub(crate) fn reminded(&self, nonce: usize) -> &Arrivals {
        &self.reminded[nonce]
    }

    /// How many copies came of all events.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Acquire)
    }

    /// Waits until so many copies have come.
    pub(crate) async fn wait_for(&self, count: u64) -> anyhow::Result<()> {
        let give_up_at = Instant::now() + PATIENCE;
        loop {
            let news = self.news.notified();
            if self.count() >= count {
                return Ok(());
            }
            if tokio::time::timeout_at(give_up_at, news).await.is_err() && self.count() < count {
                bail!("{} of {count} copies came", self.count());
            }
        }
    }

    fn note(&self, text: &str) {
        let us = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let Some(nonce) = nonce_in(text) else { return };
        let kind = if text.contains("\"assigned\"") { &self.assigned } else { &self.reminded };
        // An earlier scenario's on the same target is nobody's business here.
        let Some(arrivals) = kind.get(nonce) else { return };
        arrivals.note(us);
        self.count.fetch_add(1, Ordering::Release);
        self.news.notify_one();
    }
}

fn nonce_in(text: &str) -> Option<usize> {
    let rest = &text[text.find("nonce-")? + "nonce-".len()..];
    rest[..rest.find('.')?].parse().ok()
}

/// Sockets that are read, each by a task, until this is dropped.
pub(crate) struct Audience {
    tasks: TaskTracker,
    leave: CancellationToken,
}

impl Audience {
    /// Opens a socket for each of `people`, `at_once` at a time.
    pub(crate) async fn gather(
        target: &Target,
        people: impl IntoIterator<Item = usize>,
        at_once: usize,
        board: &Arc<Board>,
    ) -> anyhow::Result<Self> {
        let mut audience = Self { tasks: TaskTracker::new(), leave: CancellationToken::new() };
        let mut sockets =
            futures_util::stream::iter(people).map(|person| target.listen(person)).buffer_unordered(at_once);
        while let Some(socket) = sockets.next().await {
            audience.add(socket?, board);
        }
        Ok(audience)
    }

    /// Reads one more socket.
    pub(crate) fn add(&mut self, socket: Socket, board: &Arc<Board>) {
        let reading = read(socket, Arc::clone(board));
        self.tasks.spawn(self.leave.clone().run_until_cancelled_owned(reading));
    }

    /// How many sockets are still open.
    pub(crate) fn len(&self) -> usize {
        self.tasks.len()
    }
}

impl Drop for Audience {
    fn drop(&mut self) {
        self.leave.cancel();
    }
}

async fn read(mut socket: Socket, board: Arc<Board>) {
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Text(text) = message {
            board.note(&text);
        }
    }
}
