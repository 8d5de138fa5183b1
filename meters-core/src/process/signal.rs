//! Being told of signals without standing in the way of the program's own handlers, or of the end that it comes to without
//! any.
//!
//! A handler of one's own, and not one behind a library that shares handlers: only so is it known whether anybody else
//! handles the signal, and so whether the process is to end by it.

#![allow(unsafe_code)]

use std::ffi::c_int;
use std::io::Read;
use std::mem::MaybeUninit;
use std::os::fd::{FromRawFd, IntoRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU32, Ordering::SeqCst};

/// Those that ask a process to end.
const SIGNALS: [c_int; 2] = [libc::SIGTERM, libc::SIGINT];

/// By the place in [`SIGNALS`]: what was to be done before, for ever; null where nothing was installed.
static BEFORE: [AtomicPtr<libc::sigaction>; 2] = [const { AtomicPtr::new(ptr::null_mut()) }; 2];
/// Where the handler writes to, and whose it is: a child of `fork` has its parent's until it watches by itself.
static TOLD: AtomicI32 = AtomicI32::new(-1);
static OWNER: AtomicU32 = AtomicU32::new(0);
/// A signal that ends the process has come.
static ENDING: AtomicBool = AtomicBool::new(false);

/// Tells of the signals that ask this process to end.
pub struct Watch(UnixStream);

impl Watch {
    /// Waits for the next one, and says which it was, and whether the process is to end by it: whether nobody else handles
    /// it. `None` at the end.
    pub fn wait(&mut self) -> Option<(i32, bool)> {
        let mut byte = [0];
        self.0.read_exact(&mut byte).ok()?;
        let place = usize::from(byte[0] & 1);
        Some((SIGNALS[place], byte[0] & 2 != 0))
    }
}

/// Watches for SIGTERM and SIGINT from here on, also in a child that was forked since. Handlers that the program has by now,
/// or installs later, work as before. A signal that the program ignores stays ignored.
///
/// # Errors
/// Where the system gives no pipe.
pub fn watch_signals() -> std::io::Result<Watch> {
    let (told, tell) = UnixStream::pair()?;
    tell.set_nonblocking(true)?;
    let old = TOLD.swap(tell.into_raw_fd(), SeqCst);
    let mine = OWNER.swap(std::process::id(), SeqCst) == std::process::id();
    if old >= 0 && !mine {
        // SAFETY: it was taken out of its only place, and is closed in this process alone: the parent keeps its own.
        drop(unsafe { OwnedFd::from_raw_fd(old) });
    }
    static INSTALLING: Mutex<()> = Mutex::new(());
    if let Ok(_one) = INSTALLING.try_lock() {
        SIGNALS.iter().zip(&BEFORE).for_each(|(signal, before)| install(*signal, before));
    }
    Ok(Watch(told))
}

/// Ends the process as this signal ends one that has no handler.
pub fn end_by(signal: i32) {
    // SAFETY: both are allowed anywhere, and the first makes the second end the process.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        libc::kill(libc::getpid(), signal);
    }
}

fn install(signal: c_int, before: &AtomicPtr<libc::sigaction>) {
    if !before.load(SeqCst).is_null() {
        return;
    }
    let Some(known) = disposition(signal) else { return };
    if known.sa_sigaction == libc::SIG_IGN {
        return;
    }
    let mut action = known;
    action.sa_sigaction = handle as *const () as usize;
    action.sa_flags = (known.sa_flags & !libc::SA_RESETHAND & !libc::SA_NODEFER) | libc::SA_SIGINFO | libc::SA_ONSTACK;
    if known.sa_sigaction == libc::SIG_DFL {
        // Nobody counts on being interrupted.
        action.sa_flags |= libc::SA_RESTART;
    }
    // Before the handler may need it, and never freed: it may be running.
    before.store(Box::into_raw(Box::new(known)), SeqCst);
    // SAFETY: `handle` has the form that SA_SIGINFO asks for, and calls nothing but what a handler may.
    unsafe { libc::sigaction(signal, &action, ptr::null_mut()) };
}

/// Who handles a signal now.
fn disposition(signal: c_int) -> Option<libc::sigaction> {
    let mut now = MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: it only writes to `now`, and has done so where it succeeds. A handler may ask this.
    unsafe { (libc::sigaction(signal, ptr::null(), now.as_mut_ptr()) == 0).then(|| now.assume_init()) }
}

extern "C" fn handle(signal: c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    let place = usize::from(signal == SIGNALS[1]);
    let before = BEFORE[place].load(SeqCst);
    // SAFETY: it was stored before this was installed, and is never freed or written.
    let Some(before) = (unsafe { before.as_ref() }) else { return };
    // Whoever came after us called us; whoever came before us is called by us. Where there is neither, the signal ends us.
    let last = disposition(signal).is_none_or(|now| now.sa_sigaction == handle as *const () as usize);
    let ends = before.sa_sigaction == libc::SIG_DFL && last;
    // SAFETY: `getpid` may be called anywhere.
    let mine = OWNER.load(SeqCst) == unsafe { libc::getpid() } as u32;
    let again = ends && mine && ENDING.swap(true, SeqCst);
    if ends && (again || !mine) {
        // Asked twice, or in a child that has nothing to tell: at once.
        end_by(signal);
        return;
    }
    if mine {
        let byte = place as u8 | if ends { 2 } else { 0 };
        let keep = errno();
        // SAFETY: `write` may be called here; a pipe that is full has told already, and errno is as it was.
        unsafe {
            libc::write(TOLD.load(SeqCst), (&raw const byte).cast(), 1);
            *keep.0 = keep.1;
        }
    }
    if before.sa_sigaction == libc::SIG_DFL {
        return;
    }
    // SAFETY: the program installed this handler for this signal, in the form that its flags say.
    unsafe {
        if before.sa_flags & libc::SA_SIGINFO == 0 {
            std::mem::transmute::<usize, extern "C" fn(c_int)>(before.sa_sigaction)(signal);
        } else {
            type Action = extern "C" fn(c_int, *mut libc::siginfo_t, *mut libc::c_void);
            std::mem::transmute::<usize, Action>(before.sa_sigaction)(signal, info, context);
        }
    }
}

/// Where this thread's errno is, and what it is.
fn errno() -> (*mut c_int, c_int) {
    #[cfg(any(target_os = "solaris", target_os = "illumos"))]
    use libc::___errno as location;
    #[cfg(any(target_os = "android", target_os = "netbsd", target_os = "openbsd"))]
    use libc::__errno as location;
    #[cfg(any(target_os = "linux", target_os = "emscripten", target_os = "redox", target_os = "hurd"))]
    use libc::__errno_location as location;
    #[cfg(any(target_vendor = "apple", target_os = "freebsd"))]
    use libc::__error as location;
    // SAFETY: it is this thread's, as long as the thread lives.
    unsafe {
        let at = location();
        (at, *at)
    }
}
