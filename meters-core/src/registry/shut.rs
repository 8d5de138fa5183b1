//! Series that take no records: switched off by a level, or unregistered.
//!
//! What a registry wants of a series stands in its mark, under the lock of the index. Gates are turned behind it, without that
//! lock: whoever holds the lock of an instrument may be in an allocator that records, and so wait for the index.

use super::entry::Entry;
use super::index::Index;
use super::mark::Gone;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

use super::{Register, Registry, derived};
use crate::instrument::Gate;
use crate::model::Level;
use crate::model::series::Metric;

/// The level of the registry of the process, where call sites look.
static GLOBAL: AtomicU8 = AtomicU8::new(Level::Runtime as u8);

/// Whether call sites of this level are on.
#[inline]
#[doc(hidden)]
pub fn is_on(level: Level) -> bool {
    level != Level::Disabled && level as u8 <= GLOBAL.load(Relaxed)
}

/// Who asks for a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    /// A call site, or what follows from one: what was unregistered stays so.
    Handle,
    /// A family: it registers one series of its metric again.
    Family,
    /// Somebody who registers the metric.
    Register,
}

impl Index {
    /// Sees what became of a series, whose gate is then to be [turned](Registry::turn).
    pub(super) fn settle(&mut self, place: usize) {
        let mark = &mut self.marks[place];
        let gate = mark.gate(self.level);
        mark.shut = gate != Gate::Open;
        if self.entries[place].gate().stands() != gate {
            self.turning.push(place as u32);
        }
    }

    /// From now on this level holds.
    fn set_level(&mut self, level: Level) {
        self.level = level;
        (0..self.entries.len()).for_each(|place| self.settle(place));
    }

    /// All series of a metric are gone; these.
    fn unregister(&mut self, name: &str) -> Vec<&'static Entry> {
        let of = |entry: &&&'static Entry| *entry.metric.name == *name;
        let mut all = self.entries.iter().filter(of).map(|entry| derived::names(entry.metric));
        let following = all.find(|following| !following.is_empty()).unwrap_or_default();
        let is_of =
            |entry: &Entry| *entry.metric.name == *name || following.iter().any(|name| **name == *entry.metric.name);
        let places: Vec<usize> = (0..self.entries.len()).filter(|place| is_of(self.entries[*place])).collect();
        let mut gone = places.clone();
        gone.retain(|place| self.take_away(*place, Gone::Metric));
        for place in places {
            let metric = self.entries[place].metric;
            if !self.unregistered.contains(&*metric.name) {
                self.unregistered.insert(metric.name.clone());
            }
        }
        gone.into_iter().map(|place| self.entries[place]).collect()
    }

    /// A series is gone, and its room is another's. False where it was so before.
    fn take_away(&mut self, place: usize, gone: Gone) -> bool {
        let before = std::mem::replace(&mut self.marks[place].gone, gone);
        if before == Gone::No && !std::mem::replace(&mut self.marks[place].expired, true) {
            self.dismiss(place);
        }
        self.settle(place);
        before == Gone::No
    }

    /// The metric is registered again: its series are back once something of them is recorded. Whether it was gone.
    pub(super) fn bring_back(&mut self, metric: &'static Metric) -> bool {
        if self.unregistered.is_empty() {
            return false;
        }
        let lifted = self.unregistered.remove(&*metric.name);
        let mut names = derived::names(metric);
        names.retain(|name| self.unregistered.remove(&**name));
        if !lifted && names.is_empty() {
            return false;
        }
        for place in 0..self.entries.len() {
            let name = &self.entries[place].metric.name;
            if self.marks[place].gone == Gone::Metric
                && (*name == metric.name || names.iter().any(|one| **one == **name))
            {
                self.marks[place].gone = Gone::No;
                self.settle(place);
            }
        }
        lifted
    }

    /// It was asked for, and is back at once if it was gone; whether its metric was, `lifted` says.
    pub(super) fn asked(&mut self, place: usize, asks: Asks, lifted: bool) {
        let again = asks != Asks::Handle && self.marks[place].gone == Gone::Series;
        if again {
            self.marks[place].gone = Gone::No;
            self.settle(place);
        }
        if again || lifted {
            self.readmit(place);
        }
    }

    /// The same of a series that is new.
    pub(super) fn arrived(&mut self, place: usize) {
        if self.unregistered.contains(&*self.entries[place].metric.name) {
            self.marks[place].gone = Gone::Metric;
        }
        self.settle(place);
    }
}

