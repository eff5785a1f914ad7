//! What a text shows: characters that take no ink, and names that only seem to be somebody's.

use crate::Invalid;

/// Whether a text shows nothing: it is empty, or has only spaces and characters without ink.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || has_no_ink(c))
}

/// Checks that a name has no character that nobody sees: with one, two people could look the same.
///
/// Two kinds stay, where the writing needs them: the joiners between letters of scripts that join
/// (and between pictures), and the choice of a picture's variant.
///
/// # Errors
/// Names `field`.
pub fn check_name_is_seen(field: &str, name: &str) -> Result<(), Invalid> {
    let letters: Vec<char> = name.chars().collect();
    let neighbour = |at: Option<usize>| at.and_then(|at| letters.get(at)).copied().unwrap_or(' ');
    let is_seen = |(at, c): (usize, &char)| match c {
        '\u{200c}' | '\u{200d}' => joins(neighbour(at.checked_sub(1))) && joins(neighbour(Some(at + 1))),
        '\u{fe00}'..='\u{fe0f}' => is_picture(neighbour(at.checked_sub(1))),
        other => !has_no_ink(*other),
    };
    if letters.iter().enumerate().all(is_seen) {
        Ok(())
    } else {
        Err(Invalid::new(field, "must not contain characters that cannot be seen"))
    }
}

/// Letters from Hebrew on, and pictures. Latin, Greek and Cyrillic are written without joiners.
fn joins(c: char) -> bool {
    c >= '\u{0590}' && (!has_no_ink(c) || matches!(c, '\u{fe00}'..='\u{fe0f}')) && !c.is_whitespace()
}

fn is_picture(c: char) -> bool {
    c >= '\u{2100}' && !has_no_ink(c) && !c.is_whitespace()
}

/// Characters that are there and show nothing: Unicode's default ignorable ones, and the fillers.
fn has_no_ink(c: char) -> bool {
    matches!(
        c,
        '\u{00ad}'
            | '\u{034f}'
            | '\u{061c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shows_nothing_is_blank() {
        for text in ["", " ", "\u{a0}\u{3000}", "\u{200b}", " \u{feff}\u{2060} ", "\u{3164}", "\u{e0041}"] {
            assert!(is_blank(text), "{text:?}");
        }
        for text in ["a", ".", "\u{200b}a", "❤\u{fe0f}"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }

    #[test]
    fn a_name_has_nothing_that_nobody_sees() {
        for hidden in [
            '\u{ad}',
            '\u{34f}',
            '\u{200b}',
            '\u{200c}',
            '\u{200d}',
            '\u{200e}',
            '\u{200f}',
            '\u{2060}',
            '\u{2064}',
            '\u{feff}',
            '\u{fe0f}',
            '\u{3164}',
            '\u{e0041}',
        ] {
            for name in
                [format!("Ma{hidden}rie"), format!("{hidden}Marie"), format!("Marie{hidden}"), format!("М{hidden}а")]
            {
                assert_eq!(check_name_is_seen("name", &name).unwrap_err().field, "name", "{name:?}");
            }
        }
    }

    #[test]
    fn names_are_written_as_their_people_write_them() {
        for name in [
            "Zoë d'Aubigné-Łuczak",
            "O’Brien",
            "علی\u{200c}رضا",
            "क\u{94d}\u{200d}ष",
            "陳大文",
            "Ann 👩\u{200d}💻",
            "❤\u{fe0f}",
            "👩\u{200d}❤\u{fe0f}\u{200d}👩",
        ] {
            check_name_is_seen("name", name).unwrap_or_else(|refused| panic!("{name}: {refused}"));
        }
    }
}
