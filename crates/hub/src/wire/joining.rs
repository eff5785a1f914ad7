//! Asking to be let in, on the wire.

use rappel_store::{OpenInvitations, Ticket};
use serde::{Deserialize, Serialize};

use super::access::DeviceItem;
use super::person::PersonItem;

/// The invitations for everybody that still work. Their secrets are shown when they are made, and
/// never again.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OpenInvitationsItem {
    /// How many links.
    #[cfg_attr(test, ts(type = "number"))]
    pub count: u64,
    /// Until when the last of them works.
    pub last_expires_at: Option<String>,
}

impl From<OpenInvitations> for OpenInvitationsItem {
    fn from(open: OpenInvitations) -> Self {
        Self { count: open.count, last_expires_at: open.last_expires_at.map(|at| at.to_string()) }
    }
}

/// A link's secret or a short code, to learn what it is good for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct TicketInput {
    /// The link's secret, or the short code.
    pub code: String,
}

/// What a link or a short code is good for.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct TicketItem {
    /// `personal`: it lets its person in. `open`: one may ask to be let in.
    #[cfg_attr(test, ts(type = "\"personal\" | \"open\""))]
    pub kind: &'static str,
    /// What the office calls itself.
    pub office: String,
    /// Whose it is, if it is somebody's.
    pub name: Option<String>,
    /// The people whom nobody is yet on any device, by name; empty for a personal one.
    pub people: Vec<TicketPerson>,
}

/// Somebody one could be.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct TicketPerson {
    /// Identity.
    pub id: String,
    /// As colleagues call them.
    pub name: String,
}

impl TicketItem {
    pub(crate) fn new(ticket: Ticket, office: String) -> Self {
        match ticket {
            Ticket::Personal(person) => Self { kind: "personal", office, name: Some(person.name), people: Vec::new() },
            Ticket::Open(people) => {
                let people = people
                    .into_iter()
                    .map(|person| TicketPerson { id: person.id.to_string(), name: person.name })
                    .collect();
                Self { kind: "open", office, name: None, people }
            }
        }
    }
}

/// The wish to be let in, by somebody whom the hub does not know.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct JoinInput {
    /// The link or code of an invitation for everybody; without one, one asks as a stranger.
    pub code: Option<String>,
    /// One of the people of the invitation.
    pub person_id: Option<String>,
    /// As one is called; required where no person is chosen.
    pub name: Option<String>,
    /// What the device is: shown to whoever decides.
    pub device_name: Option<String>,
    /// An earlier wish of the same browser, which this one takes the place of.
    #[cfg_attr(test, ts(as = "Option<JoinTicket>"))]
    pub replaces: Option<super::Object<JoinTicket>>,
}

/// A wish to be let in, as its browser knows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct JoinTicket {
    /// Which.
    pub id: String,
    /// What proves that it is one's own.
    pub secret: String,
}

/// A wish that now waits. Its secret is shown this once.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct JoinAsked {
    /// Which.
    pub id: String,
    /// What proves that it is one's own.
    pub secret: String,
    /// Until when it waits.
    pub expires_at: String,
}

/// The proof that a wish is one's own.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct JoinSecret {
    /// As it was shown once.
    pub secret: String,
}

/// Where a wish stands. Accepted, it signs the asking browser in with this answer, once.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct JoinStatus {
    /// Where it stands.
    #[cfg_attr(test, ts(type = "\"waiting\" | \"accepted\" | \"declined\" | \"expired\""))]
    pub state: &'static str,
    /// Once accepted: who one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonItem>,
    /// Once accepted: the device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceItem>,
    /// Once accepted, for programs only: a page never sees its token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Once accepted, for desktops only: which hub this is, by which they find it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hub_id: Option<String>,
}

impl JoinStatus {
    pub(crate) fn of(state: &'static str) -> Self {
        Self { state, person: None, device: None, token: None, hub_id: None }
    }
}

/// Somebody waits to be let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "JoinRequest"))]
pub struct JoinRequestItem {
    /// Which.
    pub id: String,
    /// The name they typed, or that of the person they chose.
    pub name: String,
    /// What their device says it is.
    pub device_name: String,
    /// The person they chose from the invitation; null where they typed a name.
    pub person_id: Option<String>,
    /// Somebody of the team whose name reads like the typed one.
    pub looks_like: Option<String>,
    /// Whether they have the link or code of an invitation for everybody.
    pub invited: bool,
    /// Since when they wait.
    pub asked_at: String,
    /// Until when they wait.
    pub expires_at: String,
}

/// Those who wait.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct JoinRequestList {
    /// In the order in which they came.
    pub requests: Vec<JoinRequestItem>,
}

/// Who somebody is who is let in; left out, the person they chose, else somebody new by the name
/// they typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct AcceptInput {
    /// Somebody of the office.
    pub person_id: Option<String>,
    /// Somebody new, a member, by this name.
    pub name: Option<String>,
}
