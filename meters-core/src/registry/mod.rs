//! The series of a process, how they are found, and how they are read.

mod arena;
mod call;
mod carried;
mod clicks;
mod crowd;
mod derived;
mod entry;
mod family;
mod front;
mod full;
mod function;
mod home;
mod idle;
mod index;
mod labels;
mod link;
mod mark;
mod monitor;
mod reader;
mod register;
mod rename;
mod renew;
mod shaped;
mod shut;
mod site;
mod table;
mod task;
mod values;

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, LazyLock};
use std::time::{Instant, SystemTime};

use self::clicks::AllClicks;
use self::crowd::Crowded;
use self::entry::Entry;
use self::family::Families;
use self::function::Function;
use self::index::{Index, Wanted};
use self::mark::Mark;
use self::reader::Sealing;
use crate::clock;
use crate::fork::{Lock, Locked};
use crate::model::{Kind, Snapshot, Unit};

pub use call::{AsyncCall, Call, Polling, Run};
pub use clicks::{Clicks, RegisterClicks};
pub use family::{Family, MemberSite};
pub use full::{FullCall, Slot};
pub use labels::Labels;
pub use link::{LinkState, RegisterLink};
pub use monitor::Monitor;
pub use reader::{Reader, Seat};
pub use register::{Handle, Putting, Register};
pub use rename::Rename;
#[doc(hidden)]
pub use shut::is_on;
pub use site::{CallSite, CounterSite, FloatCounterSite, GaugeSite, HistogramSite, MeterSite, OwnSite, SummarySite};
pub use task::dimension;
pub use values::Values;

/// How many series a metric may have before further ones are counted together.
const LIMIT: usize = 500;

/// All series of a process, or of a part of it that wants its own. Cheap to clone: clones are the same registry.
///
/// Attributes and macros record into [`Registry::global`]. Of a registry of one's own the series stay until the process ends,
/// as threads refer to them without counting who does: keep one, do not make one a request.
///
/// # Memory
/// | a series that | holds |
/// |---|---|
/// | is recorded seldom: some 30 records at the most | 220 bytes |
/// | is a histogram or calls, recorded often | 1.5 kB, 1.3 kB a thread that records it, and some 50 bytes a bucket: 4.3 kB with one thread and 50 buckets |
/// | is a counter or meter, counted often | 220 bytes, and 200 bytes a thread that counts |
/// | has buckets of its own | 24 bytes a bucket more in what is read of it, and once for all series with the same bounds some 100 bytes a bucket |
/// | is a float counter | 500 bytes, and 2 kB from the first time that two threads added at once |
/// | [expired](Self::expire_after) | 220 bytes; where it was recorded often, 130 more and 16 bytes a bucket: 1.1 kB with 50 of them |
///
/// What threads had of an expired series goes to other series, once the thread takes something of another one or ends. A thread
/// keeps some 30 bytes of each value that it met at a call site. Of one metric there are at most [its limit](Self::set_limit)
/// of series that are not expired, and a hundred times that in the life of the process: 50,000 of those with 500, which are
/// 11 MB, or 55 MB where all of them were recorded often.
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
    clicks: Lock<AllClicks>,
    families: Lock<Families>,
    /// What series are read from.
    functions: Lock<Vec<Arc<Function>>>,
    /// One at a time turns gates.
    turning: Lock<()>,
    limit: AtomicUsize,
    expire_after: AtomicU32,
    began: Lock<Instant>,
}

impl Registry {
    /// An empty registry.
    pub fn new() -> Self {
        renew::watch();
        let registry = Self(Arc::new(Inner {
            index: Lock::default(),
            sealing: Lock::new(Sealing::new(SystemTime::now())),
            clicks: Lock::default(),
            families: Lock::default(),
            functions: Lock::default(),
            turning: Lock::default(),
            limit: AtomicUsize::new(LIMIT),
            expire_after: AtomicU32::new(idle::WINDOWS),
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
    /// value is `_other`. Totals stay exact. Series that [expired](Self::expire_after) do not count, until a hundred times as many
    /// were made as the limit says: from then on there are no new ones. What has other literal dimensions is counted apart: annotated functions, told
    /// apart by `Function`, do not take room from each other.
    pub fn set_limit(&self, limit: usize) {
        self.0.limit.store(limit, Relaxed);
    }

    /// After how many windows in a row in which nothing of it was recorded a series expires: 1,440 at first, a day of minutes;
    /// 0 for never. Every window counts that any [`Reader`] seals: each export and each flush is one.
    ///
    /// An expired series leaves [`snapshot`](Self::snapshot) and gives its place in the limit of its metric to new ones, and
    /// what its threads had of it goes back. It comes back as soon as something is recorded, by whatever handle or call site,
    /// even where there is no room, and its totals go on where they were: nothing is lost, and nothing counted twice.
    /// ([`Snapshot::since`] needs those totals, so that a snapshot holds them though it does not show them.)
    ///
    /// What already counts as `_other` where a call site remembers it for ever (values of enums), or a thread for some time
    /// (dimensions that become known while a call is under way), stays there; other values are told apart as soon as there is
    /// room.
    ///
    /// Gauges never expire, as a level that stays is a level; nor does the series that takes all the rest of a metric, with
    /// `_other` in each dimension that varies.
    ///
    /// ```
    /// # use meters_core as meters;
    /// let registry = meters::Registry::new();
    /// registry.expire_after(2);
    /// let (orders, mut reader) = (registry.counter("Orders").register(), registry.reader());
    /// orders.inc(5);
    /// assert_eq!(reader.window().counter("Orders"), 5);
    /// (0..2).for_each(|_| assert!(reader.window().is_empty()));
    /// assert_eq!(registry.snapshot().iter().len(), 0);
    /// orders.inc(1);
    /// assert_eq!(registry.snapshot().counter("Orders"), 6);
    /// assert_eq!(reader.window().counter("Orders"), 1);
    /// ```
    pub fn expire_after(&self, windows: u32) {
        self.0.expire_after.store(windows, Relaxed);
    }

    /// A counter; see [`Register`].
    pub fn counter(&self, name: &str) -> Register<'_, crate::Counter> {
        Register::new(self, name, Kind::Counter)
    }

    /// A counter of amounts that are no whole numbers; see [`Register`].
    pub fn float_counter(&self, name: &str) -> Register<'_, crate::FloatCounter> {
        Register::new(self, name, Kind::FloatCounter)
    }

    /// A gauge; see [`Register`].
    pub fn gauge(&self, name: &str) -> Register<'_, crate::Gauge> {
        Register::new(self, name, Kind::Gauge)
    }

    /// A histogram; see [`Register`].
    pub fn histogram(&self, name: &str) -> Register<'_, crate::Histogram> {
        Register::new(self, name, Kind::Histogram)
    }

