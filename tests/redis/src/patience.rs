//! Waiting for what a server says of itself.

use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take before it counts as hung. Generous: machines that run tests are loaded.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Asks until there is an answer, and returns it.
///
/// # Panics
///
/// Where there is none within [`PATIENCE`]; says `what` it was.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "gave up after {PATIENCE:?}: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}
