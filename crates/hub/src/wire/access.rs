//! Devices, invitations and pairing on the wire.

use rappel_store::{Device, DeviceKind};
use serde::{Deserialize, Serialize};

use super::person::PersonItem;

/// A paired browser, a desktop, or a program's token.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Device"))]
pub struct DeviceItem {
    /// Identity.
    pub id: String,
    /// For whom it acts.
    pub person_id: String,
    /// As its person calls it.
    pub name: String,
    /// What it is.
    #[cfg_attr(test, ts(type = "\"browser\" | \"desktop\" | \"token\""))]
    pub kind: &'static str,
    /// When it was paired.
    pub created_at: String,
    /// When it was last heard of, to the minute.
    pub last_seen_at: Option<String>,
    /// Whether it has a session open at present.
    pub connected: bool,
}

impl DeviceItem {
    pub(crate) fn new(device: &Device, connected: bool) -> Self {
        Self {
            id: device.id.to_string(),
            person_id: device.person.to_string(),
            name: device.name.clone(),
            kind: DeviceKind::as_str(device.kind),
            created_at: device.created_at.to_string(),
            last_seen_at: device.last_seen_at.map(|at| at.to_string()),
            connected,
        }
    }
}

/// Devices in the order of their creation.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DeviceList {
    /// In the order of their creation.
    pub devices: Vec<DeviceItem>,
}

/// The only time that an invitation's secrets are shown.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Invitation {
    /// To be opened in the invited person's browser.
    pub link: String,
    /// Until when the link works.
    pub link_expires_at: String,
    /// To be typed instead.
    pub code: String,
    /// Until when the code works.
    pub code_expires_at: String,
    /// The link as a QR code: a row of `1` (dark) and `0` each, without the quiet zone.
    pub qr: Vec<String>,
}

/// By what the hub is known.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "HubIdentity"))]
pub struct HubIdentityItem {
    /// Stays with the data.
    pub id: String,
    /// One more with each restore of a backup.
    #[cfg_attr(test, ts(type = "number"))]
    pub epoch: u64,
    /// The program's version.
    pub version: &'static str,
    /// SHA-256 of the public key that desktops know it by, in base64url.
    pub fingerprint: String,
}

/// What the hub says of itself to any desktop, as on the network: what it is called and known by.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeHintItem {
    /// Which hub.
    pub id: String,
    /// What its office calls itself.
    pub name: String,
}

/// The wish to call the office otherwise.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficePatch {
    /// As its people call it.
    pub name: String,
}

/// The wish to turn an invitation into a device.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PairInput {
    /// The link's secret, or the short code.
    pub code: String,
    /// As its person will call it.
    pub device_name: String,
}

/// Another name for a device.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DevicePatchInput {
    /// As its person calls it.
    pub name: String,
}

/// A device that has just been paired.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Paired {
    /// For whom it acts.
    pub person: PersonItem,
    /// The device.
    pub device: DeviceItem,
    /// For programs only: a page never sees its token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// For desktops only: which hub this is, by which they find it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hub_id: Option<String>,
}

/// A desktop's first word when it pairs by a typed code.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairStartInput {
    /// The code's first four characters, in capitals.
    pub selector: String,
    /// The desktop's message of the exchange, in base64url.
    pub message: String,
}

/// The hub's word in return.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PairStarted {
    /// The hub's message of the exchange, in base64url.
    pub message: String,
}

/// The proof that the desktop knows the code.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairFinishInput {
    /// In base64url.
    pub proof: String,
    /// As its person will call it.
    pub device_name: String,
}

/// A desktop that has just been paired by a typed code; or, by the code of an invitation for
/// everybody, one that knows the hub by now and may ask to be let in.
#[derive(Debug, Clone, Serialize)]
pub struct PairFinished {
    /// Once paired: for whom it acts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonItem>,
    /// Once paired: the device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceItem>,
    /// Once paired: good together with the desktop's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Which hub this is, by which the desktop finds it again.
    pub hub_id: String,
    /// The proof that the hub knows the code, in base64url.
    pub proof: String,
}