    /// A distribution that is told by quantiles; see [`Register`].
    pub fn summary(&self, name: &str) -> Register<'_, crate::Summary> {
        Register::summary(self, name)
    }

    /// A meter; see [`Register`].
    pub fn meter(&self, name: &str) -> Register<'_, crate::Meter> {
        Register::new(self, name, Kind::Meter)
    }

    /// The monitor of calls of this name; see [`Register`]. Its unit is one of time, Microseconds unless told.
    pub fn monitor(&self, name: &str) -> Register<'_, Monitor> {
        Register::new(self, name, Kind::Calls)
    }

    /// A gauge that tells for how many seconds this process has run since now, by a clock that never steps; in a child of
    /// `fork`, since it was forked.
    ///
    /// ```
    /// # use meters_core as meters;
    /// let registry = meters::Registry::new();
    /// registry.uptime("Uptime");
    /// assert!(registry.snapshot().metric("Uptime").gauge().unwrap() >= 0.0);
    /// ```
    pub fn uptime(&self, name: &str) {
        let (since, registry) = (Instant::now(), Arc::downgrade(&self.0));
        self.gauge(name).unit(Unit::Seconds).from_fn(move || {
            // A registry begins anew in a child.
            let began = registry.upgrade().map_or(since, |registry| *registry.began.lock());
            since.max(began).elapsed().as_secs_f64()
        });
    }

    /// Values put by hand: each distinct one is kept with its count.
    pub fn put(&self, name: &str, value: f64) -> Putting<'_> {
        Putting::new(self, name, Kind::Values, value)
    }

    /// Values put by hand, of which only count, sum, minimum and maximum are kept.
    pub fn put_statistic(&self, name: &str, value: f64) -> Putting<'_> {
        Putting::new(self, name, Kind::Statistic, value)
    }

    /// All values at this moment, cumulative since the registry began, but those of series that
    /// [expired](Self::expire_after), are [switched off](Self::set_level) or [unregistered](Self::unregister). Changes nothing, however often it is called.
    pub fn snapshot(&self) -> Snapshot {
        self.read_functions();
        clock::refine();
        let (entries, marks) = self.series();
        let (mut items, mut hidden) = (Vec::with_capacity(entries.len()), Vec::new());
        let mut exemplars = HashMap::new();
        for (entry, mark) in entries.into_iter().zip(marks) {
            let Some(value) = entry.value() else { continue };
            if mark.shut || entry.is_unread() {
                // Of what it recorded before, the difference of two snapshots knows; a level that is gone is none.
                if !value.is_empty() && entry.metric.kind != Kind::Gauge {
                    hidden.push((entry.series(), value));
                }
                continue;
            }
            // What was recorded since is back, though no window was sealed yet.
            if !mark.expired || entry.moved() {
                if let Some(exemplar) = entry.exemplar() {
                    exemplars.insert(entry.series(), exemplar);
                }
                items.push((entry.series(), value));
            } else if !value.is_empty() {
                hidden.push((entry.series(), value));
            }
        }
        let age = self.0.began.lock().elapsed();
        Snapshot { taken: SystemTime::now(), age, items, expired: hidden, exemplars }
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

    /// The same, and what is known of each.
    fn series(&self) -> (Vec<&'static Entry>, Vec<Mark>) {
        let mut index = self.index();
        index.hear();
        let all = (index.entries.clone(), index.marks.clone());
        let turning = !index.turning.is_empty();
        drop(index);
        if turning {
            self.turn();
        }
        all
    }

    fn entry(&self, wanted: &Wanted<'_>) -> &'static Entry {
        let mut index = self.index();
        let ((entry, crowded), turning) = (index.entry(wanted), !index.turning.is_empty());
        drop(index);
        if turning {
            self.turn();
        }
        crowded.into_iter().for_each(Crowded::warn);
        entry
    }

    fn limit(&self) -> usize {
        self.0.limit.load(Relaxed)
    }

    fn expires_after(&self) -> u32 {
        self.0.expire_after.load(Relaxed)
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
