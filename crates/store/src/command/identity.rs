//! By what the hub is known: its key, made once.

use crate::error::Error;
use crate::store::Store;
use crate::table::hub_key::{self, HubKey};

impl Store {
    /// The hub's key, once it has one.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn hub_key(&self) -> Result<Option<HubKey>, Error> {
        self.read(|conn| Ok(hub_key::get(conn)?)).await
    }

    /// Keeps a key for good. The answer is the hub's key: an earlier one, where there is one.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn keep_hub_key(&self, key: HubKey) -> Result<HubKey, Error> {
        self.write(move |txn| match hub_key::get(txn.conn)? {
            Some(kept) => Ok(kept),
            None => {
                hub_key::insert(txn.conn, &key)?;
                Ok(key.clone())
            }
        })
        .await
    }
}
