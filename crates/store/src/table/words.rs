//! The words in which something was told to several people.

use rappel_core::text::Text;
use rappel_core::{EventId, Timestamp};
use rusqlite::{Connection, params};

/// Writes words that several notifications will have; the answer is their number.
pub(crate) fn insert(
    conn: &Connection,
    event: EventId,
    text: &Text,
    snapshot: &str,
    now: Timestamp,
) -> rusqlite::Result<i64> {
    conn.prepare_cached(
        "INSERT INTO words (told_of, told_at_ms, of_title, of_message, of_event) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .insert(params![event.as_bytes(), now.as_ms(), text.title, text.message, snapshot])
}

/// Forgets words of before an instant that no notification has any more, at most `limit`; the answer is how many.
pub(crate) fn forget(conn: &Connection, before: Timestamp, limit: usize) -> rusqlite::Result<usize> {
    conn.prepare_cached(
        "DELETE FROM words WHERE number IN (
             SELECT number FROM words WHERE told_at_ms < ?1 AND NOT EXISTS (
                 SELECT 1 FROM notification WHERE event_id = told_of AND words_number = number)
             LIMIT ?2)",
    )?
    .execute(params![before.as_ms(), limit])
}
