//! Whoever has the authority's key, or a copy of the hub, and wants to be somebody else by it: judged
//! by another implementation than ours.

use std::path::PathBuf;
use std::process::{Command, Output};

use rappel_hub::Locale;
use rappel_store::{OfficeDefaults, Store};
use serde_json::json;

use crate::harness::Office;

/// An office with an authority, whose key was stolen with a backup; and a folder to forge in.
struct Theft {
    office: Office,
}

impl Theft {
    fn commit() -> Self {
        let (office, admin) = Office::open();
        admin.patch("/api/secure-office", &json!({ "on": true })).expect(200);
        let file = office.beside("stolen.db");
        office.run(&["backup", file.to_str().unwrap()]).out();
        let defaults = OfficeDefaults { name: String::new(), locale: Locale::En, time_zone: rappel_hub::Zone::utc() };
        let store = Store::open(&file, &defaults, |_| {}).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let stolen = runtime.block_on(store.authority()).unwrap().unwrap();
        std::fs::write(office.beside("key.der"), &stolen.private_key).unwrap();
        std::fs::write(office.beside("authority.der"), &stolen.certificate).unwrap();
        let theft = Self { office };
        theft.openssl("x509 -inform DER -in authority.der -out authority.pem");
        theft.openssl("pkey -inform DER -in key.der -out key.pem");
        theft
    }

    fn try_openssl(&self, words: &str) -> Output {
        let folder: PathBuf = self.office.beside("");
        Command::new("openssl").args(words.split(' ')).current_dir(folder).output().unwrap()
    }

    #[track_caller]
    fn openssl(&self, words: &str) -> String {
        let output = self.try_openssl(words);
        assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Whether it is believed that a forged certificate makes somebody a server of this name.
    fn is_believed(&self, san: &str, check: &str) -> Result<(), String> {
        self.openssl(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout forged.key -out forged.csr -subj /O=x",
        );
        std::fs::write(self.office.beside("san"), format!("subjectAltName={san}\nextendedKeyUsage=serverAuth\n"))
            .unwrap();
        self.openssl("x509 -req -in forged.csr -CA authority.pem -CAkey key.pem -days 30 -out forged.pem -extfile san");
        let verified = self.try_openssl(&format!("verify -CAfile authority.pem -purpose sslserver {check} forged.pem"));
        if verified.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&verified.stderr).into_owned()) }
    }
}

#[test]
fn a_stolen_authority_can_vouch_for_nothing_beyond_the_offices_network() {
    let theft = Theft::commit();
    let text = theft.openssl("x509 -in authority.pem -noout -text");
    for said in ["Name Constraints: critical", "CA:TRUE, pathlen:0", "Certificate Sign", "IP:10.0.0.0/255.0.0.0"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    theft.is_believed("IP:10.1.2.3", "-verify_ip 10.1.2.3").expect("the forgery is one");
    theft.is_believed("DNS:localhost", "-verify_hostname localhost").expect("and so is this");
    let beyond = [
        ("DNS:bank.example", "-verify_hostname bank.example"),
        ("DNS:other.local", "-verify_hostname other.local"),
        ("DNS:*.example.com", "-verify_hostname www.example.com"),
        ("IP:8.8.8.8", "-verify_ip 8.8.8.8"),
        ("IP:172.32.0.1", "-verify_ip 172.32.0.1"),
        ("IP:2001:db8::1", "-verify_ip 2001:db8::1"),
        ("DNS:localhost,DNS:bank.example", "-verify_hostname bank.example"),
    ];
    for (san, check) in beyond {
        let refused = theft.is_believed(san, check).unwrap_err();
        assert!(refused.contains("permitted subtree violation"), "{san}: {refused}");
    }
}

#[test]
fn what_the_authority_has_signed_cannot_sign_itself() {
    let theft = Theft::commit();
    theft.openssl("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout sub.key -out sub.csr -subj /O=sub");
    std::fs::write(theft.office.beside("ca"), "basicConstraints=critical,CA:TRUE\n").unwrap();
    theft.openssl("x509 -req -in sub.csr -CA authority.pem -CAkey key.pem -days 30 -out sub.pem -extfile ca");
    theft.openssl("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout leaf.key -out leaf.csr -subj /O=x");
    std::fs::write(theft.office.beside("san"), "subjectAltName=IP:10.1.2.3\n").unwrap();
    theft.openssl("x509 -req -in leaf.csr -CA sub.pem -CAkey sub.key -days 30 -out leaf.pem -extfile san");
    let verified = theft.try_openssl("verify -CAfile authority.pem -untrusted sub.pem leaf.pem");
    let refused = String::from_utf8_lossy(&verified.stderr).into_owned();
    assert!(!verified.status.success() && refused.contains("path length constraint exceeded"), "{refused}");
}
