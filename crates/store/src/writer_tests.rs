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
    let writer =
        Writer::start(conn, Arc::default(), Box::new(move |committed| announce.try_send(committed).unwrap())).unwrap();
    Written { writer, announced, path, _dir: dir }
}

impl Written {
    async fn write(&self, text: &str) -> Result<(), Error> {
        let text = text.to_owned();
        self.writer
            .run(Access::Stays, move |txn| {
                txn.conn.execute("INSERT INTO line (text) VALUES (?1)", [&text])?;
                txn.committed.events = true;
                Ok(())
            })
            .await
    }

    async fn pragma(&self, pragma: &'static str, value: i64) {
        let set = self.writer.run(Access::Stays, move |txn| {
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
    let panicked = written.writer.run(Access::Stays, |txn| -> Result<(), Error> {
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
    assert!(matches!(refused, Err(Error::DiskFull(_))), "it says why: {refused:?}");
    assert_eq!(written.announced.try_iter().count(), 0);
    written.write("small").await.unwrap();
    written.pragma("max_page_count", 1000).await;
    written.write(&long).await.unwrap();
    assert_eq!(written.lines(), ["small", &long]);
}

#[tokio::test]
async fn trouble_lasts_until_it_is_proven_that_it_is_over() {
    let written = writer();
    let trouble = written.writer.trouble();
    assert_eq!(*trouble.borrow(), None);
    written.pragma("max_page_count", 2).await;
    written.write(&"x".repeat(100_000)).await.unwrap_err();
    assert_eq!(*trouble.borrow(), Some(Trouble::DiskFull));
    written.write("small").await.unwrap();
    assert_eq!(*trouble.borrow(), Some(Trouble::DiskFull), "the last free bytes prove nothing");
    written.writer.probe().await.unwrap();
    assert_eq!(*trouble.borrow(), None);
    assert_eq!(written.lines(), ["small"], "a probe leaves nothing behind");
    assert_eq!(std::fs::read_dir(written._dir.path()).unwrap().count(), 1, "nor beside the file");
    assert_eq!(written.announced.try_iter().count(), 1, "and is announced to nobody");
}

/// Runs what `queue` gives while the writing thread is held up, so that all of it shares one commit.
async fn together<T>(written: &Written, queue: impl Future<Output = T>) -> T {
    let (begin, begun) = sync_channel::<()>(1);
    let (go_on, held) = sync_channel::<()>(0);
    let held = std::sync::Mutex::new(held);
    let holding = written.writer.run(Access::Stays, move |_| {
        begin.send(()).unwrap();
        held.lock().unwrap().recv().unwrap();
        Ok(())
    });
    let meanwhile = async {
        begun.recv().unwrap();
        let release = async { go_on.send(()).unwrap() };
        tokio::join!(queue, release).0
    };
    let (held, done) = tokio::join!(holding, meanwhile);
    held.unwrap();
    done
}

#[tokio::test]
async fn one_that_fails_leaves_those_that_share_its_commit_alone() {
    let written = writer();
    let half = written.writer.run(Access::Stays, |txn| -> Result<(), Error> {
        txn.conn.execute("INSERT INTO line (text) VALUES ('half')", [])?;
        txn.committed.renamed = true;
        Err(Error::Forbidden)
    });
    let nothing = written.writer.run(Access::Stays, |_| -> Result<(), Error> { Err(Error::NotFound) });
    let (before, half, nothing, after) =
        together(&written, async { tokio::join!(written.write("before"), half, nothing, written.write("after")) })
            .await;
    before.unwrap();
    assert!(matches!(half, Err(Error::Forbidden)), "{half:?}");
    assert!(matches!(nothing, Err(Error::NotFound)), "{nothing:?}");
    after.unwrap();
    assert_eq!(written.lines(), ["before", "after"], "each of the others once");
    let announced: Vec<_> = written.announced.try_iter().collect();
    assert_eq!(announced, [Committed { events: true, ..Committed::default() }]);
}

#[tokio::test]
async fn a_disk_that_fails_under_one_command_fails_its_whole_batch() {
    let written = writer();
    written.pragma("max_page_count", 2).await;
    let long = "x".repeat(100_000);
    let (before, broken, after) = together(&written, async {
        tokio::join!(written.write("before"), written.write(&long), written.write("after"))
    })
    .await;
    for refused in [before, broken, after] {
        assert!(matches!(refused, Err(Error::DiskFull(_))), "{refused:?}");
    }
    assert_eq!(written.lines(), [""; 0], "nobody was told that it was stored, and nothing was");
    written.write("later").await.unwrap();
    assert_eq!(written.lines(), ["later"], "the connection is as good as before");
}

#[tokio::test]
async fn after_its_end_it_answers_that_it_is_closed() {
    let mut written = writer();
    written.writer.queue.take();
    assert!(matches!(written.write("late").await, Err(Error::Unavailable(_))));
}
