//! What was said of the call of a future, from one poll to the next.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use foldhash::fast::RandomState;

use super::task::{self, Late};
use crate::fork::{self, Lock, Locked};

/// A number under which it is kept elsewhere, 0 for nothing: without a destructor, which would cost each async call a tenth.
/// Every call ends once, and takes what is its own with it.
pub(super) struct Carried(AtomicU64);

type Kept = HashMap<u64, Vec<Late>, RandomState>;

/// Several, so that threads seldom wait for each other.
static KEPT: [LazyLock<Lock<Kept>>; 16] = [const { LazyLock::new(Lock::default) }; 16];

static NEXT: AtomicU64 = AtomicU64::new(1);

impl Carried {
    #[inline]
    pub(super) const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    #[inline]
    pub(super) fn any(&self) -> bool {
        self.0.load(Relaxed) != 0
    }

    /// Keeps what was said in the poll that was left just now.
    #[cold]
    #[inline(never)]
    pub(super) fn add(&self) {
        let mut number = self.0.load(Relaxed);
        if number == 0 {
            number = NEXT.fetch_add(1, Relaxed);
            self.0.store(number, Relaxed);
        }
        let said = task::taken();
        let mut kept = kept(number);
        let carried = kept.entry(number).or_default();
        for late in said {
            match carried.iter_mut().find(|(name, _)| *name == late.0) {
                Some(earlier) => *earlier = late,
                None => carried.push(late),
            }
        }
    }

    /// All of it; there is nothing afterwards.
    #[cold]
    #[inline(never)]
    pub(super) fn take(&self) -> Vec<Late> {
        match self.0.swap(0, Relaxed) {
            0 => Vec::new(),
            number => kept(number).remove(&number).unwrap_or_default(),
        }
    }
}

fn kept(number: u64) -> Locked<'static, Kept> {
    let _inside = fork::enter();
    KEPT[number as usize % KEPT.len()].lock()
}