impl<H> Register<'_, H> {
    /// Takes this one series away, as [`Registry::unregister`] does with all of a metric; unit, resolution and dimensions must
    /// be as it was registered with. False where there is none.
    ///
    /// ```
    /// # use meters_core as meters;
    /// let registry = meters::Registry::new();
    /// for tenant in ["a", "b"] {
    ///     registry.counter("Orders").dimension("Tenant", tenant).register().inc(1);
    /// }
    /// assert!(registry.counter("Orders").dimension("Tenant", "a").unregister());
    /// assert_eq!(registry.snapshot().counter("Orders"), 1);
    /// ```
    pub fn unregister(self) -> bool {
        self.draft.unregister()
    }
}

impl Registry {
    /// For whom this registry records, from now on; [`Level::Runtime`] at first. May be changed at any time.
    ///
    /// A metric whose [level](crate::Register::level) is above it, or [`Level::Disabled`], takes no records, and is in no
    /// window and no snapshot, as if it were not there: but for what it recorded before it was switched off, which the next
    /// window tells. Switched on, it records from then on; totals go on where they were, and a gauge has no level until it is set.
    /// Its handles look whether it is on and do nothing more; whoever times by hand still reads the clock.
    ///
    /// ```
    /// # use meters_core as meters;
    /// use meters::{Level, Registry};
    /// let registry = Registry::new();
    /// let retries = registry.counter("Retries").level(Level::Debug).register();
    /// retries.inc(1);
    /// assert_eq!(registry.snapshot().iter().len(), 0);
    /// registry.set_level(Level::Debug);
    /// retries.inc(1);
    /// assert_eq!(registry.snapshot().counter("Retries"), 1);
    /// ```
    pub fn set_level(&self, level: Level) {
        let mut index = self.index();
        index.set_level(level);
        if self.id() == Registry::global().id() {
            GLOBAL.store(level as u8, Relaxed);
        }
        drop(index);
        self.turn();
    }

    /// For whom this registry records.
    pub fn level(&self) -> Level {
        self.index().level
    }

    /// Takes a metric away: all series of this name, and what follows from them (`Fetch.InFlight` of a monitor, `Wait.Above` of a
    /// summary).
    /// Says how many there were.
    ///
    /// It leaves snapshots at once. What was recorded before goes into the next window, and it is in none after that: what is
    /// recorded by old handles and call sites from here on is not counted. They do count again once the metric is
    /// registered again. Totals then go on where they were, a gauge has no level until it is set, and series that nobody asks for are back
    /// when something of them is recorded.
    ///
    /// For one series, see [`Register::unregister`](crate::Register::unregister).
    ///
    /// ```
    /// # use meters_core as meters;
    /// let registry = meters::Registry::new();
    /// let (orders, mut reader) = (registry.counter("Orders").register(), registry.reader());
    /// orders.inc(2);
    /// assert_eq!(registry.unregister("Orders"), 1);
    /// orders.inc(4); // not counted
    /// assert_eq!((registry.snapshot().iter().len(), reader.window().counter("Orders")), (0, 2));
    /// registry.counter("Orders").register().inc(1);
    /// orders.inc(1);
    /// assert_eq!((registry.snapshot().counter("Orders"), reader.window().counter("Orders")), (4, 2));
    /// ```
    pub fn unregister(&self, name: &str) -> usize {
        let gone = self.index().unregister(name);
        self.turn();
        self.forget_functions(&gone);
        gone.len()
    }

    /// The metric is registered again, if it was gone.
    pub(super) fn register_again(&self, metric: &'static Metric) {
        self.index().bring_back(metric);
        self.turn();
    }

    /// The same of one series.
    pub(super) fn unregister_one(&self, metric: &'static Metric, values: &str) -> bool {
        let mut index = self.index();
        let place = index.find(metric, values).filter(|place| index.take_away(*place, Gone::Series));
        let gone = place.map(|place| index.entries[place]);
        drop(index);
        self.turn();
        self.forget_functions(gone.as_slice());
        gone.is_some()
    }

    /// Turns the gates of series whose marks have changed.
    pub(super) fn turn(&self) {
        if self.index().turning.is_empty() {
            return;
        }
        let _one_at_a_time = self.0.turning.lock();
        let turning: Vec<_> = {
            let mut index = self.index();
            let places = std::mem::take(&mut index.turning);
            let gate = |place: u32| (index.entries[place as usize], index.marks[place as usize].gate(index.level));
            places.into_iter().map(gate).collect()
        };
        turning.into_iter().for_each(|(entry, gate)| entry.turn(gate));
    }
}
