//! What a desktop has shown: the durable side of "at most one popup for each notification".
//!
//! A file of its own, beside nothing else: it belongs to the device, not to the office. Every call
//! blocks until it is durable, a few milliseconds: call it from a thread that may block. It knows
//! ids and places in a history; what a notification says, and whether it is to be shown, it does
//! not know.
//!
//! The order that makes the promise hold: [`Ledger::record_showing`], ask the OS for the popup with
//! the notification's id as its tag, [`Ledger::record_shown`], [`Ledger::advance`]. What is still
//! [`PopupState::Showing`] when the program starts may or may not have been seen: it is shown again
//! under the same tag.

use std::path::Path;

use rappel_core::{NotificationId, PersonId, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use crate::HubIdentity;
use crate::connection::open_writer;
use crate::error::{Error, OpenError};
use crate::migrate::POPUPS;

/// How far a desktop is done with its person's notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The last notification that was taken care of; 0 before the first.
    pub seq: u64,
    /// Its id, where it is known: a hub that has another one there has another history.
    pub last_id: Option<NotificationId>,
    /// The last change that was taken care of.
    pub change: u64,
}

/// What became of a notification on this desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PopupState {
    /// The OS was, or was about to be, asked for it.
    Showing,
    /// The OS has taken it.
    Shown,
    /// It is over: it was closed, or must never be shown.
    Closed,
}

impl PopupState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Showing => "showing",
            Self::Shown => "shown",
            Self::Closed => "closed",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Showing, Self::Shown, Self::Closed].into_iter().find(|state| state.as_str() == text)
    }
}

/// The ledger. It can be sent to another thread, and is used by one at a time.
#[derive(Debug)]
pub struct Ledger {
    conn: Connection,
}

