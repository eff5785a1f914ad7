//! How the hub is, for whoever runs it.

use chrono::TimeDelta;
use rappel_core::Timestamp;
use rappel_store::{Claimed, Error, Store};
use serde::{Deserialize, Serialize};

use crate::hub::Hub;
use crate::identity::key_of;
use crate::wire::TroubleItem;
use crate::wire::copies::CopyFailureItem;

/// How far back reminders are counted.
const COUNTED: TimeDelta = TimeDelta::days(30);

/// How the hub is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Status {
    /// Whether it is running.
    pub running: bool,
    /// The program's version.
    pub version: String,
    /// The version of the store's schema.
    pub schema: u32,
    /// One more with each restore of a backup.
    pub epoch: u64,
    /// When the last backup was written.
    pub last_backup_at: Option<String>,
    /// When the hub last made a copy by itself, or an admin had it make one.
    pub last_copy_at: Option<String>,
    /// Why the last try to make one failed, if it did.
    pub copy_failure: Option<CopyFailureItem>,
    /// Where it is reached.
    pub address: Option<String>,
    /// When another machine first reached it there.
    pub reached_since: Option<String>,
    /// SHA-256 of the public key by which it is known, in base64url.
    pub fingerprint: String,
    /// Seconds since it started.
    pub uptime_seconds: Option<u64>,
    /// `steady`, or `doubted` while a leap ahead has not held for long enough: then the earlier
    /// reckoning goes on.
    pub clock: Option<String>,
    /// The time zone data that this program uses.
    pub zone_data: ZoneDataStatus,
    /// Active people.
    pub people: usize,
    /// Paired devices and tokens.
    pub devices: usize,
    /// Devices with an open session.
    pub connected: usize,
    /// Why nothing can be stored at present, if that is so: no reminder is told meanwhile.
    pub trouble: Option<TroubleItem>,
    /// When the next reminder is due.
    pub next_due_at: Option<String>,
    /// Since the start: reminders that were told.
    pub fired: usize,
    /// Of these, told late.
    pub late: usize,
    /// Since the start: reminders that could not be told in time.
    pub missed: usize,
    /// Since the start: reminders that another one said.
    pub collapsed: usize,
    /// Since the start: reminders whose notice had said it.
    pub skipped: usize,
    /// Of the reminders that were due in the last 30 days, whatever ran meanwhile.
    pub last_30_days: Counts,
}

/// How many reminders ended in which way.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Counts {
    /// Told.
    pub fired: usize,
    /// Of these, told late.
    pub late: usize,
    /// Not told in time.
    pub missed: usize,
    /// Said by another one.
    pub collapsed: usize,
    /// Said by a notice before.
    pub skipped: usize,
}

impl From<Claimed> for Counts {
    fn from(Claimed { fired, late, missed, collapsed, skipped, .. }: Claimed) -> Self {
        Self { fired, late, missed, collapsed, skipped }
    }
}

/// Which time zone data.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ZoneDataStatus {
    /// Their edition: `2026e`.
    pub version: String,
    /// `binary`, or the system's directory.
    pub source: String,
}

impl ZoneDataStatus {
    fn in_use() -> Self {
        let data = rappel_core::zone_data::in_use();
        Self { version: data.version, source: data.source.to_string() }
    }
}

/// How it is; `hub` is the running one, if it is this process.
pub(crate) async fn status(store: &Store, hub: Option<&Hub>, now: Timestamp) -> Result<Status, Error> {
    let totals = hub.map(Hub::totals).unwrap_or_default();
    Ok(Status {
        running: hub.is_some(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        schema: rappel_store::schema_version(),
        epoch: store.identity().epoch,
        last_backup_at: store.last_backup_at().await?.map(|at| at.to_string()),
        last_copy_at: store.last_copy_at().await?.map(|at| at.to_string()),
        copy_failure: hub.and_then(|hub| hub.copying().failure()).map(Into::into),
        address: hub.map(Hub::base_url),
        reached_since: hub.and_then(|hub| hub.arrivals().since()).map(|at| at.to_string()),
        fingerprint: key_of(store).await?.pin().to_string(),
        uptime_seconds: hub.map(Hub::uptime_seconds),
        clock: hub.map(|hub| if hub.clock().is_doubted() { "doubted" } else { "steady" }.to_owned()),
        zone_data: ZoneDataStatus::in_use(),
        people: store.people().await?.iter().filter(|person| person.active).count(),
        devices: store.devices(None).await?.len(),
        connected: hub.map_or(0, |hub| hub.dispatch().devices_connected()),
        trouble: hub.and_then(Hub::trouble),
        next_due_at: store.next_due().await?.map(|due| due.to_string()),
        fired: totals.fired,
        late: totals.late,
        missed: totals.missed,
        collapsed: totals.collapsed,
        skipped: totals.skipped,
        last_30_days: store.decided_since(now - COUNTED).await?.into(),
    })
}
