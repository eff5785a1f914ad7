//! How a desktop gets into the office of a hub elsewhere: by a link, or by a typed code.
//!
//! A link names the hub's key, so that nobody else is told anything. A code does not: whoever
//! answers is taken at first, and both ends prove that they know the code and see the same two
//! keys, before the desktop is let in.

use std::path::Path;

use axum::http::uri::Authority;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rappel_core::PersonId;
use rappel_hub::JoinLink;
use rappel_hub::key::{Key, Pin};
use rappel_hub::succession::{Connector, Membership};
use rappel_hub::typed_code::{Code, End, Exchange};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::asking::{Guest, Ticket};
use crate::calls::Caller;
use crate::{Answer, LinkError, Request};

/// Where a hub listens unless it was told otherwise.
pub(crate) const DEFAULT_PORT: u16 = 7710;
/// The kind of an invitation for everybody.
const OPEN: &str = "open";
/// What stands in a desktop's certificate.
pub(crate) const NAME: &str = "Rappel desktop";

/// A device that was just paired, as far as a desktop needs to know.
#[derive(Deserialize)]
struct Paired {
    person: Identified<PersonId>,
    device: Identified<String>,
    token: String,
    hub_id: Uuid,
}

/// The end of an exchange: with the hub's proof, and with a device unless the code was one for
/// everybody.
#[derive(Deserialize)]
struct Finished {
    proof: String,
    hub_id: Uuid,
    person: Option<Identified<PersonId>>,
    device: Option<Identified<String>>,
    token: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Identified<T> {
    pub(crate) id: T,
}

/// How far an invitation has led.
pub(crate) enum Joined {
    Member(Box<Membership>),
    /// It is one for everybody.
    Guest(Box<Guest>),
}

#[derive(Deserialize)]
struct Started {
    message: String,
}

/// A pairing under way, on one line from its first word to its last.
struct Pairing {
    caller: Caller,
    address: String,
    key: Key,
    pin: Pin,
}

/// Joins by a link. Only the hub with the key that it names is told the secret.
pub(crate) async fn by_link(link: &str, device: &str, file: &Path, tasks: &TaskTracker) -> Result<Joined, LinkError> {
    let link: JoinLink = link.parse().map_err(|_| LinkError::NotALink)?;
    let pairing = Pairing::begin(link.address().to_owned(), Some(link.pin), tasks).await?;
    let (ticket, pairing): (Ticket, _) = pairing.ask("/api/join/ticket", json!({ "code": link.secret })).await?;
    if ticket.kind == OPEN {
        return Ok(pairing.guest(ticket, link.secret, device, file));
    }
    let (paired, pairing) = pairing.ask("/api/pair", json!({ "code": link.secret, "device_name": device })).await?;
    Ok(pairing.member(paired))
}

/// Joins by a code that somebody read out, at an address such as `192.168.1.10` or `hub.local:7710`.
pub(crate) async fn by_code(
    address: &str,
    typed: &str,
    device: &str,
    file: &Path,
    tasks: &TaskTracker,
) -> Result<Joined, LinkError> {
    let code = Code::read(typed).ok_or(LinkError::NotACode)?;
    let pairing = Pairing::begin(with_port(address)?, None, tasks).await?;
    let (exchange, message) = Exchange::begin(End::Desktop, &code.hash(), pairing.key.pin(), pairing.pin);
    let message = json!({ "selector": code.selector, "message": URL_SAFE_NO_PAD.encode(message) });
    let (started, pairing): (Started, _) = pairing.ask("/api/pair/start", message).await?;
    let message = URL_SAFE_NO_PAD.decode(started.message).map_err(|_| LinkError::WrongKey)?;
    let agreed = exchange.agree(&message).ok_or(LinkError::WrongKey)?;
    let proof = URL_SAFE_NO_PAD.encode(agreed.proof(End::Desktop));
    let proof = json!({ "proof": proof, "device_name": device });
    let (finished, pairing): (Finished, _) = pairing.ask("/api/pair/finish", proof).await?;
    let proof = URL_SAFE_NO_PAD.decode(finished.proof).ok();
    let proof: Option<[u8; 32]> = proof.and_then(|proof| proof.try_into().ok());
    if !proof.is_some_and(|proof| agreed.is_proven(End::Hub, &proof)) {
        return Err(LinkError::WrongKey);
    }
    if let (Some(person), Some(device), Some(token)) = (finished.person, finished.device, finished.token) {
        return Ok(pairing.member(Paired { person, device, token, hub_id: finished.hub_id }));
    }
    // Whoever has proven to know the code may be told it.
    let (ticket, pairing): (Ticket, _) = pairing.ask("/api/join/ticket", json!({ "code": typed })).await?;
    Ok(pairing.guest(ticket, typed.to_owned(), device, file))
}

impl Pairing {
    async fn begin(address: String, expected: Option<Pin>, tasks: &TaskTracker) -> Result<Self, LinkError> {
        let key = Key::generate(NAME).map_err(|error| LinkError::Unreachable(error.to_string()))?;
        let line = Connector::new(&key, expected)?.connect(&address).await?;
        let pin = line.pin;
        let caller = Caller::begin(line, address.clone(), tasks).await?;
        Ok(Self { caller, address, key, pin })
    }

