//! What the C library tells of a process: that it forks, that it exits, that it was sent a signal. Not Rust's to tell, and so
//! a place of `unsafe`.

#![allow(unsafe_code)]

#[cfg(all(unix, not(miri)))]
mod descriptor;
#[cfg(all(unix, not(miri)))]
mod signal;

#[cfg(all(unix, not(miri)))]
pub(crate) use descriptor::part;
#[cfg(all(unix, not(miri)))]
pub use descriptor::{Own, own};
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

/// There is no fork here.
#[cfg(not(all(unix, not(miri))))]
pub(crate) fn part() {}

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

/// Runs this while this thread is sent no signal. Threads that it starts are never sent any: a signal to the process goes to
/// those of the program, which may have blocked it to wait for it. Faults and profilers reach them all the same.
#[cfg(all(unix, not(miri)))]
pub fn without_signals<T>(work: impl FnOnce() -> T) -> T {
    struct Restored(libc::sigset_t);
    impl Drop for Restored {
        fn drop(&mut self) {
            // SAFETY: it is the set that was there before.
            unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.0, std::ptr::null_mut()) };
        }
    }
    let (mut all, mut before) = (std::mem::MaybeUninit::uninit(), std::mem::MaybeUninit::uninit());
    let known = [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGTRAP, libc::SIGABRT, libc::SIGPROF];
    // SAFETY: the first call fills the one set, and the last the other where it succeeds.
    let before = unsafe {
        libc::sigfillset(all.as_mut_ptr());
        for signal in known {
            libc::sigdelset(all.as_mut_ptr(), signal);
        }
        let blocked = libc::pthread_sigmask(libc::SIG_BLOCK, all.as_ptr(), before.as_mut_ptr()) == 0;
        blocked.then(|| Restored(before.assume_init()))
    };
    let done = work();
    drop(before);
    done
}

/// There are no signals here.
#[cfg(not(all(unix, not(miri))))]
pub fn without_signals<T>(work: impl FnOnce() -> T) -> T {
    work()
}
