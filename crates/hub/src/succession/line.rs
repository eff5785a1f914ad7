//! A line to a hub elsewhere: TLS, with a key of this desktop's own, to one pinned key.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, PeerIncompatible, SignatureScheme};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::key::{Key, Pin, SERVER_NAME, provider};

/// A line is there within this time, or it is given up.
const CONNECTS_WITHIN: Duration = Duration::from_secs(5);

/// Why there is no line.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// Nobody answers, or not as a hub does.
    #[error("the hub does not answer: {0}")]
    Unreachable(String),
    /// Another machine answers where the hub should be. It was told nothing.
    #[error("another machine answers in place of the hub")]
    WrongKey,
}

/// Opens lines.
#[derive(Clone)]
pub struct Connector {
    tls: TlsConnector,
}

/// A line on which both keys were proven.
pub struct SecureLine {
    /// What is said on it.
    pub stream: TlsStream<TcpStream>,
    /// The hub's key.
    pub pin: Pin,
    /// How long a word takes there and back.
    pub round_trip: Duration,
}

impl Connector {
    /// Shows `key`, and takes no hub but the one with the key `expected`; without it any, so that
    /// whoever asks must find out who it is.
    ///
    /// # Errors
    /// When the key cannot be used.
    pub fn new(key: &Key, expected: Option<Pin>) -> Result<Self, LineError> {
        let unusable = |error: rustls::Error| LineError::Unreachable(error.to_string());
        let provider = provider();
        let pinned = Arc::new(Pinned { expected, provider: Arc::clone(&provider) });
        let private_key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.private_key().to_vec()));
        let certificate = CertificateDer::from(key.certificate().to_vec());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(unusable)?
            .dangerous()
            .with_custom_certificate_verifier(pinned)
            .with_client_auth_cert(vec![certificate], private_key)
            .map_err(unusable)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // Each line proves both keys anew.
        config.resumption = rustls::client::Resumption::disabled();
        Ok(Self { tls: TlsConnector::from(Arc::new(config)) })
    }

    /// Opens a line to `HOST:PORT`. Nothing is said before the hub has proven its key.
    ///
    /// # Errors
    /// When there is none.
    pub async fn connect(&self, address: &str) -> Result<SecureLine, LineError> {
        match timeout(CONNECTS_WITHIN, self.open(address)).await {
            Ok(Ok(line)) => Ok(line),
            Ok(Err(error)) if is_wrong_key(&error) => Err(LineError::WrongKey),
            Ok(Err(error)) => Err(LineError::Unreachable(error.to_string())),
            Err(_) => Err(LineError::Unreachable("it takes too long".into())),
        }
    }

    async fn open(&self, address: &str) -> io::Result<SecureLine> {
        let asked_at = Instant::now();
        let stream = TcpStream::connect(address).await?;
        let round_trip = asked_at.elapsed();
        stream.set_nodelay(true)?;
        let name = ServerName::try_from(SERVER_NAME).map_err(io::Error::other)?;
        let stream = self.tls.connect(name, stream).await?;
        let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
        let shown = shown.ok_or_else(|| io::Error::other("it has no key"))?;
        let pin = Pin::of(shown).map_err(io::Error::other)?;
        Ok(SecureLine { stream, pin, round_trip })
    }
}

fn is_wrong_key(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    matches!(inner, Some(rustls::Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure)))
}

/// Takes the one key. Names, dates and signers of certificates mean nothing.
#[derive(Debug)]
struct Pinned {
    expected: Option<Pin>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let shown = Pin::of(end_entity)?;
        match self.expected {
            Some(expected) if expected != shown => Err(CertificateError::ApplicationVerificationFailure.into()),
            _ => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(PeerIncompatible::Tls12NotOfferedOrEnabled.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
