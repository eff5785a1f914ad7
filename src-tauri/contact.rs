//! Whether the hub can be asked, and since when it cannot.

use rappel_link::{LinkError, Timestamp};
use serde::Serialize;

/// How it stands between this desktop and its hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(crate) enum Contact {
    /// Nobody has asked it for anything yet.
    Untried,
    /// A session is open.
    Open,
    /// It cannot be asked.
    Away {
        /// Since when, by this desktop's clock.
        #[serde(serialize_with = "as_text")]
        since: Timestamp,
        why: Why,
    },
}

/// Why the hub cannot be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Why {
    /// It does not answer.
    Silent,
    /// Another machine answers where it should be.
    WrongKey,
    /// It does not know this desktop any more.
    SignedOut,
}

impl Contact {
    /// Not in contact, from `now` on if it was until now.
    pub(crate) fn away(self, why: Why, now: Timestamp) -> Self {
        match self {
            Self::Away { since, .. } => Self::Away { since, why },
            Self::Untried | Self::Open => Self::Away { since: now, why },
        }
    }

    /// Whether it is known not to answer.
    pub(crate) fn is_away(self) -> bool {
        matches!(self, Self::Away { .. })
    }

    /// Whether the hub has said that this desktop is not of its office any more.
    pub(crate) fn is_signed_out(self) -> bool {
        matches!(self, Self::Away { why: Why::SignedOut, .. })
    }
}

impl Why {
    /// Why a hub that was asked gave no session.
    pub(crate) fn of(error: &LinkError) -> Self {
        match error {
            LinkError::WrongKey => Self::WrongKey,
            LinkError::SignedOut => Self::SignedOut,
            _ => Self::Silent,
        }
    }
}

fn as_text<S: serde::Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lasts_began_when_it_began() {
        let at = |s: i64| Timestamp::clamped_from_ms(1_800_000_000_000 + s * 1_000);
        let silent = Contact::Open.away(Why::Silent, at(0));
        assert_eq!(silent, Contact::Away { since: at(0), why: Why::Silent });
        let revoked = silent.away(Why::SignedOut, at(60));
        assert_eq!(revoked, Contact::Away { since: at(0), why: Why::SignedOut }, "it was away all the while");
        assert!(revoked.is_signed_out() && !silent.is_signed_out());
    }

    #[test]
    fn the_page_reads_it() {
        let since = Timestamp::parse_rfc3339("2026-11-23T09:00:00.000Z").expect("an instant");
        let away = serde_json::to_value(Contact::Away { since, why: Why::WrongKey }).expect("JSON");
        assert_eq!(away, serde_json::json!({"state": "away", "since": "2026-11-23T09:00:00.000Z", "why": "wrong_key"}));
        assert_eq!(serde_json::to_value(Contact::Open).expect("JSON"), serde_json::json!({"state": "open"}));
    }
}
