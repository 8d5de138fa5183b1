//! How long ago something was, with the time that the machine slept: a claim's deadline does not sleep with it.

use std::time::Duration;

/// Since the machine was started.
#[cfg(target_os = "linux")]
pub(crate) fn awake_or_not() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Since the first call. Elsewhere than on Linux no clock of the standard library counts sleep, but the wall clock does; it
/// may be set, so the later of both is taken.
#[cfg(not(target_os = "linux"))]
pub(crate) fn awake_or_not() -> Duration {
    use std::sync::OnceLock;
    use std::time::{Instant, SystemTime};

    static START: OnceLock<(Instant, SystemTime)> = OnceLock::new();
    let (instant, wall) = START.get_or_init(|| (Instant::now(), SystemTime::now()));
    instant.elapsed().max(wall.elapsed().unwrap_or_default())
}
