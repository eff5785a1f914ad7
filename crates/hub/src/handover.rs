//! Signed-in browsers on their way from plain HTTP to HTTPS.
//!
//! To a browser these are two sites: what it is signed in by at the one is not there at the other.
//! The plain page makes up a secret and shows the hub its hash alone; for that it gets a code, and
//! takes both along to the secure page, which names them. So whoever reads the plain line has the
//! code and not what it takes to use it (as in RFC 7636).

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rappel_core::DeviceId;
use sha2::{Digest, Sha256};

/// How long a browser may take: it goes there at once.
const LASTS: Duration = Duration::from_secs(60);
/// How many may be on their way; beyond it the oldest is forgotten.
const AT_ONCE: usize = 256;

/// Those on their way, oldest first.
#[derive(Default)]
pub(crate) struct Handovers(Mutex<VecDeque<Handover>>);

struct Handover {
    code: String,
    challenge: [u8; 32],
    device: DeviceId,
    begun_at: Instant,
}

impl Handovers {
    /// Lets a device set out, in place of an earlier try of its; the answer is its code. `challenge`
    /// is the SHA-256 of the secret that it keeps.
    ///
    /// # Errors
    /// When this machine has no random numbers.
    pub(crate) fn begin(
        &self,
        device: DeviceId,
        challenge: [u8; 32],
        now: Instant,
    ) -> Result<String, getrandom::Error> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        let code = URL_SAFE_NO_PAD.encode(bytes);
        let mut handovers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        handovers.retain(|handover| handover.device != device && now - handover.begun_at < LASTS);
        if handovers.len() >= AT_ONCE {
            handovers.pop_front();
        }
        handovers.push_back(Handover { code: code.clone(), challenge, device, begun_at: now });
        Ok(code)
    }

    /// The device that arrives with this code and secret, once. A wrong secret spoils nothing: who
    /// has only read the code must not keep the browser from arriving.
    pub(crate) fn take(&self, code: &str, secret: &str, now: Instant) -> Option<DeviceId> {
        let shown = blake3::Hash::from(<[u8; 32]>::from(Sha256::digest(secret)));
        let mut handovers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Hashes are compared in constant time.
        let is_it = |one: &Handover| one.code == code && shown == blake3::Hash::from(one.challenge);
        let place = handovers.iter().position(is_it)?;
        handovers.remove(place).filter(|one| now - one.begun_at < LASTS).map(|one| one.device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(number: u8) -> DeviceId {
        DeviceId::from_bytes([number; 16])
    }

    fn challenge(secret: &str) -> [u8; 32] {
        Sha256::digest(secret).into()
    }

    #[test]
    fn a_device_arrives_once_in_time_and_with_its_secret() {
        let (handovers, now) = (Handovers::default(), Instant::now());
        let code = handovers.begin(device(1), challenge("one"), now).unwrap();
        let other = handovers.begin(device(2), challenge("two"), now).unwrap();
        assert_eq!(handovers.take(&code, "two", now), None, "another's secret");
        assert_eq!(handovers.take("x", "one", now), None);
        assert_eq!(handovers.take(&code, "one", now), Some(device(1)), "a wrong try has spoilt nothing");
        assert_eq!(handovers.take(&code, "one", now), None, "it was used");
        assert_eq!(handovers.take(&other, "two", now + LASTS), None, "too late");
    }

    #[test]
    fn a_later_try_takes_the_place_of_an_earlier() {
        let (handovers, now) = (Handovers::default(), Instant::now());
        let earlier = handovers.begin(device(1), challenge("one"), now).unwrap();
        let later = handovers.begin(device(1), challenge("one"), now).unwrap();
        assert_eq!(handovers.take(&earlier, "one", now), None);
        assert_eq!(handovers.take(&later, "one", now), Some(device(1)));
    }

    #[test]
    fn the_oldest_makes_room() {
        let (handovers, now) = (Handovers::default(), Instant::now());
        let device = |number: usize| DeviceId::from_uuid(uuid::Uuid::from_u128(number as u128));
        let codes: Vec<String> =
            (0..=AT_ONCE).map(|number| handovers.begin(device(number), challenge("x"), now).unwrap()).collect();
        assert_eq!(handovers.take(&codes[0], "x", now), None);
        assert_eq!(handovers.take(&codes[1], "x", now), Some(device(1)));
    }
}
