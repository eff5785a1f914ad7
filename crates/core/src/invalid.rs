//! The error of a value that breaks a rule: it names the field.

/// A field holds something that is not allowed there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {reason}")]
pub struct Invalid {
    /// The field as clients spell it: `title`, `contact.email`, `assignees`.
    pub field: String,
    /// Why, as the rest of a sentence that begins with the field: "must not be empty".
    pub reason: String,
}

impl Invalid {
    /// `field` as clients spell it, `reason` as the rest of the sentence.
    pub fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }
}

/// Checks a line of text: at most `max` characters, no control characters, and no line breaks of
/// any kind.
///
/// # Errors
/// Names `field`.
pub fn check_line(field: &str, text: &str, max: usize) -> Result<(), Invalid> {
    if text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') || turns_text_round(c)) {
        return Err(Invalid::new(field, "must not contain control characters"));
    }
    check_length(field, text, max)
}

/// Checks text of several lines: at most `max` characters; line breaks and tabs are allowed, other
/// control characters are not.
///
/// # Errors
/// Names `field`.
pub fn check_text(field: &str, text: &str, max: usize) -> Result<(), Invalid> {
    if text.chars().any(|c| (c.is_control() && !matches!(c, '\n' | '\r' | '\t')) || turns_text_round(c)) {
        return Err(Invalid::new(field, "must not contain control characters"));
    }
    check_length(field, text, max)
}

/// The Unicode embeddings, overrides and isolates: they can make what follows read as something else.
fn turns_text_round(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn check_length(field: &str, text: &str, max: usize) -> Result<(), Invalid> {
    if text.chars().count() > max {
        return Err(Invalid::new(field, format!("must have at most {max} characters")));
    }
    Ok(())
}
