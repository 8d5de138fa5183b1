//! Work whose end is not waited for beyond a deadline: a disk may hang, and what hangs cannot be told to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::SeqCst};
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

/// What is given beyond the deadline: to a disk that is slow, as against one that hangs.
const SLACK: Duration = Duration::from_millis(250);

const OPEN: u8 = 0;
const TAKEN: u8 = 1;
const GIVEN_UP: u8 = 2;

/// Who comes first: the work with its last step, or the deadline.
#[derive(Clone, Debug, Default)]
pub(super) struct Turn(Arc<AtomicU8>);

impl Turn {
    /// Whether the last step may be done: not once it was told that it was not.
    pub(super) fn take(&self) -> bool {
        self.decide(TAKEN)
    }

    fn decide(&self, to: u8) -> bool {
        self.0.compare_exchange(OPEN, to, SeqCst, SeqCst).is_ok()
    }
}

/// What the work comes to, on a thread of its own; `None` where it was given up. A last step that hangs is given up, too, and
/// may yet be done.
pub(super) fn within<T: Send + 'static>(
    deadline: Instant,
    work: impl FnOnce(&Turn) -> T + Send + 'static,
) -> Option<T> {
    let (turn, (done, end)) = (Turn::default(), sync_channel(1));
    let of_work = turn.clone();
    let thread = std::thread::Builder::new().name("meters-spool".to_owned());
    thread.spawn(move || _ = done.send(work(&of_work))).ok()?;
    let left = deadline.saturating_duration_since(Instant::now()) + SLACK;
    end.recv_timeout(left).ok().or_else(|| match turn.decide(GIVEN_UP) {
        true => None,
        false => end.recv_timeout(SLACK).ok(),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    fn now() -> Instant {
        Instant::now()
    }

    #[test]
    fn work_that_ends_in_time_is_what_it_comes_to() {
        assert_eq!(within(now() + Duration::from_secs(60), |turn| turn.take()), Some(true));
        assert_eq!(within(now() + Duration::from_secs(60), |_| panic!("meant")), None::<()>);
    }

    #[test]
    fn work_that_hangs_is_given_up_and_does_not_do_its_last_step_later() {
        let (go_on, held) = channel::<()>();
        let (told, did) = channel();
        let hanging = within(now(), move |turn| {
            _ = held.recv();
            told.send(turn.take()).unwrap();
        });
        assert_eq!(hanging, None);
        go_on.send(()).unwrap();
        assert_eq!(did.recv(), Ok(false));
    }

    #[test]
    fn a_last_step_that_hangs_holds_nobody_up() {
        let (_go_on, held) = channel::<()>();
        let hanging = within(now(), move |turn| {
            assert!(turn.take());
            _ = held.recv();
        });
        assert_eq!(hanging, None);
    }
}
