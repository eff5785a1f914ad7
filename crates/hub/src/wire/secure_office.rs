//! The secure office on the wire.

use serde::{Deserialize, Serialize};

use super::access::DeviceItem;
use super::not_null;
use super::person::PersonItem;

/// How browsers may reach the hub: for anybody, so nothing personal.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "SecureOffice"))]
pub struct SecureOfficeItem {
    /// Over HTTPS as well.
    pub on: bool,
    /// Over plain HTTP, for other machines; then at least for what is no administration.
    pub plain_http: bool,
    /// Whether nobody can read this call on its way: it came over TLS, or from the hub's machine.
    pub private: bool,
    /// Where the hub is over HTTPS: scheme, host and port.
    pub address: Option<String>,
    /// By whom browsers know the hub, once that was made.
    pub authority: Option<AuthorityItem>,
}

/// What is to be installed, and how it is recognised.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Authority"))]
pub struct AuthorityItem {
    /// As it stands in the lists of devices.
    pub name: String,
    /// SHA-256 of the certificate: `AB:CD:…`.
    pub fingerprint: String,
    /// SHA-1 of the certificate, which Windows shows.
    pub thumbprint: String,
    /// Until when it is good.
    pub expires_at: String,
}

/// Other switches; what is left out stays.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct SecureOfficePatch {
    /// Whether browsers are served over HTTPS.
    #[serde(default, deserialize_with = "not_null")]
    pub on: Option<bool>,
    /// Whether other machines may use plain HTTP.
    #[serde(default, deserialize_with = "not_null")]
    pub plain_http: Option<bool>,
}

/// A browser's wish to go on over HTTPS.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct HandoverInput {
    /// SHA-256 of the secret that it keeps, in base64url.
    pub challenge: String,
}

/// The way there.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Handover {
    /// To be shown there within a minute, once, with the secret.
    pub code: String,
}

/// A browser that has come over HTTPS.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ArrivalInput {
    /// What it got for the challenge.
    pub code: String,
    /// The secret.
    pub secret: String,
}

/// It is signed in.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Arrived {
    /// For whom it acts.
    pub person: PersonItem,
    /// The same device as before.
    pub device: DeviceItem,
}
