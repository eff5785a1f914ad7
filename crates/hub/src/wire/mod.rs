//! The contract's shapes: what goes over HTTP and WebSocket, apart from the domain's own types.
//!
//! The web view's types are generated from these. In answers instants are RFC 3339 in UTC with
//! milliseconds; what may be absent is `null`.

pub mod access;
pub mod audit;
pub mod copies;
pub mod event;
pub mod frame;
pub mod history;
pub mod joining;
pub mod notification;
pub mod person;
pub mod replica;
pub mod secure_office;
pub mod succession;

use std::fmt;
use std::marker::PhantomData;

use rappel_store::Trouble;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// More than most items have, in bytes.
const LENGTH: usize = 1024;

/// Writes an item of which many are written: at once into a place that is long enough.
pub(crate) fn to_json<T: Serialize>(item: &T) -> Result<String, serde_json::Error> {
    let mut text = Vec::with_capacity(LENGTH);
    serde_json::to_writer(&mut text, item)?;
    Ok(String::from_utf8(text).expect("BUG: JSON is text"))
}

/// Tells a field that was left out from one that is null: `None` is left out.
pub(crate) fn given<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// Reads a list that may be left out; null empties it.
pub(crate) fn given_list<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(|list| Some(list.unwrap_or_default()))
}

/// Reads a field that may be left out but cannot be emptied: null is no value of it.
pub(crate) fn not_null<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// A JSON object and nothing else: serde would also read a shape from a list of its fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(Fields(PhantomData))
    }
}

/// The body of every error.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ErrorBody {
    /// What went wrong.
    pub error: ErrorDetail,
}

/// What went wrong.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ErrorDetail {
    /// Stable, for programs.
    pub code: &'static str,
    /// For a person.
    pub message: String,
    /// The field that is wrong, if it is one.
    pub field: Option<String>,
}

/// Why a hub cannot store anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum TroubleItem {
    /// There is no space left on its disk.
    DiskFull,
    /// Its disk does not take or give data.
    Storage,
}

impl From<Trouble> for TroubleItem {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::DiskFull => Self::DiskFull,
            Trouble::Storage => Self::Storage,
        }
    }
}

/// Whether the hub is well: for anybody, so nothing personal.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Health {
    /// `ok`, or `trouble`.
    pub status: &'static str,
    /// Why nothing can be stored at present, if that is so.
    pub trouble: Option<TroubleItem>,
    /// The program's version.
    pub version: &'static str,
    /// The version of the store's schema.
    pub schema: u32,
    /// Seconds since the hub started.
    #[cfg_attr(test, ts(type = "number"))]
    pub uptime_seconds: u64,
}

#[cfg(test)]
mod typescript;
