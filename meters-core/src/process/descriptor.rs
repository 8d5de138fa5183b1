//! Descriptors that a child of `fork` closes: a lock that is a descriptor's would else live as long as the child does.

#![allow(unsafe_code)]

use std::os::fd::{AsRawFd, RawFd};
use std::sync::atomic::{AtomicI32, Ordering::SeqCst};

use crate::fork::{enter, generation};

/// More than these stay open in children.
static OWN: [AtomicI32; 128] = [const { AtomicI32::new(-1) }; 128];

/// As long as it lives, children close the descriptor. Drop it before that is closed; in a child it does nothing.
#[derive(Debug)]
pub struct Own {
    place: &'static AtomicI32,
    generation: u32,
}

/// Opens something that children shall not have; no process forks meanwhile. `None` where there is too much of it: then
/// children have it open.
///
/// # Errors
/// Those of `open`.
pub fn own<F: AsRawFd>(open: impl FnOnce() -> std::io::Result<F>) -> std::io::Result<(F, Option<Own>)> {
    let _inside = enter();
    let opened = open()?;
    let number: RawFd = opened.as_raw_fd();
    let place = OWN.iter().find(|place| place.compare_exchange(-1, number, SeqCst, SeqCst).is_ok());
    Ok((opened, place.map(|place| Own { place, generation: generation() })))
}

impl Own {
    /// Whether this is a child, which has closed it.
    pub fn is_closed(&self) -> bool {
        self.generation != generation()
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        if !self.is_closed() {
            self.place.store(-1, SeqCst);
        }
    }
}

/// In a fork, of the child.
pub(crate) fn part() {
    for place in &OWN {
        let number = place.swap(-1, SeqCst);
        if number >= 0 {
            // SAFETY: `close` may be called here; who had it open in the parent knows of the fork, and does not close it again.
            unsafe { libc::close(number) };
        }
    }
}
