//! Pairing by a short code that is never sent: SPAKE2 (RFC 9382), bound to both ends' keys.
//!
//! Each end begins with what it holds the two keys of the line to be. Whoever stands between shows
//! each end a key of their own, so that the two come to different results, whatever is passed on;
//! and having seen it all they cannot try codes at home. Each exchange is one guess.
//!
//! The desktop proves first that it knows the code, so that a guess at the hub's end is always one
//! that the hub has counted.

use blake3::Hash;
use rappel_store::typed_code;
use spake2::{Ed25519Group, Identity, Password, Spake2};

use crate::key::Pin;

/// Which end of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The desktop at which the code is typed.
    Desktop,
    /// The hub that made it.
    Hub,
}

impl End {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Desktop => b"rappel desktop",
            Self::Hub => b"rappel hub",
        }
    }

    fn identity(self, pin: Pin) -> Identity {
        Identity::new(&[self.label(), pin.as_bytes()].concat())
    }
}

/// A code as somebody typed it.
#[derive(Clone)]
pub struct Code {
    /// Which invitation it is of; no secret.
    pub selector: String,
    hash: [u8; 32],
}

impl Code {
    /// Reads a code in any spelling; `None` when it cannot be one.
    #[must_use]
    pub fn read(typed: &str) -> Option<Self> {
        typed_code(typed).map(|(selector, hash)| Self { selector, hash })
    }

    /// What both ends know of it.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }
}

/// An exchange that has begun.
pub struct Exchange {
    end: Spake2<Ed25519Group>,
}

impl Exchange {
    /// Begins with the hash of the code and the keys of the line, as this end sees them; with the
    /// message for the other end.
    #[must_use]
    pub fn begin(end: End, code: &[u8; 32], desktop: Pin, hub: Pin) -> (Self, Vec<u8>) {
        let (desktop, hub) = (End::Desktop.identity(desktop), End::Hub.identity(hub));
        let password = Password::new(code);
        let (end, message) = match end {
            End::Desktop => Spake2::start_a(&password, &desktop, &hub),
            End::Hub => Spake2::start_b(&password, &desktop, &hub),
        };
        (Self { end }, message)
    }

    /// Takes the other end's message. `None` when it is none.
    #[must_use]
    pub fn agree(self, message: &[u8]) -> Option<Agreed> {
        let secret = self.end.finish(message).ok()?;
        Some(Agreed { key: blake3::derive_key("rappel: pairing by a typed code", &secret) })
    }
}

/// What one end has come to. Whether it is what the other has, their proof shows.
pub struct Agreed {
    key: [u8; 32],
}

impl Agreed {
    /// The proof that one end has come to this.
    #[must_use]
    pub fn proof(&self, end: End) -> [u8; 32] {
        self.expected(end).into()
    }

    /// Whether this is that end's proof; takes the same time for any.
    #[must_use]
    pub fn is_proven(&self, end: End, proof: &[u8; 32]) -> bool {
        self.expected(end) == Hash::from(*proof)
    }

    fn expected(&self, end: End) -> Hash {
        blake3::keyed_hash(&self.key, end.label())
    }
}

#[cfg(test)]
impl Agreed {
    /// Something that somebody came to, without the exchange.
    pub(crate) fn on(key: [u8; 32]) -> Self {
        Self { key }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(byte: u8) -> Pin {
        Pin::from_bytes([byte; 32])
    }

    /// What both ends come to, each with its code and with the keys that it sees.
    fn exchange(desktop: (&[u8; 32], Pin, Pin), hub: (&[u8; 32], Pin, Pin)) -> (Agreed, Agreed) {
        let (one, from_desktop) = Exchange::begin(End::Desktop, desktop.0, desktop.1, desktop.2);
        let (other, from_hub) = Exchange::begin(End::Hub, hub.0, hub.1, hub.2);
        (one.agree(&from_hub).unwrap(), other.agree(&from_desktop).unwrap())
    }

    fn is_proven((desktop, hub): &(Agreed, Agreed)) -> bool {
        let by_desktop = hub.is_proven(End::Desktop, &desktop.proof(End::Desktop));
        let by_hub = desktop.is_proven(End::Hub, &hub.proof(End::Hub));
        assert_eq!(by_desktop, by_hub);
        by_hub
    }

    #[test]
    fn ends_with_one_code_and_one_view_of_the_line_agree() {
        let code = Code::read("7kq2-m4xw-9tdc").unwrap().hash();
        let agreed = exchange((&code, pin(1), pin(2)), (&code, pin(1), pin(2)));
        assert!(is_proven(&agreed));
        assert!(!agreed.0.is_proven(End::Hub, &agreed.0.proof(End::Desktop)), "a proof sent back proves nothing");
    }

    #[test]
    fn another_code_or_another_key_on_the_line_does_not() {
        let code = |typed: &str| Code::read(typed).unwrap().hash();
        let (right, wrong) = (code("7KQ2-M4XW-9TDC"), code("7KQ2-M4XW-9TDD"));
        for other in
            [(wrong, pin(1), pin(2)), (right, pin(3), pin(2)), (right, pin(1), pin(3)), (right, pin(2), pin(1))]
        {
            assert!(!is_proven(&exchange((&right, pin(1), pin(2)), (&other.0, other.1, other.2))));
        }
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for message in [&[][..], &[0x41; 33], &[0x42; 32], &[0xff; 33]] {
            let (hub, _) = Exchange::begin(End::Desktop, &[0; 32], pin(1), pin(2));
            assert!(hub.agree(message).is_none(), "{message:?}");
        }
    }
}
