//! What the authority vouches for, as browsers' rules have it: checked by webpki.

use std::sync::Arc;

use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{ServerName, UnixTime};

use super::*;

const NOW: i64 = 1_795_305_600_000;

fn now() -> Timestamp {
    Timestamp::clamped_from_ms(NOW)
}

fn authority() -> Authority {
    Authority::of(make("Notre bureau", &["localhost".to_owned(), "rappel-abc.local".to_owned()], now()).unwrap())
        .unwrap()
}

fn names(addresses: &[&str], hosts: &[&str]) -> Names {
    let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
    Names::new(addresses, hosts.iter().map(|&host| host.to_owned()).collect())
}

/// Whether somebody who has installed the authority takes this certificate for that name.
fn is_trusted(
    authority: &Authority,
    certificate: &CertificateDer<'_>,
    name: &str,
    at: Timestamp,
) -> Result<(), String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(authority.certificate().to_vec())).unwrap();
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build().unwrap();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let at = UnixTime::since_unix_epoch(std::time::Duration::from_millis(u64::try_from(at.as_ms()).unwrap()));
    verifier.verify_server_cert(certificate, &[], &name, &[], at).map(|_| ()).map_err(|error| format!("{error:?}"))
}

fn issued(authority: &Authority, names: &Names, at: Timestamp) -> Issued {
    authority.issue(names, at).unwrap()
}

#[test]
fn its_certificates_are_trusted_for_the_hubs_names_and_for_no_others() {
    let authority = authority();
    let own = names(&["192.168.1.20", "fd00::20", "127.0.0.1"], &["rappel-abc.local", "localhost"]);
    let issued = issued(&authority, &own, now());
    let certificate = &issued.certified.cert[0];
    for name in ["192.168.1.20", "fd00::20", "127.0.0.1", "rappel-abc.local", "localhost"] {
        assert_eq!(is_trusted(&authority, certificate, name, now()), Ok(()), "{name}");
    }
    for name in ["192.168.1.21", "other.local", "example.com"] {
        let refused = is_trusted(&authority, certificate, name, now()).unwrap_err();
        assert!(refused.contains("NotValidForName"), "{name}: {refused}");
    }
    let other = self::authority();
    let refused = is_trusted(&other, certificate, "192.168.1.20", now()).unwrap_err();
    assert!(refused.contains("UnknownIssuer") || refused.contains("BadSignature"), "another office's: {refused}");
}

#[test]
fn a_name_that_it_may_not_vouch_for_is_left_out() {
    let authority = authority();
    let issued = issued(&authority, &names(&["203.0.113.9", "10.0.0.7"], &["rappel.example", "localhost"]), now());
    let certificate = &issued.certified.cert[0];
    for name in ["10.0.0.7", "localhost"] {
        assert_eq!(is_trusted(&authority, certificate, name, now()), Ok(()), "{name}");
    }
    for name in ["203.0.113.9", "rappel.example"] {
        assert!(is_trusted(&authority, certificate, name, now()).is_err(), "{name}");
    }
}

/// As by somebody who has stolen the key.
fn forged(authority: &Authority, name: &str) -> CertificateDer<'static> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.not_before = time(now());
    params.not_after = time(now() + TimeDelta::days(30));
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let issuer = params_of(authority.name());
    let certificate = params.signed_by(&key, &Issuer::from_params(&issuer, &authority.key)).unwrap();
    CertificateDer::from(certificate.der().to_vec())
}

