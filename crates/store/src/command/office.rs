//! The office itself: what it is called.

use rappel_core::Timestamp;
use rappel_core::authorize::Action;

use crate::error::Error;
use crate::store::{By, Store};
use crate::table::{audit, office};

impl Store {
    /// Calls the office by another name.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for whoever is no admin.
    pub async fn rename_office(&self, by: By, name: String, now: Timestamp) -> Result<(), Error> {
        self.write(move |txn| {
            by.require(Action::ManagePeople)?;
            if office::require(txn.conn)?.name == name {
                return Ok(());
            }
            office::set_name(txn.conn, &name)?;
            txn.committed.renamed = true;
            let detail = serde_json::json!({ "fields": ["name"] });
            let entry = audit::Entry { by: &by, action: "office.update", object: None, revision: None, detail };
            Ok(audit::append(txn.conn, now, &entry)?)
        })
        .await
    }
}
