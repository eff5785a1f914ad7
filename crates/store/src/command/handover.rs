//! The hub moves to another desktop: what is written before the last copy is made.

use rappel_core::{DeviceId, Timestamp};

use crate::command::access::Paired;
use crate::error::Error;
use crate::store::{By, Store};
use crate::table::device::{self, DeviceKind};

impl Store {
    /// Notes that everything is given to a desktop that is to be the hub, and lets this machine's
    /// own desktop in as one that joined, with the key that has this hash: so that the hub that
    /// follows knows it. `None` where this machine has no desktop.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`crate::Conflict::NoHeir`] when that desktop cannot be the hub.
    pub async fn prepare_handover(
        &self,
        to: DeviceId,
        address: Option<String>,
        own_key_hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<Paired>, Error> {
        self.write(move |txn| {
            txn.require_heir(to)?;
            txn.note_given(&By::Hub, to, address.as_deref(), now)?;
            let Some(local) = device::local(txn.conn)? else { return Ok(None) };
            let paired =
                txn.pair(local.person, DeviceKind::Desktop, false, Some(own_key_hash), local.name.clone(), now)?;
            txn.audit_device(&By::Hub, "device.create", paired.device.id, now)?;
            Ok(Some(paired))
        })
        .await
    }

    /// This machine's own desktop, once it was signed in.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn local_desktop(&self) -> Result<Option<DeviceId>, Error> {
        self.read(|conn| Ok(device::local(conn)?.map(|device| device.id))).await
    }
}