#[test]
fn whoever_steals_its_key_can_be_nobody_beyond_the_office() {
    let authority = authority();
    assert_eq!(
        is_trusted(&authority, &forged(&authority, "10.1.2.3"), "10.1.2.3", now()),
        Ok(()),
        "the forgery is one"
    );
    let beyond = [
        ("bank.example", "bank.example"),
        ("localhost.evil.example", "localhost.evil.example"),
        ("other.local", "other.local"),
        ("203.0.113.9", "203.0.113.9"),
        ("172.32.0.1", "172.32.0.1"),
        ("11.0.0.1", "11.0.0.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("*.example.com", "www.example.com"),
    ];
    for (name, called) in beyond {
        let refused = is_trusted(&authority, &forged(&authority, name), called, now()).unwrap_err();
        assert!(refused.contains("NameConstraintViolation"), "{name}: {refused}");
    }
}

#[test]
fn a_certificate_is_good_for_397_days_at_most_and_fresh_until_shortly_before() {
    let authority = authority();
    let issued = issued(&authority, &names(&["10.0.0.7"], &[]), now());
    let certificate = &issued.certified.cert[0];
    let trusted = |after: TimeDelta| is_trusted(&authority, certificate, "10.0.0.7", now() + after);
    assert_eq!(trusted(-TimeDelta::hours(23)), Ok(()), "a device's clock may be behind");
    assert_eq!(trusted(TimeDelta::days(396) - TimeDelta::seconds(2)), Ok(()));
    assert!(trusted(TimeDelta::days(396) + TimeDelta::seconds(1)).unwrap_err().contains("Expired"));
    assert!(issued.is_fresh(now()) && issued.is_fresh(now() + TimeDelta::days(335)));
    assert!(!issued.is_fresh(now() + TimeDelta::days(337)), "long before anybody is refused");
    assert!(!issued.is_fresh(now() - TimeDelta::days(2)), "the clock was set back to before it");
}

#[test]
fn nothing_outlives_the_authority() {
    let authority = authority();
    let late = authority.expires_at() - TimeDelta::days(10);
    let issued = issued(&authority, &names(&["10.0.0.7"], &[]), late);
    assert!(issued.is_fresh(late), "it is not made anew for each who comes");
    let certificate = &issued.certified.cert[0];
    assert_eq!(is_trusted(&authority, certificate, "10.0.0.7", late), Ok(()));
    assert!(is_trusted(&authority, certificate, "10.0.0.7", authority.expires_at()).is_err());
}

#[test]
fn one_that_was_kept_issues_as_before() {
    let first = authority();
    let again = Authority::of(first.kept.clone()).unwrap();
    let issued = issued(&again, &names(&["10.0.0.7"], &[]), now());
    assert_eq!(is_trusted(&first, &issued.certified.cert[0], "10.0.0.7", now()), Ok(()));
    assert_eq!(again.fingerprint(), first.fingerprint());
    assert_eq!((again.fingerprint().len(), again.thumbprint().len()), (95, 59));
}

#[test]
fn its_name_fits_and_tells_offices_apart() {
    let long = "Bureau d’études « L’Équerre & Fils », Saint-Étienne-du-Rouvray, deuxième étage";
    let [one, other] = [long, long].map(|office| make(office, &["localhost".to_owned()], now()).unwrap());
    assert!(one.name.chars().count() <= NAME_MAX, "{}", one.name);
    assert_ne!(one.name, other.name);
    assert!(one.name.starts_with("Rappel: Bureau d’études"), "{}", one.name);
}

#[test]
fn private_addresses_are_covered_and_others_are_not() {
    for address in ["10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.1.1", "127.0.0.9"] {
        assert!(covers_address(address.parse().unwrap()), "{address}");
    }
    for address in ["fc00::1", "fdff::1", "fe80::1", "febf::1", "::1"] {
        assert!(covers_address(address.parse().unwrap()), "{address}");
    }
    let others = ["9.255.255.255", "11.0.0.0", "172.15.0.1", "172.32.0.0", "192.169.0.1", "8.8.8.8", "0.0.0.0"];
    for address in others.into_iter().chain(["::", "::2", "fec0::1", "2001:db8::1", "::ffff:8.8.8.8"]) {
        assert!(!covers_address(address.parse().unwrap()), "{address}");
    }
}
