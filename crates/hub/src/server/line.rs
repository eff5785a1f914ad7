//! Plain or TLS: one port takes both, and the first byte says which.
//!
//! Desktops ask for the hub by [`SERVER_NAME`], and are shown its own key. They may show one too, as
//! joined desktops do; any will do here, since TLS makes sure that they have it, and what it is good
//! for is known by whoever reads [`Channel`]. Browsers name the host that they call, or nothing, and
//! are shown the certificate of the secure office; while that is off, the hub's own key as well. They
//! are asked for no key, so that none bothers its person about it.

use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::pin::Pin as Pinned;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::FromRequestParts;
use axum::http::Extensions;
use axum::http::request::Parts;
use rustls::crypto::{CryptoProvider, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{Acceptor, ClientHello, ParsedCertificate, ResolvesServerCert};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{DigitallySignedStruct, DistinguishedName, PeerIncompatible, ServerConfig, SignatureScheme};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use super::connected::Connected;
use crate::hub::Hub;
use crate::key::{Pin, SERVER_NAME, provider};

/// The first byte of a TLS handshake; no HTTP request begins with it.
const HANDSHAKE: u8 = 0x16;
/// The one protocol that is spoken on a line.
const HTTP: &[u8] = b"http/1.1";
/// The one name of those who may sign a client's certificate, in DER: `CN=Rappel desktop`. Browsers
/// would otherwise ask their users which of their own certificates they want to show.
const SIGNED_BY: &[u8] = b"\x31\x17\x30\x15\x06\x03\x55\x04\x03\x0c\x0eRappel desktop";

/// How a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Channel {
    /// Readable by whoever is between; or not over a network at all.
    #[default]
    Plain,
    /// Over TLS; `key` is the one that the other end has proven to have.
    Tls { key: Option<Pin> },
}

impl Channel {
    /// How the request with these extensions came.
    pub(crate) fn of(extensions: &Extensions) -> Self {
        Connected::of(extensions).map_or_else(Self::default, |connected| connected.channel)
    }

    /// The key that the other end has proven to have.
    pub(crate) fn key(self) -> Option<Pin> {
        match self {
            Self::Plain => None,
            Self::Tls { key } => key,
        }
    }

    pub(crate) fn is_tls(self) -> bool {
        matches!(self, Self::Tls { .. })
    }

    /// What an address or an origin begins with.
    pub(crate) fn scheme(self) -> &'static str {
        if self.is_tls() { "https://" } else { "http://" }
    }

    /// The port that an address without one means.
    pub(crate) fn default_port(self) -> u16 {
        if self.is_tls() { 443 } else { 80 }
    }
}

impl<S: Sync> FromRequestParts<S> for Channel {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions))
    }
}

/// Opens lines.
#[derive(Clone)]
pub(super) struct Lines {
    hub: Hub,
    desktops: Arc<ServerConfig>,
}

impl Lines {
    pub(super) fn new(hub: Hub) -> Result<Self, rustls::Error> {
        let provider = provider();
        let anybody = Arc::new(AnyKey { provider: Arc::clone(&provider), signed_by: [signed_by()] });
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_client_cert_verifier(anybody)
            .with_cert_resolver(Arc::new(OwnKey { hub: hub.clone() }));
        config.alpn_protocols = vec![HTTP.to_vec()];
        // Each line proves both keys anew.
        config.send_tls13_tickets = 0;
        Ok(Self { hub, desktops: Arc::new(config) })
    }

    /// Waits for the first byte, and for the handshake if it is one.
    pub(super) async fn open(&self, stream: TcpStream) -> io::Result<(Line, Channel)> {
        let mut first = [0];
        if stream.peek(&mut first).await? == 0 || first[0] != HANDSHAKE {
            return Ok((Line::Plain(stream), Channel::Plain));
        }
        let reached = stream.local_addr()?.ip();
        let handshake = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        let is_browser = handshake.client_hello().server_name() != Some(SERVER_NAME);
        let config = if is_browser { self.for_browsers(reached) } else { Arc::clone(&self.desktops) };
        let stream = handshake.into_stream(config).await?;
        let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
        let key = shown.map(Pin::of).transpose().map_err(io::Error::other)?;
        Ok((Line::Tls(Box::new(stream)), Channel::Tls { key }))
    }

    fn for_browsers(&self, reached: IpAddr) -> Arc<ServerConfig> {
        let config = self.hub.browsers_config(reached).unwrap_or_else(|error| {
            tracing::error!(%error, "the hub has no certificate for browsers");
            None
        });
        config.unwrap_or_else(|| Arc::clone(&self.desktops))
    }
}

/// How browsers are answered that are shown this certificate.
pub(crate) fn browsers_config(certified: Arc<CertifiedKey>) -> Result<ServerConfig, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
    config.alpn_protocols = vec![HTTP.to_vec()];
    // A line that takes up an earlier one would keep that one's certificate.
    config.send_tls13_tickets = 0;
    Ok(config)
}

fn signed_by() -> DistinguishedName {
    DistinguishedName::in_sequence(SIGNED_BY)
}

/// The hub's own key, as it is at present: a restore may bring another.
struct OwnKey {
    hub: Hub,
}

impl std::fmt::Debug for OwnKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OwnKey")
    }
}

impl ResolvesServerCert for OwnKey {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.hub.key().certified())
    }
}

/// Takes any key that the other end proves to have, and none.
#[derive(Debug)]
struct AnyKey {
    provider: Arc<CryptoProvider>,
    signed_by: [DistinguishedName; 1],
}

impl ClientCertVerifier for AnyKey {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.signed_by
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        ParsedCertificate::try_from(end_entity).map(|_| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Err(PeerIncompatible::Tls12NotOfferedOrEnabled.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// A connection, plain or TLS.
pub(super) enum Line {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Line {
    fn poll_read(self: Pinned<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pinned::new(stream).poll_read(cx, buf),
            Self::Tls(stream) => Pinned::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Line {
    fn poll_write(self: Pinned<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pinned::new(stream).poll_write(cx, buf),
            Self::Tls(stream) => Pinned::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pinned<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pinned::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pinned::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pinned<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pinned::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pinned::new(stream).poll_shutdown(cx),
        }
    }

    fn poll_write_vectored(
        self: Pinned<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pinned::new(stream).poll_write_vectored(cx, bufs),
            Self::Tls(stream) => Pinned::new(stream).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }
}
