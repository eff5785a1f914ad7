//! The office's own certificate authority, by which browsers know the hub once it was installed.
//!
//! It is made on the hub and vouches for nothing but hubs: its certificate is constrained to private
//! addresses and to the host names that the hub had when it was made (RFC 5280, 4.2.1.10), and to
//! servers. Whoever stole its key could not pretend to be a bank to those who installed it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use chrono::TimeDelta;
use cookie::time::OffsetDateTime;
use rappel_core::Timestamp;
use rappel_store::KeptAuthority;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P256_SHA256, SanType,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::key::{KeyError, provider};

/// How long an authority is good: nobody likes to install one twice.
const AUTHORITY_LASTS: TimeDelta = TimeDelta::days(3650);
/// How long the hub's certificate is good, from a day before it was issued.
const CERTIFICATE_LASTS: TimeDelta = TimeDelta::days(397);
/// A certificate is good from then on before it was issued: clocks of devices differ.
const CLOCKS_DIFFER_BY: TimeDelta = TimeDelta::days(1);
/// A certificate with less than this left is issued anew.
const RENEWED_BEFORE: TimeDelta = TimeDelta::days(60);
/// The longest common name that X.509 takes, in characters.
const NAME_MAX: usize = 64;

/// The networks whose addresses it may vouch for: private ones (RFC 1918, RFC 4193), link-local ones,
/// and each machine's own.
const PRIVATE: [(IpAddr, u8); 8] = [
    (IpAddr::V4(Ipv4Addr::new(10, 0, 0, 0)), 8),
    (IpAddr::V4(Ipv4Addr::new(172, 16, 0, 0)), 12),
    (IpAddr::V4(Ipv4Addr::new(192, 168, 0, 0)), 16),
    (IpAddr::V4(Ipv4Addr::new(169, 254, 0, 0)), 16),
    (IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8),
    (IpAddr::V6(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0)), 7),
    (IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0)), 10),
    (IpAddr::V6(Ipv6Addr::LOCALHOST), 128),
];

/// By what a hub is called: sorted, so that the same names are equal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) addresses: Vec<IpAddr>,
    pub(crate) hosts: Vec<String>,
}

impl Names {
    pub(crate) fn new(mut addresses: Vec<IpAddr>, mut hosts: Vec<String>) -> Self {
        addresses.sort_unstable();
        addresses.dedup();
        hosts.sort_unstable();
        hosts.dedup();
        Self { addresses, hosts }
    }
}

/// A certificate for the hub, with its key.
#[derive(Debug, Clone)]
pub(crate) struct Issued {
    pub(crate) certified: std::sync::Arc<CertifiedKey>,
    valid_from: Timestamp,
    renewed_at: Timestamp,
}

impl Issued {
    /// Whether it is good for a while yet, by this clock.
    pub(crate) fn is_fresh(&self, now: Timestamp) -> bool {
        self.valid_from <= now && now < self.renewed_at
    }
}

/// The authority, ready to issue.
pub(crate) struct Authority {
    kept: KeptAuthority,
    key: KeyPair,
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("name", &self.kept.name).finish_non_exhaustive()
    }
}

/// A new authority for an office; it will vouch for these host names, beside private addresses.
///
/// # Errors
/// When this machine cannot make a key.
pub(crate) fn make(office: &str, host_names: &[String], now: Timestamp) -> Result<KeptAuthority, KeyError> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let id: String = Sha256::digest(key.public_key_raw())[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    // Two offices may have the same name.
    let office: String = office.chars().take(NAME_MAX - "Rappel:  (12345678)".len()).collect();
    let name = format!("Rappel: {} ({id})", office.trim());
    let expires_at = now + AUTHORITY_LASTS;
    let mut params = params_of(&name);
    params.serial_number = Some(serial_number()?);
    params.not_before = time(now - CLOCKS_DIFFER_BY);
    params.not_after = time(expires_at);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let networks = PRIVATE.map(|(address, prefix)| CidrSubnet::from_addr_prefix(address, prefix));
    let hosts = host_names.iter().cloned().map(GeneralSubtree::DnsName);
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: networks.into_iter().map(GeneralSubtree::IpAddress).chain(hosts).collect(),
        excluded_subtrees: Vec::new(),
    });
    let certificate = params.self_signed(&key)?;
    Ok(KeptAuthority {
        private_key: key.serialize_der(),
        certificate: certificate.der().to_vec(),
        name,
        host_names: host_names.to_vec(),
        expires_at,
    })
}

