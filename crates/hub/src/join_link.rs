//! The link by which somebody joins an office: `http://HOST:PORT/join#SECRET.PIN`.
//!
//! A browser opens it and posts the fragment back; a desktop reads where the hub is, what lets it in,
//! and by which key it knows that it is the hub that answers. The fragment is sent to nobody else.

use std::fmt;
use std::str::FromStr;

use axum::http::uri::Authority;

use crate::key::Pin;

/// Stands between the secret and the fingerprint: neither has one in it.
const BEFORE_PIN: char = '.';

/// A link to join with.
#[derive(Clone, PartialEq, Eq)]
pub struct JoinLink {
    /// Scheme, host and port.
    pub base_url: String,
    /// What lets the invited person in.
    pub secret: String,
    /// By which key the hub is known.
    pub pin: Pin,
}

impl JoinLink {
    /// Host and port.
    #[must_use]
    pub fn address(&self) -> &str {
        self.base_url.split_once("://").map_or(&self.base_url, |(_, address)| address)
    }
}

impl fmt::Display for JoinLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/join#{}{BEFORE_PIN}{}", self.base_url, self.secret, self.pin)
    }
}

impl fmt::Debug for JoinLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinLink").field("base_url", &self.base_url).field("pin", &self.pin).finish_non_exhaustive()
    }
}

/// The text is no link to join with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a link to join an office with")]
pub struct NotAJoinLink;

impl FromStr for JoinLink {
    type Err = NotAJoinLink;

    fn from_str(text: &str) -> Result<Self, NotAJoinLink> {
        let (base_url, fragment) = text.trim().split_once("/join#").ok_or(NotAJoinLink)?;
        let address = base_url.strip_prefix("http://").or_else(|| base_url.strip_prefix("https://"));
        let authority: Authority = address.and_then(|address| address.parse().ok()).ok_or(NotAJoinLink)?;
        if authority.port_u16().is_none() || authority.as_str().contains('@') {
            return Err(NotAJoinLink);
        }
        let (secret, pin) = fragment.split_once(BEFORE_PIN).ok_or(NotAJoinLink)?;
        let pin = pin.parse().map_err(|_| NotAJoinLink)?;
        if secret.is_empty() {
            return Err(NotAJoinLink);
        }
        Ok(Self { base_url: base_url.to_owned(), secret: secret.to_owned(), pin })
    }
}

/// The code in what a client took from a link's fragment, or had typed.
pub(crate) fn code_in(fragment: &str) -> &str {
    fragment.split(BEFORE_PIN).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> JoinLink {
        JoinLink {
            base_url: "http://192.168.1.10:7710".into(),
            secret: "Zk3uQ9-_x".into(),
            pin: Pin::from_bytes([7; 32]),
        }
    }

    #[test]
    fn a_link_is_read_as_it_is_written() {
        assert_eq!(format!(" {}\n", link()).parse(), Ok(link()));
        assert_eq!(link().address(), "192.168.1.10:7710");
        let v6 = JoinLink { base_url: "https://[fd00::1]:7710".into(), ..link() };
        assert_eq!(v6.to_string().parse::<JoinLink>().unwrap().address(), "[fd00::1]:7710");
    }

    #[test]
    fn what_is_no_link_is_refused() {
        let (text, pin) = (link().to_string(), link().pin);
        for wrong in [
            "",
            "7KQ2-M4XW-9TDC",
            "http://192.168.1.10:7710/join",
            "http://192.168.1.10:7710/join#Zk3uQ9",
            &text[..text.len() - 1],
            &format!("http://192.168.1.10:7710/join#.{pin}"),
            &format!("http://192.168.1.10/join#Zk3uQ9.{pin}"),
            &format!("ftp://192.168.1.10:7710/join#Zk3uQ9.{pin}"),
            &format!("http://me@192.168.1.10:7710/join#Zk3uQ9.{pin}"),
            &format!("http:///join#Zk3uQ9.{pin}"),
        ] {
            assert_eq!(wrong.parse::<JoinLink>(), Err(NotAJoinLink), "{wrong:?}");
        }
    }

    #[test]
    fn the_code_is_what_stands_before_the_pin() {
        let text = link().to_string();
        let fragment = text.split_once('#').unwrap().1;
        assert_eq!(code_in(fragment), "Zk3uQ9-_x");
        assert_eq!(code_in("7KQ2-M4XW-9TDC"), "7KQ2-M4XW-9TDC");
    }
}
