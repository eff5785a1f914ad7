//! The cable between a desktop and its hub: it can be cut, and it can go silent.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Whole,
    /// Connections stay open, and nothing comes through.
    Silent,
    Cut,
}

pub(super) struct Cable {
    pub(super) address: SocketAddr,
    state: watch::Sender<State>,
    connections: Arc<AtomicUsize>,
}

impl Cable {
    pub(super) async fn to(hub: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = watch::Sender::new(State::Whole);
        let connections = Arc::new(AtomicUsize::new(0));
        let (states, counted, tasks) = (state.subscribe(), Arc::clone(&connections), TaskTracker::new());
        tasks.clone().spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if *states.borrow() != State::Cut && states.has_changed().is_ok() {
                    counted.fetch_add(1, Ordering::Relaxed);
                    tasks.spawn(carry(stream, hub, states.clone()));
                }
            }
        });
        Self { address, state, connections }
    }

    /// Ends every connection, and takes no other.
    pub(super) fn cut(&self) {
        self.state.send_replace(State::Cut);
    }

    /// Lets nothing through any more, and says so to nobody.
    pub(super) fn silence(&self) {
        self.state.send_replace(State::Silent);
    }

    pub(super) fn mend(&self) {
        self.state.send_replace(State::Whole);
    }

    /// How many connections there have been.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

async fn carry(desktop: TcpStream, hub: SocketAddr, states: watch::Receiver<State>) {
    let Ok(hub) = TcpStream::connect(hub).await else { return };
    let ((from_desktop, to_desktop), (from_hub, to_hub)) = (desktop.into_split(), hub.into_split());
    let mut cut = states.clone();
    tokio::select! {
        () = pass(from_desktop, to_hub, states.clone()) => {}
        () = pass(from_hub, to_desktop, states) => {}
        _ = cut.wait_for(|state| *state == State::Cut) => {}
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut states: watch::Receiver<State>) {
    let mut bytes = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if states.wait_for(|state| *state != State::Silent).await.is_err()
            || to.write_all(&bytes[..count]).await.is_err()
        {
            return;
        }
    }
}
