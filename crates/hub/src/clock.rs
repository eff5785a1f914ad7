//! What time it is: the one place that asks.

use std::time::{Duration, SystemTime};

use rappel_core::Timestamp;

/// Tells the time. Tests have a clock that they move.
pub trait Clock: Send + Sync + 'static {
    /// The wall clock: what people set, and the network corrects.
    fn now(&self) -> Timestamp;

    /// The time since the machine started, asleep or not: nobody sets it.
    fn since_boot(&self) -> Duration;

    /// Which run of the machine the boot clock counts, for whoever remembers it longer than a
    /// process lives; `None` where the system does not say, or another process counts from elsewhere.
    fn boot(&self) -> Option<String> {
        None
    }
}

/// The clocks of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the Clock")]
    fn now(&self) -> Timestamp {
        let ms = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Timestamp::clamped_from_ms(match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => ms(after),
            Err(before) => -ms(before.duration()),
        })
    }

    #[cfg(unix)]
    fn since_boot(&self) -> Duration {
        use rustix::time::{ClockId, clock_gettime};
        // Linux counts sleep in a clock of its own, the others in their monotonic one.
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let clock = ClockId::Boottime;
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        let clock = ClockId::Monotonic;
        let time = clock_gettime(clock);
        Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn boot(&self) -> Option<String> {
        let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        Some(id.trim().to_owned()).filter(|id| !id.is_empty())
    }

    #[cfg(not(unix))]
    fn since_boot(&self) -> Duration {
        use std::sync::OnceLock;
        use std::time::Instant;
        // Only differences count, so that any beginning will do.
        static BEGINNING: OnceLock<Instant> = OnceLock::new();
        BEGINNING.get_or_init(Instant::now).elapsed()
    }
}
