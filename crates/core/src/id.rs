//! Identities. Each kind of thing has an id type of its own, so that they cannot be mixed up.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Invalid;

macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// From a UUID that was made for this kind of thing.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// From the 16 bytes of its UUID.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The 16 bytes of its UUID.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// Its UUID.
            #[must_use]
            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                // Only the hyphenated form: one id has one spelling.
                if text.len() != 36 {
                    return Err(Invalid::new("id", "is not an id"));
                }
                Uuid::try_parse(text).map(Self).map_err(|_| Invalid::new("id", "is not an id"))
            }
        }
    };
}

typed_id!(
    /// A member of the office.
    PersonId
);
typed_id!(
    /// An event. UUIDv7, so that ids sort by their time of creation.
    EventId
);
typed_id!(
    /// A paired browser, a desktop, or a program's token.
    DeviceId
);
typed_id!(
    /// One change of one event, that is one transaction; part of the key of a notice. UUIDv7.
    ChangeId
);
typed_id!(
    /// One press of "remind me later"; part of the key of what is shown again.
    SnoozeId
);
typed_id!(
    /// A notification: derived from its key, so that whoever makes it comes to the same id.
    NotificationId
);

impl NotificationId {
    /// The first 16 bytes of the BLAKE3 hash of the notification's key.
    #[must_use]
    pub fn of_key(key: &str) -> Self {
        let hash = blake3::hash(key.as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.as_bytes()[..16]);
        Self::from_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_from_its_text() {
        let id = NotificationId::of_key("v1|a|b|c|reminder|1800");
        assert_eq!(id.to_string().parse::<NotificationId>().unwrap(), id);
    }

    #[test]
    fn other_spellings_of_a_uuid_are_refused() {
        for text in ["", "x", "{0193a000-0000-7000-8000-000000000000}", "0193a00000007000800000000000000"] {
            assert!(text.parse::<EventId>().is_err(), "{text:?} must not be read as an id");
        }
    }

    #[test]
    fn the_id_of_a_key_never_changes() {
        // A joined desktop and the hub derive the same id, over versions too.
        let id = NotificationId::of_key("v1|e|T:0|p|reminder|300");
        assert_eq!(id.to_string(), NotificationId::of_key("v1|e|T:0|p|reminder|300").to_string());
        assert_ne!(id, NotificationId::of_key("v1|e|T:0|p|reminder|1800"));
    }
}
