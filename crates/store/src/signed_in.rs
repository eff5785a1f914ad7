//! Who may call, as it was read last: a request brings a token each time, and to read whose it is takes as long as
//! many a request.
//!
//! What is kept holds until a command was committed that may have changed people or devices, and whoever gave that
//! command is answered only after it does not hold any more. Commands are taken to be of that kind unless they
//! [say](crate::Store) otherwise.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rappel_core::authorize::Actor;
use rappel_core::{DeviceId, Timestamp};

/// Devices that are kept. Beyond it all are forgotten, and read again as they call.
const KNOWN_MAX: usize = 4096;

/// A signed-in device, as far as a request needs to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) device: DeviceId,
    /// The key that it must prove to have; `None`: its token suffices.
    pub(crate) key_hash: Option<[u8; 32]>,
    pub(crate) actor: Actor,
    pub(crate) last_seen_at: Option<Timestamp>,
}

/// A state of people and devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Generation(u64);

/// Signed-in devices by the hashes of their tokens.
#[derive(Debug, Default)]
pub(crate) struct SignedIn {
    generation: AtomicU64,
    known: Mutex<HashMap<[u8; 32], (Generation, Known)>>,
}

impl SignedIn {
    /// The present state. To be asked before reading what is then [remembered](Self::remember) of it.
    pub(crate) fn generation(&self) -> Generation {
        Generation(self.generation.load(Ordering::SeqCst))
    }

    /// People or devices may have changed: nothing of what is known holds any more.
    pub(crate) fn forget(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    /// Whose token it is, if that is known, and in which state.
    pub(crate) fn get(&self, token_hash: &[u8; 32]) -> Option<(Generation, Known)> {
        let present = self.generation();
        self.lock().get(token_hash).filter(|(generation, _)| *generation == present).copied()
    }

    /// Keeps what was read of a state.
    pub(crate) fn remember(&self, token_hash: [u8; 32], generation: Generation, known: Known) {
        let mut all = self.lock();
        if all.len() >= KNOWN_MAX && !all.contains_key(&token_hash) {
            all.clear();
        }
        all.insert(token_hash, (generation, known));
    }

    /// When those that are known were last heard of.
    pub(crate) fn seen(&self) -> HashMap<DeviceId, Timestamp> {
        let present = self.generation();
        let all = self.lock();
        let known = all.values().filter(|(generation, _)| *generation == present).map(|(_, known)| known);
        known.filter_map(|known| Some((known.device, known.last_seen_at?))).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], (Generation, Known)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use rappel_core::PersonId;
    use rappel_core::person::Role;

    use super::*;

    fn known(number: u8) -> Known {
        let actor = Actor { person: PersonId::from_bytes([number; 16]), role: Role::Member };
        Known { device: DeviceId::from_bytes([number; 16]), key_hash: None, actor, last_seen_at: None }
    }

    #[test]
    fn what_was_read_before_a_change_does_not_hold_after_it() {
        let signed_in = SignedIn::default();
        let before = signed_in.generation();
        signed_in.remember([1; 32], before, known(1));
        assert_eq!(signed_in.get(&[1; 32]), Some((signed_in.generation(), known(1))));
        assert_eq!(signed_in.get(&[2; 32]), None);
        signed_in.forget();
        assert_eq!(signed_in.get(&[1; 32]), None);
        signed_in.remember([1; 32], before, known(1));
        assert_eq!(signed_in.get(&[1; 32]), None, "it was read before the change, and kept after it");
        signed_in.remember([1; 32], signed_in.generation(), known(1));
        assert_eq!(signed_in.get(&[1; 32]), Some((signed_in.generation(), known(1))));
    }

    #[test]
    fn it_does_not_grow_for_ever() {
        let signed_in = SignedIn::default();
        for number in 0..10_000_u32 {
            let mut hash = [0; 32];
            hash[..4].copy_from_slice(&number.to_le_bytes());
            signed_in.remember(hash, signed_in.generation(), known(1));
            assert!(signed_in.lock().len() <= KNOWN_MAX);
            assert!(signed_in.get(&hash).is_some());
        }
    }
}
