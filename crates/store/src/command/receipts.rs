//! What devices say of what they were sent. It never changes what they are sent.

use chrono::TimeDelta;
use rappel_core::{NotificationId, Timestamp};

use crate::error::Error;
use crate::store::{Caller, Store};
use crate::table::{device, receipt};

/// A device that remembers a sighting for longer than this remembers too much.
const SEEN_AT_MOST_AGO: TimeDelta = TimeDelta::days(30);

impl Store {
    /// Records that everything up to `seq` is safe on a device. A receipt never goes back.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn acknowledge(&self, caller: Caller, seq: u64, now: Timestamp) -> Result<(), Error> {
        self.write_keeping_access(move |txn| {
            if let Some(seq) = device::advance_acked(txn.conn, caller.device, seq)? {
                receipt::put(txn.conn, caller.device, seq, now)?;
            }
            Ok(())
        })
        .await
    }

    /// Records that notifications were before their person's eyes on a device, so long `ago`. The
    /// first time counts; those that are not this person's, or not there, are passed over.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn saw(
        &self,
        caller: Caller,
        ids: Vec<NotificationId>,
        ago: TimeDelta,
        now: Timestamp,
    ) -> Result<(), Error> {
        let at = now - ago.clamp(TimeDelta::zero(), SEEN_AT_MOST_AGO);
        self.write_keeping_access(move |txn| {
            for id in &ids {
                receipt::put_sighting(txn.conn, caller.actor.person, caller.device, *id, at)?;
            }
            Ok(())
        })
        .await
    }
}
