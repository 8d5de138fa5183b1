//! What this process has started: so that nothing is reported twice, and nothing is forgotten when the process ends.

use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use meters_core::Namespace;
use meters_core::Registry;
use meters_core::fork::{Lock, Locked, generation};

use crate::export::FlushReport;
use crate::flusher::{Flusher, Reply};

/// From where to where metrics go, as far as that can be told: a client of the user's own may go anywhere.
pub(crate) type Route = Option<String>;

pub(crate) fn route(registry: &Registry, namespace: &Namespace, to: Option<String>) -> Route {
    Some(format!("{} {namespace} {}", registry.id(), to?))
}

struct Running {
    latest: Option<Arc<Flusher>>,
    running: Vec<One>,
    /// Routes that are being connected, and in which process: a child of `fork` has not the thread that does it.
    starting: Vec<(u32, String)>,
}

struct One {
    route: Route,
    flusher: Weak<Flusher>,
    /// It is to be ended when the process exits.
    at_exit: bool,
}

static RUNNING: Lock<Running> = Lock::new(Running { latest: None, running: Vec::new(), starting: Vec::new() });

fn running() -> Locked<'static, Running> {
    RUNNING.lock()
}

/// Takes a route for one who starts; false where another has it.
pub(crate) fn reserve(route: &Route) -> bool {
    // Ended ones may be dropped for this, and with them what is the user's: not while others wait.
    let mut all = all(|_| true);
    all.retain(|flusher| !flusher.is_closed());
    let mut running = running();
    running.running.retain(|one| all.iter().any(|known| std::ptr::eq(Arc::as_ptr(known), one.flusher.as_ptr())));
    let Some(wanted) = route else { return true };
    running.starting.retain(|(process, _)| *process == generation());
    let taken = running.starting.iter().any(|(_, route)| route == wanted)
        || running.running.iter().any(|one| one.route == *route);
    if !taken {
        running.starting.push((generation(), wanted.clone()));
    }
    !taken
}

/// The start on a reserved route came to an end, with this flusher or with none.
pub(crate) fn started(route: Route, flusher: Option<&Arc<Flusher>>, at_exit: bool) {
    let mut running = running();
    running.starting.retain(|(_, known)| Some(known) != route.as_ref());
    let Some(flusher) = flusher else { return };
    running.running.push(One { route, flusher: Arc::downgrade(flusher), at_exit });
    let before = running.latest.replace(flusher.clone());
    drop(running);
    drop(before);
}

/// The flusher that was started last.
pub(crate) fn latest() -> Option<Arc<Flusher>> {
    running().latest.clone()
}

/// Those that were started and not dropped; also one whose shutdown is under way.
fn all(which: impl Fn(&One) -> bool) -> Vec<Arc<Flusher>> {
    let all: Vec<_> =
        running().running.iter().filter(|one| which(one)).filter_map(|one| one.flusher.upgrade()).collect();
    all
}

/// In a child of `fork`: what exported in the parent does so here.
pub(crate) fn revive() {
    all(|_| true).iter().for_each(|flusher| flusher.revive());
}

/// Sends everything, of all at once, by `timeout`.
pub(crate) fn flush_all(timeout: Duration) {
    each(all(|_| true), timeout, Flusher::send);
}

/// Sends everything once more and ends, all at once, by `timeout`.
pub(crate) fn end_all(timeout: Duration) {
    each(all(|_| true), timeout, Flusher::end);
}

/// The same when the process exits.
pub(crate) fn end_at_exit(timeout: Duration) {
    each(all(|one| one.at_exit), timeout, Flusher::end);
}

/// No channel: the thread that waits may be past having anything of its own, which those of the standard library want.
fn each(flushers: Vec<Arc<Flusher>>, timeout: Duration, ask: fn(&Flusher, Instant, Reply<FlushReport>)) {
    let left = Arc::new((Mutex::new(flushers.len()), Condvar::new()));
    let deadline = Instant::now() + timeout;
    for flusher in &flushers {
        let done = Done(left.clone());
        ask(flusher, deadline, Box::new(move |_| drop(done)));
    }
    let waiting = left.0.lock().unwrap_or_else(PoisonError::into_inner);
    _ = left.1.wait_timeout_while(waiting, timeout, |left| *left > 0);
}

/// One that is waited for, until it has answered or never will.
struct Done(Arc<(Mutex<usize>, Condvar)>);

impl Drop for Done {
    fn drop(&mut self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.1.notify_all();
    }
}
