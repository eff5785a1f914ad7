//! Secrets: made at random, kept as hashes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Letters and digits that are not mistaken for one another when read aloud (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a short code that only find the invitation: 20 bits, no secret.
pub(crate) const SELECTOR_LEN: usize = 4;
/// Characters of a short code that prove it: 40 bits.
const PROOF_LEN: usize = 8;

/// The hash that is kept instead of a secret.
pub(crate) fn hash(secret: &str) -> [u8; 32] {
    *blake3::hash(secret.as_bytes()).as_bytes()
}

/// A token of 256 bits.
pub(crate) fn token() -> Result<String, getrandom::Error> {
    random::<32>().map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
}

/// The secret of an invitation link: 128 bits.
pub(crate) fn link_secret() -> Result<String, getrandom::Error> {
    random::<16>().map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
}

/// A code to be typed: `7KQ2-M4XW-9TDC`, selector first.
pub(crate) fn short_code() -> Result<String, getrandom::Error> {
    let characters = random::<{ SELECTOR_LEN + PROOF_LEN }>()?.map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
    let groups: Vec<String> = characters.chunks(4).map(|group| group.iter().collect()).collect();
    Ok(groups.join("-"))
}

/// Whether this can be a short code, as somebody types it: 40 bits, of which guessing is slowed. A
/// link's secret has 128, and so needs no such care.
#[must_use]
pub fn is_short_code(typed: &str) -> bool {
    read_short_code(typed.trim()).is_some()
}

/// A code as somebody typed it, in its one spelling: `None` when it cannot be one.
pub(crate) fn read_short_code(typed: &str) -> Option<String> {
    let code: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect();
    let is_code = code.len() == SELECTOR_LEN + PROOF_LEN && code.bytes().all(|byte| ALPHABET.contains(&byte));
    is_code.then_some(code)
}

/// What both ends of a typed pairing make of the code: its selector, and the hash that is kept of it.
/// `None` when it cannot be a code.
#[must_use]
pub fn typed_code(typed: &str) -> Option<(String, [u8; 32])> {
    let code = read_short_code(typed)?;
    Some((code[..SELECTOR_LEN].to_owned(), hash(&code)))
}

fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_code_is_read_however_it_is_typed() {
        let code = short_code().unwrap();
        assert_eq!(code.len(), 14);
        let plain = code.replace('-', "");
        assert_eq!(read_short_code(&code).unwrap(), plain);
        assert_eq!(read_short_code(&format!(" {} ", code.to_lowercase())).unwrap(), plain);
        assert_eq!(read_short_code("oil0-0000-0000").unwrap(), "011000000000");
        for wrong in ["", "7KQ2", "7KQ2-M4XW-9TDU", "7KQ2-M4XW-9TDC-0", "é"] {
            assert_eq!(read_short_code(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn tokens_have_256_bits_and_links_128() {
        assert_eq!(token().unwrap().len(), 43);
        assert_eq!(link_secret().unwrap().len(), 22);
        assert_ne!(token().unwrap(), token().unwrap());
    }
}
