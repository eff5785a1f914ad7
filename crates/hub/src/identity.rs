//! By what the hub is known: its key, made when its store is opened for the first time.

use rappel_store::{Error, HubKey, Store};

use crate::key::{Key, KeyError};

/// What stands in the certificate: anybody on the network can read it.
const NAME: &str = "Rappel";

/// The hub's key, which stays with its data.
///
/// # Errors
/// When the store cannot be used, or no key can be made.
pub(crate) async fn key_of(store: &Store) -> Result<Key, Error> {
    let failed = |error: KeyError| Error::Internal(error.to_string().into());
    let kept = match store.hub_key().await? {
        Some(kept) => kept,
        None => {
            let new = Key::generate(NAME).map_err(failed)?;
            let new = HubKey { private_key: new.private_key().to_vec(), certificate: new.certificate().to_vec() };
            store.keep_hub_key(new).await?
        }
    };
    Key::from_der(kept.private_key, kept.certificate).map_err(failed)
}
