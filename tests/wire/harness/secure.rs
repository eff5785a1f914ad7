//! A TLS line to the hub, on which a test says what it likes.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rappel_hub::key::{Key, Pin, provider};
use tokio_rustls::rustls;
use tokio_rustls::rustls::client::ResolvesClientCert;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore, SignatureScheme, StreamOwned,
};
use ureq::http::{HeaderMap, HeaderName, StatusCode};

use super::{Answer, PATIENCE};

/// A TLS line, on which the hub's key is looked at and not judged.
pub(crate) struct SecureLine {
    stream: StreamOwned<ClientConnection, TcpStream>,
    host: String,
}

impl SecureLine {
    /// Opens a line; `key` is one that this end shows.
    pub(crate) fn open(address: SocketAddr, key: Option<&Key>) -> Self {
        let config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anybody));
        let config = match key {
            None => config.with_no_client_auth(),
            Some(key) => {
                let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.private_key().to_vec()));
                let certificate = CertificateDer::from(key.certificate().to_vec());
                config.with_client_auth_cert(vec![certificate], private).unwrap()
            }
        };
        let mut line = ClientConnection::new(Arc::new(config), ServerName::try_from("rappel").unwrap()).unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        while line.is_handshaking() {
            line.complete_io(&mut stream).unwrap();
        }
        Self { stream: StreamOwned::new(line, stream), host: address.to_string() }
    }

    /// Opens a line as a browser does that has installed this authority (DER), to a host of this name
    /// or address. The error is why it would not.
    pub(crate) fn as_browser(address: SocketAddr, host: &str, authority: &[u8]) -> Result<Self, String> {
        let nobodys = Arc::new(NobodysKey::default());
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(authority.to_vec())).unwrap();
        let config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_root_certificates(roots)
            .with_client_cert_resolver(Arc::clone(&nobodys) as Arc<dyn ResolvesClientCert>);
        let name = ServerName::try_from(host.to_owned()).unwrap();
        let mut line = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        while line.is_handshaking() {
            line.complete_io(&mut stream).map_err(|error| error.to_string())?;
        }
        assert!(!nobodys.is_asked_for.load(Ordering::Relaxed), "a browser would ask its person for a certificate");
        let host = SocketAddr::new([0, 0, 0, 0].into(), address.port()).to_string().replace("0.0.0.0", host);
        Ok(Self { stream: StreamOwned::new(line, stream), host })
    }

    /// The certificate that was shown, DER.
    pub(crate) fn certificate(&self) -> Vec<u8> {
        self.stream.conn.peer_certificates().unwrap()[0].to_vec()
    }

    /// Calls the hub by another name than its address.
    pub(crate) fn called(self, host: &str) -> Self {
        Self { host: host.to_owned(), ..self }
    }

    /// The key that the hub has proven to have.
    pub(crate) fn pin(&self) -> Pin {
        Pin::of(&self.stream.conn.peer_certificates().unwrap()[0]).unwrap()
    }

    /// Fetches a file that is no text: the answer's head, and the file.
    pub(crate) fn send_for_bytes(mut self, path: &str) -> (String, Vec<u8>) {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.host);
        self.stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        self.stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        (String::from_utf8(answer[..end].to_vec()).unwrap(), answer[end + 4..].to_vec())
    }

    /// As [`SecureLine::send`], for an answer that is no text: its status.
    pub(crate) fn send_for_status(mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> u16 {
        self.write(method, path, headers, body);
        let mut answer = Vec::new();
        self.stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// Sends one request, and reads the answer to its end.
    pub(crate) fn send(mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.write(method, path, headers, body);
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).unwrap();
        read(&answer)
    }

    fn write(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) {
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.host);
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            request.push_str(&format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()));
        }
        request.push_str(&format!("\r\n{body}"));
        self.stream.write_all(request.as_bytes()).unwrap();
    }
}

fn read(answer: &str) -> Answer {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer}"));
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse::<StatusCode>().unwrap();
    let mut headers = HeaderMap::new();
    for (name, value) in lines.map(|line| line.split_once(": ").unwrap()) {
        headers.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    }
    Answer::new(status, headers, body.as_bytes().to_vec())
}

/// A browser would ask its person for one.
#[derive(Debug, Default)]
struct NobodysKey {
    is_asked_for: AtomicBool,
}

impl ResolvesClientCert for NobodysKey {
    fn resolve(&self, _hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.is_asked_for.store(true, Ordering::Relaxed);
        None
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// Takes whatever key it is shown, once it was proven.
#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        unreachable!("only TLS 1.3 is offered")
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = provider().signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, &algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}