    async fn ask<T: DeserializeOwned>(self, path: &str, body: Value) -> Result<(T, Self), LinkError> {
        let asked = self.caller.call(&Request::post(path, Some(body)), None).await;
        let (answer, caller) = asked.map_err(|unanswered| unanswered.error)?;
        Ok((understand(answer)?, Self { caller, ..self }))
    }

    /// What is to be asked, where everybody is invited.
    fn guest(self, ticket: Ticket, code: String, device: &str, file: &Path) -> Joined {
        Joined::Guest(Box::new(Guest {
            office: ticket.office,
            people: ticket.people,
            address: self.address,
            pin: self.pin,
            key: self.key,
            code,
            device: device.to_owned(),
            file: file.to_owned(),
            asked: None,
        }))
    }

    /// What lasts of it.
    fn member(self, paired: Paired) -> Joined {
        Joined::Member(Box::new(Membership {
            addresses: vec![self.address],
            pin: self.pin,
            hub: paired.hub_id,
            epoch: 0,
            person: paired.person.id,
            device: paired.device.id,
            office: None,
            token: paired.token,
            key: self.key,
        }))
    }
}

pub(crate) fn understand<T: DeserializeOwned>(answer: Answer) -> Result<T, LinkError> {
    if answer.is_success() {
        return serde_json::from_value(answer.body).map_err(|error| LinkError::Unreachable(error.to_string()));
    }
    let message = answer.body["error"]["message"].as_str().unwrap_or("the hub does not let this desktop in");
    Err(match answer.status {
        403 => LinkError::NotLetIn,
        404 => LinkError::Gone,
        429 => LinkError::TooManyTries,
        _ => LinkError::Refused(message.to_owned()),
    })
}

/// Host and port of what somebody typed.
fn with_port(typed: &str) -> Result<String, LinkError> {
    let typed = typed.trim().trim_start_matches("http://").trim_start_matches("https://").trim_end_matches('/');
    // An IPv6 address may come without the brackets that keep it apart from a port.
    let typed = match typed.parse::<std::net::Ipv6Addr>() {
        Ok(address) => format!("[{address}]"),
        Err(_) => typed.to_owned(),
    };
    let authority: Option<Authority> = typed.parse().ok().filter(|_| !typed.contains('@'));
    let wrong = LinkError::NotAnAddress;
    let Some(authority) = authority else { return Err(wrong) };
    match authority.port_u16() {
        Some(_) => Ok(authority.to_string()),
        None if authority.as_str() == authority.host() => Ok(format!("{authority}:{DEFAULT_PORT}")),
        None => Err(wrong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_however_it_is_typed() {
        for (typed, address) in [
            ("192.168.1.10", "192.168.1.10:7710"),
            (" 192.168.1.10:7711 ", "192.168.1.10:7711"),
            ("http://192.168.1.10:7710/", "192.168.1.10:7710"),
            ("hub.local", "hub.local:7710"),
            ("fd00::1", "[fd00::1]:7710"),
            ("[fd00::1]:7711", "[fd00::1]:7711"),
        ] {
            assert_eq!(with_port(typed).expect("an address"), address, "{typed}");
        }
        for wrong in ["", "a b", "me@hub.local", "hub.local/join", "hub.local:99999"] {
            assert!(with_port(wrong).is_err(), "{wrong}");
        }
    }
}
