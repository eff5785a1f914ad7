//! The hub on the office's network, beside loopback: at the one address that colleagues reach it
//! by, wherever that moves.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::hub::Hub;
use crate::lan;
use crate::listeners::Listed;

/// How often to look whether the address is another.
const EVERY: Duration = Duration::from_secs(2);

/// Where a hub is on the office's network.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Lan {
    /// Nobody has looked, or it is not shared.
    #[default]
    Unshared,
    /// Colleagues reach it there.
    At(SocketAddr),
    /// This machine is on no network of an office at present.
    NoNetwork,
    /// It is, but the hub cannot listen there. Why, for the log.
    Failed(String),
}

/// The listener at one address.
struct Listening {
    address: Ipv4Addr,
    /// Links lead there as long as it listens, not as long as the last requests take.
    _listed: Listed,
    /// Ends it; what is being answered is finished.
    _end: DropGuard,
}

impl Hub {
    /// Serves on the office's network alone, on this port, until `stop` or until the hub is shut
    /// down. Where that network is changes: it is looked for every few seconds, and what is found
    /// is told to `lan`. What cannot be done is tried again at the next look.
    ///
    /// Sessions that came by an address which is gone end; those of other listeners are not
    /// touched.
    pub async fn serve_lan(&self, port: u16, lan: &watch::Sender<Lan>, stop: CancellationToken) {
        let serving = TaskTracker::new();
        let mut listening: Option<Listening> = None;
        loop {
            let held = listening.as_ref().map(|listening| listening.address);
            let found = match lan::address(held) {
                Ok(Some(address)) if held == Some(address) => Lan::At((address, port).into()),
                Ok(address) => {
                    // Gone before the next begins: it may be the same one come back.
                    listening = None;
                    match address {
                        Some(address) => match self.listen_at(address, port, &serving).await {
                            Ok(begun) => {
                                listening = Some(begun);
                                Lan::At((address, port).into())
                            }
                            Err(error) => Lan::Failed(format!("{address}:{port}: {error}")),
                        },
                        None => Lan::NoNetwork,
                    }
                }
                Err(error) => {
                    listening = None;
                    Lan::Failed(format!("the addresses of this machine cannot be read: {error}"))
                }
            };
            lan.send_if_modified(|told| {
                let is_new = *told != found;
                if is_new {
                    say(&found);
                    *told = found;
                }
                is_new
            });
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.stopping().cancelled() => break,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
        drop(listening);
        serving.close();
        serving.wait().await;
    }

    async fn listen_at(&self, address: Ipv4Addr, port: u16, serving: &TaskTracker) -> io::Result<Listening> {
        let listener = TcpListener::bind((address, port)).await?;
        let listed = self.listeners().add(listener.local_addr()?);
        self.arrivals().begin_anew();
        let stop = CancellationToken::new();
        let served = self.clone().serve_unlisted(listener, stop.clone().cancelled_owned());
        serving.spawn(async move {
            if let Err(error) = served.await {
                tracing::error!(%error, "the hub has stopped listening on the office's network");
            }
        });
        Ok(Listening { address, _listed: listed, _end: stop.drop_guard() })
    }
}

fn say(lan: &Lan) {
    match lan {
        Lan::Unshared => {}
        Lan::At(address) => tracing::info!(%address, "the hub listens on the office's network"),
        Lan::NoNetwork => tracing::warn!("this machine is on no network at present: the hub listens on it alone"),
        Lan::Failed(why) => tracing::error!(%why, "the hub cannot listen on the office's network"),
    }
}
