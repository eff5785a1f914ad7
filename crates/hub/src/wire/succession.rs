//! Who keeps a copy of the hub, and handing it over, on the wire.

use rappel_store::Device;
use serde::{Deserialize, Serialize};

use crate::succession::Stage;

/// A desktop that keeps a copy, or could keep one, or be the hub.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Heir"))]
pub struct HeirItem {
    /// Which device.
    pub device_id: String,
    /// As its person calls it.
    pub name: String,
    /// Whose it is.
    pub person_id: String,
    /// Their name.
    pub person_name: String,
    /// Whether it could be asked at present.
    pub online: bool,
}

impl HeirItem {
    pub(crate) fn new(device: &Device, person_name: String, online: bool) -> Self {
        Self {
            device_id: device.id.to_string(),
            name: device.name.clone(),
            person_id: device.person.to_string(),
            person_name,
            online,
        }
    }
}

/// The desktop that keeps a daily copy.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Keeper"))]
pub struct KeeperItem {
    /// Which one.
    pub desktop: HeirItem,
    /// When it was chosen.
    pub chosen_at: String,
    /// When it last said that its copy is whole and on its disk; null: it has none yet.
    pub kept_at: Option<String>,
    /// How large that copy is.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub kept_bytes: Option<u64>,
}

/// A handover under way.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "HubHandover"))]
pub struct HandoverItem {
    /// Its number.
    pub id: String,
    /// The desktop that is to be the hub.
    pub device_id: String,
    /// How far it has come.
    pub stage: Stage,
}

/// How it stands with another computer that could be the hub.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Succession {
    /// Which desktop keeps a daily copy.
    pub keeper: Option<KeeperItem>,
    /// The desktops that can: those of admins that have joined.
    pub heirs: Vec<HeirItem>,
    /// The handover that is under way.
    pub handover: Option<HandoverItem>,
    /// Whether whoever asks sits at the hub itself: only from there it is moved.
    pub is_at_hub: bool,
}

/// Which desktop is meant.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct HeirInput {
    /// Which device.
    pub device_id: String,
}

/// What the hub wants of a device.
#[derive(Debug, Clone, Serialize)]
pub struct ErrandItem {
    /// It is to keep a daily copy.
    pub keep: bool,
    /// It is to be the hub: the handover's number.
    pub handover: Option<String>,
}

/// Where a desktop would serve, were it the hub.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceInput {
    /// The port; the address is the one that it calls from.
    pub port: u16,
}

/// A copy is whole and on the disk.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopyKeptInput {
    /// How large it is.
    pub bytes: u64,
}
