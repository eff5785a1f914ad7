//! How a desktop with a key of its own gets in: by a link's secret, or by a short code that both
//! ends have proven to know without sending it.

use rappel_core::Timestamp;
use uuid::Uuid;

use crate::command::access::Paired;
use crate::error::Error;
use crate::store::Store;
use crate::table::device::DeviceKind;
use crate::table::{device, invitation, open_invitation, person};

/// An open short code, as far as the hub knows it.
#[derive(Clone, Copy)]
pub struct TypedCode {
    /// Which invitation it is of.
    pub invitation: Uuid,
    /// Whether that is one for everybody, with which one may only ask to be let in.
    pub is_open: bool,
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
            Some(invitation) => {
                txn.accept(&invitation, DeviceKind::Desktop, Some(key_hash), name.clone(), now).map(Some)
            }
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
            if let Some(found) = invitation::by_selector(conn, &selector, now)? {
                return Ok(Some(TypedCode { invitation: found.id, is_open: false, hash: found.code_hash }));
            }
            let found = open_invitation::by_selector(conn, &selector, now)?;
            Ok(found.map(|found| TypedCode { invitation: found.id, is_open: true, hash: found.code_hash }))
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
            txn.accept(&open, DeviceKind::Desktop, Some(key_hash), name.clone(), now)
        })
        .await
    }

    /// Counts a wrong guess of an invitation's short code.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn count_wrong_code(&self, invitation: Uuid) -> Result<(), Error> {
        self.write(move |txn| {
            invitation::count_wrong_try(txn.conn, invitation)?;
            Ok(open_invitation::count_wrong_try(txn.conn, invitation)?)
        })
        .await
    }

    /// The name of whoever sits at the desktop that the hub is in; `None` where it is in none.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn keeper(&self) -> Result<Option<String>, Error> {
        self.read(|conn| {
            let Some(desktop) = device::local(conn)? else { return Ok(None) };
            Ok(person::get(conn, desktop.person)?.map(|person| person.name))
        })
        .await
    }
}
