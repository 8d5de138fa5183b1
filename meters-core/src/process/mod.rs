//! What the C library tells of a process: that it forks, that it exits, that it was sent a signal. Not Rust's to tell, and so
//! a place of `unsafe`.

#![allow(unsafe_code)]

#[cfg(all(unix, not(miri)))]
mod signal;

#[cfg(all(unix, not(miri)))]
pub use signal::{Watch, end_by, watch_signals};

/// Calls these before and after each fork: the first two in the parent, the last in the child. Not under miri, which has no
/// forks.
#[cfg(all(unix, not(miri)))]
pub(crate) fn at_fork(prepare: extern "C" fn(), parent: extern "C" fn(), child: extern "C" fn()) {
    // SAFETY: the three are functions of this program, which live as long as it does, and touch nothing but atomics and
    // thread-locals without destructors.
    let failed = unsafe { libc::pthread_atfork(Some(prepare), Some(parent), Some(child)) };
    debug_assert_eq!(failed, 0, "out of memory");
}

/// There is no fork here.
#[cfg(not(all(unix, not(miri))))]
pub(crate) fn at_fork(_: extern "C" fn(), _: extern "C" fn(), _: extern "C" fn()) {}

/// Calls `then` when the process exits: at the end of `main`, or by `exit`, while other threads still run. Says whether it
/// will.
#[cfg(all(unix, not(miri)))]
pub fn at_exit(then: extern "C" fn()) -> bool {
    // SAFETY: a function of this program, which lives as long as it does.
    unsafe { libc::atexit(then) == 0 }
}

/// Nobody tells here.
#[cfg(not(all(unix, not(miri))))]
pub fn at_exit(_: extern "C" fn()) -> bool {
    false
}
