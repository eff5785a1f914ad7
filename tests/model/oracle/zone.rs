//! Wall time of four zones, by a table: what the model needs of a calendar, and no more.

pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// A zone of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Zone {
    Utc,
    Paris,
    NewYork,
    Tokyo,
}

impl Zone {
    pub(crate) const ALL: [Self; 4] = [Self::Utc, Self::Paris, Self::NewYork, Self::Tokyo];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Utc => "UTC",
            Self::Paris => "Europe/Paris",
            Self::NewYork => "America/New_York",
            Self::Tokyo => "Asia/Tokyo",
        }
    }

    /// Hours east of Greenwich, each with the instant from which they hold.
    fn offsets(self) -> Vec<(i64, i64)> {
        match self {
            Self::Utc => vec![(i64::MIN, 0)],
            Self::Tokyo => vec![(i64::MIN, 9)],
            Self::Paris => {
                vec![
                    (i64::MIN, 2),
                    (utc(2026, 10, 25) + HOUR, 1),
                    (utc(2027, 3, 28) + HOUR, 2),
                    (utc(2027, 10, 31) + HOUR, 1),
                ]
            }
            Self::NewYork => {
                vec![
                    (i64::MIN, -4),
                    (utc(2026, 11, 1) + 6 * HOUR, -5),
                    (utc(2027, 3, 14) + 7 * HOUR, -4),
                    (utc(2027, 11, 7) + 6 * HOUR, -5),
                ]
            }
        }
    }

    /// Milliseconds to add to an instant for its wall time.
    fn offset_at(self, instant: i64) -> i64 {
        let offsets = self.offsets();
        offsets.iter().rev().find(|(from, _)| *from <= instant).map_or(0, |(_, hours)| hours * HOUR)
    }

    /// The wall time of an instant.
    pub(crate) fn local(self, instant: i64) -> i64 {
        instant + self.offset_at(instant)
    }

    /// The instant of a wall time: the first of two; of one that is left out, as if the clocks had not
    /// been changed yet.
    pub(crate) fn instant(self, local: i64) -> i64 {
        let candidates = self.offsets().into_iter().map(|(_, hours)| local - hours * HOUR);
        let first = candidates.filter(|instant| self.local(*instant) == local).min();
        first.unwrap_or_else(|| local - self.offset_at(local - DAY))
    }
}

/// 00:00 UTC of a date.
pub(crate) fn utc(year: i64, month: i64, day: i64) -> i64 {
    // Days from civil, with years that begin in March.
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    (days + (153 * month + 2) / 5 + day - 1 - 719_468) * DAY
}

/// A day as `YYYY-MM-DD`, from the milliseconds of its midnight without a zone.
pub(crate) fn date(local_midnight: i64) -> String {
    written(local_midnight)[..10].to_owned()
}

/// An instant as the contract writes it.
pub(crate) fn written(instant: i64) -> String {
    rappel_link::Timestamp::clamped_from_ms(instant).to_string()
}

/// An instant as the contract writes it, read.
pub(crate) fn read(text: &str) -> i64 {
    let instant = rappel_link::Timestamp::parse_rfc3339(text);
    instant.unwrap_or_else(|| panic!("not an instant: {text:?}")).as_ms()
}
