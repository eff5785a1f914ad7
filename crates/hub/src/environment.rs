//! What the OS says of its user.

/// The language that the OS speaks, as it names it; empty where it says none.
pub(crate) fn os_locale() -> String {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty())
        .unwrap_or_default()
}

/// Whose account this program runs on.
pub(crate) fn account_name() -> String {
    ["USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find_map(|name| rappel_core::person::parse_name("name", &name).ok())
        .unwrap_or_else(|| "Admin".to_owned())
}
