use std::sync::mpsc::{Receiver, sync_channel};

use super::*;

struct Written {
    writer: Writer,
    announced: Receiver<Committed>,
    path: std::path::PathBuf,
    _dir: tempfile::TempDir,
}

/// A writer on a file with one table of lines.
fn writer() -> Written {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rappel.db");
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch("CREATE TABLE line (text TEXT NOT NULL)").unwrap();
    let (announce, announced) = sync_channel(64);
    let writer = Writer::start(conn, Box::new(move |committed| announce.try_send(committed).unwrap())).unwrap();
    Written { writer, announced, path, _dir: dir }
}

impl Written {
    async fn write(&self, text: &str) -> Result<(), Error> {
        let text = text.to_owned();
        self.writer
            .run(move |txn| {
                txn.conn.execute("INSERT INTO line (text) VALUES (?1)", [text])?;
                txn.committed.events = true;
                Ok(())
            })
            .await
    }

    async fn pragma(&self, pragma: &'static str, value: i64) {
        let set = self.writer.run(move |txn| {
            txn.conn.pragma_update(None, pragma, value)?;
            Ok(())
        });
        set.await.unwrap();
    }

    fn lines(&self) -> Vec<String> {
        let conn = Connection::open(&self.path).unwrap();
        let mut statement = conn.prepare("SELECT text FROM line ORDER BY rowid").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }
}

#[tokio::test]
async fn a_panic_undoes_its_command_and_ends_nothing_else() {
    let written = writer();
    let panicked = written.writer.run(|txn| -> Result<(), Error> {
        txn.conn.execute("INSERT INTO line (text) VALUES ('half')", [])?;
        txn.committed.events = true;
        panic!("a bug in a command");
    });
    assert!(matches!(panicked.await, Err(Error::Internal(_))));
    assert_eq!(written.announced.try_iter().count(), 0);
    written.write("after").await.unwrap();
    assert_eq!(written.lines(), ["after"]);
}

#[tokio::test]
async fn a_full_disk_is_told_and_passes() {
    let written = writer();
    written.pragma("max_page_count", 2).await;
    let long = "x".repeat(100_000);
    let refused = written.write(&long).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "later it may work again: {refused:?}");
    assert_eq!(written.announced.try_iter().count(), 0);
    written.write("small").await.unwrap();
    written.pragma("max_page_count", 1000).await;
    written.write(&long).await.unwrap();
    assert_eq!(written.lines(), ["small", &long]);
}

#[tokio::test]
async fn after_its_end_it_answers_that_it_is_closed() {
    let mut written = writer();
    written.writer.queue.take();
    assert!(matches!(written.write("late").await, Err(Error::Unavailable(_))));
}
