//! The last exemplar of each histogram that was given any. Apart, as almost no histogram is: others pay nothing for it.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering::Acquire, Ordering::Release};
use std::time::SystemTime;

use foldhash::fast::RandomState;

use super::Track;
use crate::fork::{Lock, generation};
use crate::model::Exemplar;

/// By the addresses of tracks, which are never freed; each with the process that it is of.
type Last = HashMap<usize, (u32, Exemplar), RandomState>;

static LAST: LazyLock<Lock<Last>> = LazyLock::new(Lock::default);

/// Whether there is any.
static ANY: AtomicBool = AtomicBool::new(false);

fn address(track: &Track) -> usize {
    std::ptr::from_ref(track).addr()
}

/// Keeps this one, unless another thread is just keeping one: there will be more.
pub(super) fn keep(track: &'static Track, value: f64, labels: &[(&str, &str)]) {
    let Some(exemplar) = Exemplar::new(value, SystemTime::now(), labels) else { return };
    let process = generation();
    let before = LAST.try_lock().and_then(|mut last| last.insert(address(track), (process, exemplar)));
    ANY.store(true, Release);
    drop(before);
}

/// The last one that this process kept.
pub(crate) fn last(track: &'static Track) -> Option<Exemplar> {
    if !ANY.load(Acquire) {
        return None;
    }
    let last = LAST.lock();
    last.get(&address(track)).filter(|(process, _)| *process == generation()).map(|(_, exemplar)| exemplar.clone())
}
