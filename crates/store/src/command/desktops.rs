//! How a desktop with a key of its own gets in: by a link's secret, or by a short code that both
//! ends have proven to know without sending it.

use rappel_core::Timestamp;
use uuid::Uuid;

use crate::command::access::Paired;
use crate::error::Error;
use crate::store::Store;
use crate::table::device::DeviceKind;
use crate::table::invitation;

/// An open short code, as far as the hub knows it.
#[derive(Clone, Copy)]
pub struct TypedCode {
    /// Whose invitation it is.
    pub invitation: Uuid,
    /// The hash of the code in its one spelling.
    pub hash: [u8; 32],
}

impl Store {
    /// Turns an invitation into a desktop that has proven to have the key with this hash; its token
    /// is good together with that key only.
    ///
    /// # Errors
    /// [`Error::InvitationRefused`].
    pub async fn redeem_with_key(
        &self,
        code: String,
        key_hash: [u8; 32],
        name: String,
        now: Timestamp,
    ) -> Result<Paired, Error> {
        // A wrong guess is counted, and so must not undo the transaction.
        self.write(move |txn| match txn.open_invitation(code.trim(), now)? {
            None => Ok(None),
            Some(invitation) => txn.accept(&invitation, DeviceKind::Desktop, Some(key_hash), name, now).map(Some),
        })
        .await?
        .ok_or(Error::InvitationRefused)
    }

    /// The open short code with this selector.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn code_of(&self, selector: String, now: Timestamp) -> Result<Option<TypedCode>, Error> {
        self.read(move |conn| {
            let found = invitation::by_selector(conn, &selector, now)?;
            Ok(found.map(|found| TypedCode { invitation: found.id, hash: found.code_hash }))
        })
        .await
    }

    /// As [`Store::redeem_with_key`], for whoever has proven to know the invitation's short code,
    /// if it is still open.
    ///
    /// # Errors
    /// [`Error::InvitationRefused`].
    pub async fn redeem_proven(
        &self,
        invitation: Uuid,
        key_hash: [u8; 32],
        name: String,
        now: Timestamp,
    ) -> Result<Paired, Error> {
        self.write(move |txn| {
            let open = invitation::with_open_code(txn.conn, invitation, now)?.ok_or(Error::InvitationRefused)?;
            txn.accept(&open, DeviceKind::Desktop, Some(key_hash), name, now)
        })
        .await
    }

    /// Counts a wrong guess of an invitation's short code.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn count_wrong_code(&self, invitation: Uuid) -> Result<(), Error> {
        self.write(move |txn| Ok(invitation::count_wrong_try(txn.conn, invitation)?)).await
    }
}
