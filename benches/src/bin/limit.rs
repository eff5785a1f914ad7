//! The limit: the least that a program must do to store an event and pass it on.
//!
//! It checks nothing, knows nobody and writes one row for each event; as many rows as wait share a
//! commit. What the hub does more than this is what it costs to be of use.
//!
//! `ws://ADDRESS/person/N` listens for person N. `ws://ADDRESS/post` takes frames `N text` or `N,N,N text`: each
//! is written durably, forwarded to the sockets of all of these people, and answered.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use futures_util::{SinkExt, StreamExt};
use rusqlite::Connection;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_util::task::TaskTracker;

/// Rows that share a commit.
const BATCH_MAX: usize = 64;
/// What each connection is read by, in bytes: as the hub has it, since listeners say little.
const READ_BUFFER: usize = 4096;

struct Row {
    people: Vec<usize>,
    text: String,
    done: oneshot::Sender<()>,
}

/// Who listens for whom.
#[derive(Default)]
struct Listeners(Mutex<HashMap<usize, broadcast::Sender<Arc<str>>>>);

impl Listeners {
    fn of(&self, person: usize) -> broadcast::Sender<Arc<str>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(person).or_insert_with(|| broadcast::Sender::new(32)).clone()
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let file = std::env::args().nth(1).context("rappel-limit FILE")?;
    let conn = Connection::open(file)?;
    conn.execute_batch(
        "PRAGMA journal_mode = wal; PRAGMA synchronous = full;
         CREATE TABLE IF NOT EXISTS event (id INTEGER PRIMARY KEY, person INTEGER, text TEXT NOT NULL) STRICT;",
    )?;
    let listeners = Arc::new(Listeners::default());
    let (rows, waiting) = mpsc::channel(1024);
    let passed_on = Arc::clone(&listeners);
    std::thread::spawn(move || write(conn, waiting, &passed_on));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    let connections = TaskTracker::new();
    loop {
        let (stream, peer) = listener.accept().await?;
        connections.spawn(serve(stream, peer, Arc::clone(&listeners), rows.clone()));
    }
}

fn write(mut conn: Connection, mut rows: mpsc::Receiver<Row>, listeners: &Listeners) {
    while let Some(first) = rows.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH_MAX
            && let Ok(row) = rows.try_recv()
        {
            batch.push(row);
        }
        commit(&mut conn, &batch).expect("the limit has a disk to write on");
        for Row { people, text, done } in batch {
            let text: Arc<str> = text.into();
            // Nobody may listen, and whoever posted may be gone.
            for person in people {
                let _ = listeners.of(person).send(Arc::clone(&text));
            }
            let _ = done.send(());
        }
    }
}

fn commit(conn: &mut Connection, batch: &[Row]) -> rusqlite::Result<()> {
    let txn = conn.transaction()?;
    for row in batch {
        txn.prepare_cached("INSERT INTO event (person, text) VALUES (?1, ?2)")?
            .execute((row.people.first(), &row.text))?;
    }
    txn.commit()
}

/// One connection; however it ends, the others go on.
async fn serve(
    stream: TcpStream,
    _peer: SocketAddr,
    listeners: Arc<Listeners>,
    rows: mpsc::Sender<Row>,
) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let mut path = String::new();
    #[expect(clippy::result_large_err, reason = "the library's own signature")]
    let note_path = |request: &Request, response: Response| {
        path = request.uri().path().to_owned();
        Ok(response)
    };
    let config = Some(WebSocketConfig::default().read_buffer_size(READ_BUFFER));
    let mut socket = tokio_tungstenite::accept_hdr_async_with_config(stream, note_path, config).await?;
    if let Some(person) = path.strip_prefix("/person/") {
        let mut texts = listeners.of(person.parse()?).subscribe();
        loop {
            tokio::select! {
                text = texts.recv() => socket.send(Message::text(&*text?)).await?,
                frame = socket.next() => match frame {
                    Some(Ok(_)) => {}
                    _ => return Ok(()),
                },
            }
        }
    }
    while let Some(Ok(frame)) = socket.next().await {
        let Message::Text(frame) = frame else { continue };
        let (people, text) = frame.split_once(' ').context("N text")?;
        let people = people.split(',').map(str::parse).collect::<Result<_, _>>()?;
        let (done, is_done) = oneshot::channel();
        rows.send(Row { people, text: text.to_owned(), done }).await?;
        is_done.await?;
        socket.send(Message::text("ok")).await?;
    }
    Ok(())
}