impl Ledger {
    /// Opens the file, making it where it is missing.
    ///
    /// # Errors
    /// When the file is damaged, newer, another program's, or cannot be used.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Ok(Self { conn: open_writer(path, &POPUPS, None)? })
    }

    /// Says whose notifications are followed from now on. With another hub, a hub restored from a
    /// backup (another epoch), or another person, the cursor is forgotten; what was shown is not.
    /// The answer is whether the cursor was forgotten.
    ///
    /// # Errors
    /// Only when the file cannot be used.
    pub fn follow(&mut self, hub: HubIdentity, person: PersonId) -> Result<bool, Error> {
        let txn = self.conn.transaction()?;
        let is_same: bool = txn.query_row(
            "SELECT EXISTS (SELECT 1 FROM source WHERE hub_id = ?1 AND epoch = ?2 AND person_id = ?3)",
            params![hub.id.as_bytes(), hub.epoch, person.as_bytes()],
            |row| row.get(0),
        )?;
        if is_same {
            return Ok(false);
        }
        txn.execute(
            "INSERT OR REPLACE INTO source (id, hub_id, epoch, person_id) VALUES (1, ?1, ?2, ?3)",
            params![hub.id.as_bytes(), hub.epoch, person.as_bytes()],
        )?;
        let forgotten = txn.execute("DELETE FROM cursor", [])?;
        txn.commit()?;
        Ok(forgotten > 0)
    }

    /// How far this desktop is done; `None` before it was ever connected.
    ///
    /// # Errors
    /// Only when the file cannot be used.
    pub fn cursor(&self) -> Result<Option<Cursor>, Error> {
        let cursor = self.conn.prepare_cached("SELECT seq, last_id, change FROM cursor")?.query_row([], |row| {
            let last_id = row.get::<_, Option<_>>(1)?.map(NotificationId::from_bytes);
            Ok(Cursor { seq: row.get(0)?, last_id, change: row.get(2)? })
        });
        Ok(cursor.optional()?)
    }

    /// Records that everything up to here is taken care of. It never goes back: a lower `seq` or
    /// `change` than before leaves that one as it is.
    ///
    /// # Errors
    /// Only when the file cannot be used.
    pub fn advance(&self, seq: u64, last_id: Option<NotificationId>, change: u64) -> Result<(), Error> {
        self.conn
            .prepare_cached(
                "INSERT INTO cursor (id, seq, last_id, change) VALUES (1, ?1, ?2, ?3)
                 ON CONFLICT (id) DO UPDATE SET
                     last_id = CASE WHEN excluded.seq > seq THEN excluded.last_id
                                    WHEN excluded.seq = seq THEN coalesce(excluded.last_id, last_id)
                                    ELSE last_id END,
                     seq = max(seq, excluded.seq), change = max(change, excluded.change)",
            )?
            .execute(params![seq, last_id.as_ref().map(NotificationId::as_bytes), change])?;
        Ok(())
    }

    /// Forgets the cursor: the hub does not know it any more. What was shown is not forgotten.
    ///
    /// # Errors
    /// Only when the file cannot be used.
    pub fn forget_cursor(&self) -> Result<(), Error> {
        self.conn.execute("DELETE FROM cursor", [])?;
        Ok(())
    }

    /// What became of a notification here; `None` when it was never to be shown, or long ago.
    ///
    /// # Errors
    /// Only when the file cannot be used.
    pub fn state(&self, id: NotificationId) -> Result<Option<PopupState>, Error> {
        let state: Option<String> = self
            .conn
            .prepare_cached("SELECT state FROM popup WHERE notification_id = ?1")?
            .query_row([id.as_bytes()], |row| row.get(0))
            .optional()?;
        // The table's CHECK lets no other text in.
        Ok(state.as_deref().and_then(PopupState::parse))
    }

    /// Whether the notification was shown, or is over without that: it is not to be shown (again).
    ///
    /// # Errors
    /// Only when the file cannot be used.
    pub fn is_shown(&self, id: NotificationId) -> Result<bool, Error> {
        Ok(match self.state(id)? {
            Some(PopupState::Shown | PopupState::Closed) => true,
            Some(PopupState::Showing) | None => false,
        })
    }

    /// Records that the OS is about to be asked for this popup. The answer is whether it may be:
    /// false when it was shown or closed before.
    ///
    /// # Errors
    /// Only when the file cannot be used; then the OS must not be asked.
    pub fn record_showing(&self, id: NotificationId, now: Timestamp) -> Result<bool, Error> {
        self.conn
            .prepare_cached(
                "INSERT INTO popup (notification_id, state, recorded_at_ms) VALUES (?1, 'showing', ?2)
                 ON CONFLICT (notification_id) DO NOTHING",
            )?
            .execute(params![id.as_bytes(), now.as_ms()])?;
        Ok(!self.is_shown(id)?)
    }

    /// Records that the OS has taken the popup. One that is closed stays closed.
    ///
    /// # Errors
    /// Only when the file cannot be used.
    pub fn record_shown(&self, id: NotificationId, now: Timestamp) -> Result<(), Error> {
        self.record(id, PopupState::Shown, now)
    }

    /// Records that the popup is over, or must never be shown: acted upon here or elsewhere, or no
    /// longer true.
    ///
    /// # Errors
    /// Only when the file cannot be used.
    pub fn record_closed(&self, id: NotificationId, now: Timestamp) -> Result<(), Error> {
        self.record(id, PopupState::Closed, now)
    }

    /// What the OS was asked for without an answer that was recorded, the oldest first: to be shown
    /// again under the same tag, or recorded as closed.
    ///
    /// # Errors
    /// Only when the file cannot be used.
    pub fn showing(&self) -> Result<Vec<NotificationId>, Error> {
        let ids = self
            .conn
            .prepare_cached(
                "SELECT notification_id FROM popup WHERE state = 'showing' ORDER BY recorded_at_ms, notification_id",
            )?
            .query_map([], |row| row.get(0).map(NotificationId::from_bytes))?
            .collect::<Result<_, _>>()?;
        Ok(ids)
    }

    /// Forgets all but the latest `count`; the answer is how many that were. It is not for a clock to
    /// say what is old: one that is wrong would have everything forgotten, and shown again.
    ///
    /// # Errors
    /// Only when the file cannot be used.
    pub fn keep_latest(&self, count: u32) -> Result<usize, Error> {
        Ok(self.conn.execute(
            "DELETE FROM popup WHERE notification_id IN
                 (SELECT notification_id FROM popup ORDER BY recorded_at_ms DESC LIMIT -1 OFFSET ?1)",
            [count],
        )?)
    }

    fn record(&self, id: NotificationId, state: PopupState, now: Timestamp) -> Result<(), Error> {
        self.conn
            .prepare_cached(
                "INSERT INTO popup (notification_id, state, recorded_at_ms) VALUES (?1, ?2, ?3)
                 ON CONFLICT (notification_id) DO UPDATE SET state = excluded.state, recorded_at_ms = excluded.recorded_at_ms
                     WHERE state <> 'closed'",
            )?
            .execute(params![id.as_bytes(), state.as_str(), now.as_ms()])?;
        Ok(())
    }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
