//! Keeping what the hub makes of its clocks from one run of its program to the next.

use crate::error::Error;
use crate::store::Store;
use crate::table::reckoning::{self, Reckoning};

impl Store {
    /// What an earlier run made of its clocks, if one has said so.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn reckoning(&self) -> Result<Option<Reckoning>, Error> {
        self.read(|conn| Ok(reckoning::get(conn)?)).await
    }

    /// Keeps for the next run what this one makes of its clocks.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn keep_reckoning(&self, reckoning: Reckoning) -> Result<(), Error> {
        self.write(move |txn| Ok(reckoning::put(txn.conn, &reckoning)?)).await
    }
}
