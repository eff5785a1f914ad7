//! A man in the middle: answers with a key of his own, reads what he is told, and passes it on to
//! the hub and back.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rappel_hub::key::{Key, provider};
use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;

use rappel_hub::succession::Connector;

pub(super) struct Impostor {
    pub(super) address: SocketAddr,
    heard: Arc<Mutex<Vec<u8>>>,
    /// Who came, secured or not.
    calls: Arc<Mutex<usize>>,
}

#[derive(Debug)]
struct HisKey(Arc<CertifiedKey>);

impl ResolvesServerCert for HisKey {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

impl Impostor {
    pub(super) async fn before(hub: SocketAddr) -> Self {
        Self::at(SocketAddr::from(([127, 0, 0, 1], 0)), hub).await
    }

    pub(super) async fn at(address: SocketAddr, hub: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let key = Key::generate("Rappel").expect("a key");
        let config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS13])
            .expect("TLS 1.3")
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(HisKey(key.certified())));
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let (heard, calls, tasks) =
            (Arc::<Mutex<Vec<u8>>>::default(), Arc::<Mutex<usize>>::default(), TaskTracker::new());
        let (hears, counts) = (Arc::clone(&heard), Arc::clone(&calls));
        tasks.clone().spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *counts.lock().expect("counted") += 1;
                tasks.spawn(listen_in(stream, acceptor.clone(), key.clone(), hub, Arc::clone(&hears)));
            }
        });
        Self { address, heard, calls }
    }

    /// All that he was told.
    pub(super) fn heard(&self) -> String {
        String::from_utf8_lossy(&self.heard.lock().expect("heard")).into_owned()
    }

    /// How often he was called, whether or not he was told anything.
    pub(super) fn calls(&self) -> usize {
        *self.calls.lock().expect("counted")
    }
}

async fn listen_in(stream: TcpStream, acceptor: TlsAcceptor, key: Key, hub: SocketAddr, heard: Arc<Mutex<Vec<u8>>>) {
    let Ok(mut victim) = acceptor.accept(stream).await else { return };
    let connector = Connector::new(&key, None).expect("a connector");
    let mut hub = connector.connect(&hub.to_string()).await.expect("the hub answers him").stream;
    let (mut told, mut answered) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
    loop {
        tokio::select! {
            count = victim.read(&mut told) => match count {
                Ok(count @ 1..) => {
                    heard.lock().expect("heard").extend(&told[..count]);
                    if hub.write_all(&told[..count]).await.is_err() { return }
                }
                _ => return,
            },
            count = hub.read(&mut answered) => match count {
                Ok(count @ 1..) => {
                    heard.lock().expect("heard").extend(&answered[..count]);
                    if victim.write_all(&answered[..count]).await.is_err() { return }
                }
                _ => return,
            },
        }
    }
}
