//! Who is at the other end of a line: a key pair of one's own, and its fingerprint.
//!
//! Certificates are only the clothes that TLS wants keys to wear. Nobody signs them but their own
//! key, and their names and dates mean nothing: what counts is that the other end proves to have
//! the private key to the public one whose fingerprint is known, the [`Pin`].

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::{CertificateParams, DistinguishedName, DnType, PKCS_ECDSA_P256_SHA256};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use sha2::{Digest, Sha256};

/// What a desktop calls every hub when it opens a line: it asks for the hub's own key.
pub const SERVER_NAME: &str = "rappel";

/// The fingerprint of a public key: SHA-256 of its SubjectPublicKeyInfo (RFC 5280). It is written
/// as 43 letters, digits, `-` and `_` (base64url).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pin([u8; 32]);

impl Pin {
    /// The fingerprint with these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The fingerprint of the key in a certificate.
    ///
    /// # Errors
    /// When it is no certificate.
    pub fn of(certificate: &CertificateDer<'_>) -> Result<Self, rustls::Error> {
        let public_key = ParsedCertificate::try_from(certificate)?.subject_public_key_info();
        Ok(Self(Sha256::digest(&public_key).into()))
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pin({self})")
    }
}

/// The text is no fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not the fingerprint of a key")]
pub struct NotAPin;

impl FromStr for Pin {
    type Err = NotAPin;

    fn from_str(text: &str) -> Result<Self, NotAPin> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NotAPin)?;
        bytes.try_into().map(Self).map_err(|_| NotAPin)
    }
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// None could be made.
    #[error("a key cannot be made: {0}")]
    Generate(#[from] rcgen::Error),
    /// What was kept is not a key with its certificate.
    #[error("the key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

/// A key pair and the certificate that shows its public part.
///
/// ECDSA on P-256: it is quick and small, and browsers, which know no Ed25519 certificates, take it.
#[derive(Clone)]
pub struct Key {
    private_key: Arc<[u8]>,
    certified: Arc<CertifiedKey>,
    pin: Pin,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("pin", &self.pin).finish_non_exhaustive()
    }
}

impl Key {
    /// A new key; `name` stands in its certificate, where anybody can read it.
    ///
    /// # Errors
    /// When this machine cannot make one.
    pub fn generate(name: &str) -> Result<Self, KeyError> {
        let pair = rcgen::KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.self_signed(&pair)?;
        Self::from_der(pair.serialize_der(), certificate.der().to_vec())
    }

    /// A key that was kept: PKCS #8, and its certificate in DER.
    ///
    /// # Errors
    /// When they are no key and its certificate.
    pub fn from_der(private_key: Vec<u8>, certificate: Vec<u8>) -> Result<Self, KeyError> {
        let certificate = CertificateDer::from(certificate);
        let pin = Pin::of(&certificate)?;
        let secret = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(private_key.clone()));
        let certified = CertifiedKey::from_der(vec![certificate], secret, &provider())?;
        Ok(Self { private_key: private_key.into(), certified: Arc::new(certified), pin })
    }

    /// The private key, PKCS #8, to be kept where nobody else can read it.
    #[must_use]
    pub fn private_key(&self) -> &[u8] {
        &self.private_key
    }

    /// The certificate, DER.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        &self.certified.cert[0]
    }

    /// Its fingerprint.
    #[must_use]
    pub fn pin(&self) -> Pin {
        self.pin
    }

    /// As TLS takes it.
    #[must_use]
    pub fn certified(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.certified)
    }
}

/// The cryptography of every TLS line.
#[must_use]
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_was_kept_is_the_same_key() {
        let key = Key::generate("Rappel").unwrap();
        let again = Key::from_der(key.private_key().to_vec(), key.certificate().to_vec()).unwrap();
        assert_eq!(again.pin(), key.pin());
        assert_ne!(Key::generate("Rappel").unwrap().pin(), key.pin());
    }

    #[test]
    fn a_certificate_of_another_key_is_refused() {
        let (one, other) = (Key::generate("Rappel").unwrap(), Key::generate("Rappel").unwrap());
        assert!(Key::from_der(one.private_key().to_vec(), other.certificate().to_vec()).is_err());
        assert!(Key::from_der(vec![1, 2, 3], one.certificate().to_vec()).is_err());
        assert!(Key::from_der(one.private_key().to_vec(), Vec::new()).is_err());
    }

    #[test]
    fn a_pin_is_read_as_it_is_written() {
        let pin = Key::generate("Rappel").unwrap().pin();
        assert_eq!(pin.to_string().len(), 43);
        assert_eq!(pin.to_string().parse(), Ok(pin));
        for wrong in ["", "x", &pin.to_string()[1..], &format!("{pin}A"), &format!("{pin}=")] {
            assert_eq!(wrong.parse::<Pin>(), Err(NotAPin), "{wrong:?}");
        }
    }

    #[test]
    fn a_key_does_not_show_its_secret() {
        let shown = format!("{:?}", Key::generate("Rappel").unwrap());
        assert!(shown.starts_with("Key { pin: Pin(") && shown.len() < 80, "{shown}");
    }
}