fn params_of(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params
}

/// Random: browsers remember issuer and number, and refuse another certificate that has both.
fn serial_number() -> Result<rcgen::SerialNumber, KeyError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| rcgen::Error::RingUnspecified)?;
    bytes[0] = bytes[0] & 0x7f | 0x40;
    Ok(rcgen::SerialNumber::from_slice(&bytes))
}

fn time(at: Timestamp) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at.as_ms().div_euclid(1000)).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

impl Authority {
    /// The one that was kept.
    ///
    /// # Errors
    /// When it is no key.
    pub(crate) fn of(kept: KeptAuthority) -> Result<Self, KeyError> {
        let private_key = PrivatePkcs8KeyDer::from(kept.private_key.as_slice());
        let key = KeyPair::from_pkcs8_der_and_sign_algo(&private_key, &PKCS_ECDSA_P256_SHA256)?;
        Ok(Self { kept, key })
    }

    /// Its certificate, DER.
    pub(crate) fn certificate(&self) -> &[u8] {
        &self.kept.certificate
    }

    /// As it is called in the lists of devices.
    pub(crate) fn name(&self) -> &str {
        &self.kept.name
    }

    /// Until when it is good.
    pub(crate) fn expires_at(&self) -> Timestamp {
        self.kept.expires_at
    }

    /// SHA-256 of its certificate, as devices write it: `AB:CD:…`.
    pub(crate) fn fingerprint(&self) -> String {
        in_pairs(&Sha256::digest(self.certificate()))
    }

    /// SHA-1 of its certificate, which is all that Windows shows when it is installed. It must be
    /// this certificate's only: who made it is not in doubt, so collisions help nobody.
    pub(crate) fn thumbprint(&self) -> String {
        in_pairs(&Sha1::digest(self.certificate()))
    }

    /// Whether it may vouch for a host name.
    pub(crate) fn covers_host(&self, name: &str) -> bool {
        self.kept.host_names.iter().any(|covered| covered == name)
    }

    /// A certificate for those of the names that it may vouch for.
    ///
    /// # Errors
    /// When this machine cannot make a key.
    pub(crate) fn issue(&self, names: &Names, now: Timestamp) -> Result<Issued, KeyError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let valid_from = now - CLOCKS_DIFFER_BY;
        let expires_at = (valid_from + CERTIFICATE_LASTS).min(self.kept.expires_at);
        let mut params = params_of("Rappel");
        params.serial_number = Some(serial_number()?);
        params.not_before = time(valid_from);
        // The last second counts: not one more than the days that browsers take.
        params.not_after = time(expires_at - TimeDelta::seconds(1));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let hosts = names.hosts.iter().filter(|host| self.covers_host(host));
        params.subject_alt_names =
            hosts.map(|host| host.as_str().try_into().map(SanType::DnsName)).collect::<Result<_, _>>()?;
        let addresses = names.addresses.iter().copied().filter(|address| covers_address(*address));
        params.subject_alt_names.extend(addresses.map(SanType::IpAddress));
        let mut issuer = params_of(&self.kept.name);
        issuer.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let certificate = params.signed_by(&key, &Issuer::from_params(&issuer, &self.key))?;
        let secret = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let chain = vec![CertificateDer::from(certificate.der().to_vec())];
        let certified = CertifiedKey::from_der(chain, secret, &provider())?.into();
        // There is no later one than the authority's last.
        let is_last = expires_at == self.kept.expires_at;
        let renewed_at = if is_last { expires_at } else { expires_at - RENEWED_BEFORE };
        Ok(Issued { certified, valid_from, renewed_at })
    }
}

/// Whether an authority of ours may vouch for an address.
pub(crate) fn covers_address(address: IpAddr) -> bool {
    let (bits, is_v4) = bits(address);
    PRIVATE.iter().any(|(network, prefix)| {
        let (network, of_v4) = self::bits(*network);
        let width = if of_v4 { 32 } else { 128 };
        of_v4 == is_v4 && (bits ^ network).checked_shr(width - u32::from(*prefix)).unwrap_or(0) == 0
    })
}

fn bits(address: IpAddr) -> (u128, bool) {
    match address {
        IpAddr::V4(address) => (u32::from(address).into(), true),
        IpAddr::V6(address) => (address.into(), false),
    }
}

fn in_pairs(hash: &[u8]) -> String {
    let pairs: Vec<String> = hash.iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(":")
}

#[cfg(test)]
#[path = "authority_tests.rs"]
mod tests;
