//! The series of a process, how they are found, and how they are read.

mod arena;
mod call;
mod carried;
mod crowd;
mod derived;
mod entry;
mod front;
mod full;
mod home;
mod index;
mod monitor;
mod reader;
mod register;
mod rename;
mod renew;
mod site;
mod table;
mod task;
mod values;

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, LazyLock};
use std::time::{Instant, SystemTime};

use self::crowd::Crowded;
use self::entry::Entry;
use self::index::{Index, Wanted};
use self::reader::Sealing;
use crate::clock;
use crate::fork::{Lock, Locked};
use crate::model::{Kind, Snapshot};

pub use call::{AsyncCall, Call, Polling, Run};
pub use full::{FullCall, Slot};
pub use monitor::Monitor;
pub use reader::{Reader, Seat};
pub use register::{Handle, Putting, Register};
pub use rename::Rename;
pub use site::{CallSite, CounterSite, GaugeSite, HistogramSite, MeterSite};
pub use task::dimension;
pub use values::Values;

/// How many series a metric may have before further ones are counted together.
const LIMIT: usize = 500;

/// All series of a process, or of a part of it that wants its own. Cheap to clone: clones are the same registry.
///
/// Attributes and macros record into [`Registry::global`]. Of a registry of one's own the series (about 200 bytes each) stay
/// until the process ends, as threads refer to them without counting who does: keep one, do not make one a request.
///
/// ```
/// # use meters_core as meters;
/// use meters::Registry;
/// let registry = Registry::new();
/// registry.counter("Orders").register().inc(1);
/// assert_eq!(registry.snapshot().counter("Orders"), 1);
/// assert_eq!(Registry::global().snapshot().counter("Orders"), 0);
/// ```
#[derive(Clone)]
pub struct Registry(Arc<Inner>);

struct Inner {
    index: Lock<Index>,
    sealing: Lock<Sealing>,
    limit: AtomicUsize,
    began: Lock<Instant>,
}

impl Registry {
    /// An empty registry.
    pub fn new() -> Self {
        renew::watch();
        let registry = Self(Arc::new(Inner {
            index: Lock::default(),
            sealing: Lock::new(Sealing::new(SystemTime::now())),
            limit: AtomicUsize::new(LIMIT),
            began: Lock::new(Instant::now()),
        }));
        renew::note(&registry);
        registry
    }

    /// The registry of this process.
    pub fn global() -> &'static Registry {
        static GLOBAL: LazyLock<Registry> = LazyLock::new(Registry::new);
        &GLOBAL
    }

    /// How many series a metric may have (500 at first) before further ones are counted together, under dimensions whose
    /// value is `_other`. Totals stay exact. What has other literal dimensions is counted apart: annotated functions, told
    /// apart by `Function`, do not take room from each other.
    pub fn set_limit(&self, limit: usize) {
        self.0.limit.store(limit, Relaxed);
    }

    /// A counter; see [`Register`].
    pub fn counter(&self, name: &str) -> Register<'_, crate::Counter> {
        Register::new(self, name, Kind::Counter)
    }

    /// A gauge; see [`Register`].
    pub fn gauge(&self, name: &str) -> Register<'_, crate::Gauge> {
        Register::new(self, name, Kind::Gauge)
    }

    /// A histogram; see [`Register`].
    pub fn histogram(&self, name: &str) -> Register<'_, crate::Histogram> {
        Register::new(self, name, Kind::Histogram)
    }

    /// A meter; see [`Register`].
    pub fn meter(&self, name: &str) -> Register<'_, crate::Meter> {
        Register::new(self, name, Kind::Meter)
    }

    /// The monitor of calls of this name; see [`Register`]. Its unit is one of time, Microseconds unless told.
    pub fn monitor(&self, name: &str) -> Register<'_, Monitor> {
        Register::new(self, name, Kind::Calls)
    }

    /// Values put by hand: each distinct one is kept with its count.
    pub fn put(&self, name: &str, value: f64) -> Putting<'_> {
        Putting::new(self, name, Kind::Values, value)
    }

    /// Values put by hand, of which only count, sum, minimum and maximum are kept.
    pub fn put_statistic(&self, name: &str, value: f64) -> Putting<'_> {
        Putting::new(self, name, Kind::Statistic, value)
    }

    /// All values at this moment, cumulative since the registry began. Changes nothing, however often it is called.
    pub fn snapshot(&self) -> Snapshot {
        clock::refine();
        let entries = self.entries();
        let items = entries.iter().filter_map(|entry| Some((entry.series(), entry.value()?)));
        Snapshot { taken: SystemTime::now(), age: self.0.began.lock().elapsed(), items: items.collect() }
    }

    /// One who is given every window exactly once.
    pub fn reader(&self) -> Reader {
        self.reader_at(&Seat::default())
    }

    /// One who goes on where the last reader with this seat was: for whoever knows that it is no more.
    #[doc(hidden)]
    pub fn reader_at(&self, seat: &Seat) -> Reader {
        Reader::new(self.clone(), seat)
    }

    /// What tells this registry from others of the process.
    #[doc(hidden)]
    pub fn id(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    fn entries(&self) -> Vec<&'static Entry> {
        self.index().entries.clone()
    }

    fn entry(&self, wanted: &Wanted<'_>) -> &'static Entry {
        let (entry, crowded) = self.index().entry(wanted);
        crowded.into_iter().for_each(Crowded::warn);
        entry
    }

    fn limit(&self) -> usize {
        self.0.limit.load(Relaxed)
    }

    fn index(&self) -> Locked<'_, Index> {
        self.0.index.lock()
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("series", &self.index().entries.len()).finish()
    }
}
