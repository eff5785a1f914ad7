//! A copy of everything, on its way to another machine.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use axum::body::{Body, Bytes};
use futures_util::stream;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::hub::Hub;

/// The hash of the whole copy, in an answer's header: BLAKE3, in hexadecimal.
pub(crate) const HASH_HEADER: &str = "rappel-copy-hash";
/// What is read at once, in bytes.
const CHUNK: usize = 64 * 1024;
/// Chunks that may wait for the network.
const WAITING: usize = 4;

/// A copy that is ready to be sent.
pub(crate) struct OutgoingCopy {
    /// It has no name any more, and goes with this.
    file: File,
    /// In bytes.
    pub(crate) len: u64,
    /// BLAKE3 of all of it.
    pub(crate) hash: String,
}

impl Hub {
    /// Makes a copy of everything, as it is at one instant, in the data directory. It has been checked.
    pub(crate) async fn make_outgoing_copy(&self) -> io::Result<OutgoingCopy> {
        // The name is one of those that are swept away where a hub was killed.
        let path = self.data_dir().path().join(format!("restoring-copy-{}.db", Uuid::now_v7().simple()));
        self.store().copy_to(&path).await.map_err(io::Error::other)?;
        let reading = self.tasks().spawn_blocking(move || {
            let opened = File::open(&path);
            std::fs::remove_file(&path)?;
            let mut file = opened?;
            let mut hasher = blake3::Hasher::new();
            let len = io::copy(&mut file, &mut hasher)?;
            file.seek(SeekFrom::Start(0))?;
            Ok(OutgoingCopy { file, len, hash: hasher.finalize().to_hex().to_string() })
        });
        reading.await.map_err(io::Error::other)?
    }

    /// The copy as the body of an answer, a chunk at a time.
    pub(crate) fn send_copy(&self, copy: OutgoingCopy) -> Body {
        let (chunks, waiting) = mpsc::channel(WAITING);
        self.tasks().spawn_blocking(move || read(copy.file, &chunks));
        Body::from_stream(stream::unfold(waiting, async |mut waiting| Some((waiting.recv().await?, waiting))))
    }
}

/// Reads to the end, or until nobody listens.
fn read(mut file: File, chunks: &mpsc::Sender<io::Result<Bytes>>) {
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = match file.read(&mut chunk) {
            Ok(0) => return,
            Ok(count) => Ok(Bytes::copy_from_slice(&chunk[..count])),
            Err(error) => Err(error),
        };
        let is_over = read.is_err();
        if chunks.blocking_send(read).is_err() || is_over {
            return;
        }
    }
}
