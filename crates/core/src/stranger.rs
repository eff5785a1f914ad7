//! Names that strangers give themselves: they are shown to whoever decides about letting them in,
//! so they must not pass for somebody else's.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_security::{GeneralSecurityProfile, MixedScript, skeleton};

use crate::Invalid;
use crate::person::parse_name;

/// The longest name of a stranger, or of their device, in characters.
pub const STRANGER_NAME_MAX: usize = 60;

/// Signs of names beside letters and digits.
const SIGNS_OF_NAMES: &str = " '-.,&";
/// What browsers call themselves has these, too.
const SIGNS_OF_DEVICES: &str = " '-.,&()/+_";
/// They join letters and are not seen themselves.
const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];
/// Accents upon one letter.
const MARKS_MAX: usize = 2;

/// Checks the name of somebody nobody vouches for: letters of one script, digits and the signs that
/// names have (Unicode Technical Standard 39).
///
/// # Errors
/// [`Invalid`] naming `field`.
pub fn parse_stranger_name(field: &str, name: &str) -> Result<String, Invalid> {
    parse(field, name, SIGNS_OF_NAMES)
}

/// As [`parse_stranger_name`], for what somebody's device says it is.
///
/// # Errors
/// [`Invalid`] naming `field`.
pub fn parse_stranger_device(field: &str, name: &str) -> Result<String, Invalid> {
    parse(field, name, SIGNS_OF_DEVICES)
}

fn parse(field: &str, name: &str, signs: &str) -> Result<String, Invalid> {
    let name: String = parse_name(field, name)?.nfc().collect();
    if name.chars().count() > STRANGER_NAME_MAX {
        return Err(Invalid::new(field, format!("must have at most {STRANGER_NAME_MAX} characters")));
    }
    let is_allowed = |c: char| match c {
        c if c.is_ascii() => c.is_ascii_alphanumeric() || signs.contains(c),
        c => c.identifier_allowed() && !JOINERS.contains(&c),
    };
    let is_piled_up = name.split(|c| !is_combining_mark(c)).any(|marks| marks.chars().count() > MARKS_MAX);
    if !name.chars().all(is_allowed) || !name.chars().any(char::is_alphanumeric) || is_piled_up {
        return Err(Invalid::new(field, "must have letters, digits and the signs of names only"));
    }
    if !name.as_str().is_single_script() {
        return Err(Invalid::new(field, "must not mix letters of several scripts"));
    }
    Ok(name)
}

/// Whether one name can be taken for the other by somebody who reads it.
#[must_use]
pub fn looks_like(one: &str, other: &str) -> bool {
    seen(one) == seen(other)
}

/// What is left of a name when only its look counts. Case and look-alikes are folded in turn, since
/// a letter can look like another in one case only.
fn seen(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    let lower: String = skeleton(&words.join(" ")).collect::<String>().to_lowercase();
    skeleton(&lower).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_people_and_devices_are_taken() {
        for name in ["Paul", "Zoé Müller-Łoś", "d’Artagnan", "O'Brien, Jr.", "Ольга", "田中 花子"] {
            assert_eq!(parse_stranger_name("name", &format!(" {name} ")).unwrap(), name);
        }
        for name in ["Chrome sur Windows", "iPhone (Safari)", "Téléphone d’Anna"] {
            assert_eq!(parse_stranger_device("device_name", name).unwrap(), name);
        }
        assert_eq!(parse_stranger_name("name", "Zoe\u{301}").unwrap(), "Zoé", "in one spelling");
    }

    #[test]
    fn what_could_pass_for_another_name_is_refused() {
        for name in [
            "P\u{430}ul",                // a Cyrillic а
            "Pa\u{200b}ul",              // nothing that is seen
            "Pa\u{200d}ul",              // nothing either
            "Pa\u{ad}ul",                // a soft hyphen
            "\u{202e}luaP",              // written backwards
            "Ｐａｕｌ",                  // wide letters
            "𝐏𝐚𝐮𝐥",                      // mathematical letters
            "Paul (admin)",              // what the hub says of devices
            "P\u{301}\u{302}\u{303}aul", // accents all over the screen
            "Paul ✔",                    // a mark of authority
            "Paul\nAccept",              // a line of its own
            "<b>Paul</b>",               // markup
            "...",                       // no name at all
            "",
        ] {
            assert_eq!(parse_stranger_name("name", name).unwrap_err().field, "name", "{name:?}");
        }
        assert!(parse_stranger_name("name", &"a".repeat(STRANGER_NAME_MAX)).is_ok());
        assert!(parse_stranger_name("name", &"a".repeat(STRANGER_NAME_MAX + 1)).is_err());
    }

    #[test]
    fn names_that_read_alike_are_alike() {
        for (one, other) in [("Paul", "paul"), ("Paul", "Pau1"), ("Anna  Bo", "anna bo"), ("Otto", "0tto")] {
            assert!(looks_like(one, other), "{one} {other}");
        }
        assert!(!looks_like("Paul", "Paule"));
    }
}
