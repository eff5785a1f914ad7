//! Instants and events of the stories.

use rappel_hub::{Clock, SystemClock, Timestamp};
use serde_json::{Value, json};

/// The clock on the wall.
pub(crate) fn now() -> Timestamp {
    SystemClock.now()
}

/// Returns when the clock on the wall has come so far: what is off has nothing to be waited for.
pub(crate) fn wait_for_clock(ms: i64) {
    while let Ok(left @ 1..) = u64::try_from(ms - now().as_ms()) {
        std::thread::sleep(std::time::Duration::from_millis(left));
    }
}

/// An instant as the contract writes it.
#[track_caller]
pub(crate) fn moment(value: &Value) -> Timestamp {
    let text = value.as_str().unwrap_or_else(|| panic!("no instant: {value}"));
    let read = Timestamp::parse_rfc3339(text).unwrap_or_else(|| panic!("no instant: {text}"));
    assert_eq!(read.to_string(), text, "instants are in UTC with milliseconds");
    read
}

/// The instant so many seconds from now, as the contract writes it.
pub(crate) fn in_the_future(seconds: i64) -> String {
    Timestamp::clamped_from_ms(now().as_ms() + seconds * 1000).to_string()
}

/// An event that starts in so many seconds, for these people.
pub(crate) fn event_in(seconds: i64, assignees: &[&str]) -> Value {
    json!({ "title": "Visite de chantier", "starts_at": in_the_future(seconds), "assignees": assignees })
}
