//! The tables: for each its row type, reading and writing. SQL lives here and nowhere else.

pub(crate) mod armed;
pub(crate) mod audit;
pub(crate) mod authority;
pub(crate) mod device;
pub(crate) mod event;
pub(crate) mod hub_key;
pub(crate) mod idempotency;
pub(crate) mod inbox;
pub(crate) mod invitation;
pub(crate) mod keeper;
pub(crate) mod notification;
pub(crate) mod office;
pub(crate) mod open_invitation;
pub(crate) mod person;
pub(crate) mod receipt;
pub(crate) mod reckoning;
pub(crate) mod references;
pub(crate) mod reminder;
pub(crate) mod snooze;
pub(crate) mod words;

use rappel_core::{Timestamp, Zone};
use rusqlite::types::{FromSqlError, Type};
use rusqlite::{Row, RowIndex};

/// Reads an instant.
pub(crate) fn timestamp<I: RowIndex>(row: &Row<'_>, column: I) -> rusqlite::Result<Timestamp> {
    row.get(column).map(Timestamp::clamped_from_ms)
}

/// Reads an instant that may be absent.
fn timestamp_opt<I: RowIndex>(row: &Row<'_>, column: I) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp::clamped_from_ms))
}

/// Reads JSON that this program wrote.
fn json<'a, T: serde::Deserialize<'a>>(text: &'a str) -> rusqlite::Result<T> {
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error)))
}

/// Writes JSON.
fn to_json<T: serde::Serialize>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

/// A text that only a damaged file could hold.
fn known<T, E>(value: Result<T, E>, column: &str) -> rusqlite::Result<T> {
    value.map_err(|_| damaged(column))
}

pub(crate) fn damaged(column: &str) -> rusqlite::Error {
    let error = FromSqlError::Other(format!("{column} holds what this version does not know").into());
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error))
}

/// A zone that was known when it was stored. If the zone database has dropped it since, UTC is
/// better than an event that cannot be read.
fn zone(name: &str) -> Zone {
    Zone::parse("time_zone", name).unwrap_or_else(|_| {
        tracing::error!(zone = name, "this time zone is no longer in the zone database; UTC is used");
        Zone::utc()
    })
}
