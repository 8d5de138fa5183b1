//! Links: whether something that is called again and again answers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicU32, AtomicU64, Ordering::Acquire, Ordering::Release, Ordering::SeqCst};

use super::Registry;
use super::register::Register;
use crate::fork::{self, Lock};
use crate::instrument::Gauge;
use crate::model::{Across, DimensionValue, Level, Unit};

type Callback = Box<dyn Fn() + Send + Sync>;

/// Whether something that is called again and again answers: offline after so many failures in a row, online again after so
/// many successes. Clones are the same link; made by [`Registry::link`].
///
/// It works whatever becomes of its metrics: also switched off, or unregistered.
#[derive(Clone)]
pub struct LinkState(Arc<Link>);

struct Link {
    name: String,
    /// A [`State`], packed.
    state: AtomicU64,
    /// How many changes were told, of those that there were.
    told: AtomicU16,
    /// Who tells: one more than the generation of the process, 0 for nobody.
    teller: AtomicU32,
    /// Of the process that it counts for.
    generation: AtomicU32,
    settling: Lock<()>,
    to_offline: u64,
    to_online: u64,
    on_offline: Option<Callback>,
    on_online: Option<Callback>,
}

/// The last calls in a row that went alike, and how often the link changed: it is offline after each odd change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    row: u64,
    failed: bool,
    changes: u16,
}

const FAILED: u64 = 1 << 47;
const CHANGES: u32 = 48;

impl State {
    fn of(bits: u64) -> Self {
        Self { row: bits & (FAILED - 1), failed: bits & FAILED != 0, changes: (bits >> CHANGES) as u16 }
    }

    fn bits(self) -> u64 {
        self.row | if self.failed { FAILED } else { 0 } | u64::from(self.changes) << CHANGES
    }

    fn is_online(self) -> bool {
        self.changes.is_multiple_of(2)
    }

    fn failures(self) -> u64 {
        if self.failed { self.row } else { 0 }
    }

    fn successes(self) -> u64 {
        if self.failed { 0 } else { self.row }
    }

    /// After one more call.
    fn after(self, failed: bool, to_offline: u64, to_online: u64) -> Self {
        let row = if self.failed == failed { (self.row + 1).min(FAILED - 1) } else { 1 };
        let enough = row >= if failed { to_offline } else { to_online };
        let changes = self.changes.wrapping_add(u16::from(enough && failed == self.is_online()));
        Self { row, failed, changes }
    }
}

impl LinkState {
    /// A call was answered.
    pub fn success(&self) {
        self.0.note(false);
    }

    /// A call failed.
    pub fn failure(&self) {
        self.0.note(true);
    }

    /// Whether it is online, as it is at first.
    pub fn is_online(&self) -> bool {
        self.0.state().is_online()
    }
}

impl Link {
    fn state(&self) -> State {
        self.settle();
        State::of(self.state.load(SeqCst))
    }

    /// In a child of `fork` nothing was called yet.
    fn settle(&self) {
        if self.generation.load(Acquire) == fork::generation() {
            return;
        }
        let _one = self.settling.lock();
        if self.generation.load(Acquire) != fork::generation() {
            self.told.store(0, SeqCst);
            self.state.store(0, SeqCst);
            self.generation.store(fork::generation(), Release);
        }
    }

    fn note(&self, failed: bool) {
        self.settle();
        let after = |bits| Some(State::of(bits).after(failed, self.to_offline, self.to_online).bits());
        let before = self.state.fetch_update(SeqCst, SeqCst, after).map(State::of);
        let changed =
            |before: State| after(before.bits()).map(State::of).is_some_and(|now| now.changes != before.changes);
        if before.is_ok_and(changed) {
            self.tell();
        }
    }

    /// Tells of all changes, one after the other, unless somebody is at it: who changes a link meanwhile, also from within a
    /// callback, leaves it to them.
    fn tell(&self) {
        let mine = fork::generation() + 1;
        loop {
            let teller = self.teller.load(SeqCst);
            // In a child of `fork` nobody goes on who told in the parent.
            if teller == mine || self.teller.compare_exchange(teller, mine, SeqCst, SeqCst).is_err() {
                return;
            }
            while self.told.load(SeqCst) != self.state().changes {
                let change = self.told.load(SeqCst).wrapping_add(1);
                self.told.store(change, SeqCst);
                self.call(if change.is_multiple_of(2) { &self.on_online } else { &self.on_offline });
            }
            self.teller.store(0, SeqCst);
            // Whoever changed it before that store saw a teller, and left.
            if self.told.load(SeqCst) == self.state().changes {
                return;
            }
        }
    }

    fn call(&self, callback: &Option<Callback>) {
        let Some(callback) = callback else { return };
        if let Err(thrown) = catch_unwind(AssertUnwindSafe(callback)) {
            // What was thrown may throw again when it is dropped.
            std::mem::forget(thrown);
            tracing::warn!(link = self.name, "a callback of a link panicked: the link goes on");
        }
    }
}

/// Says what a link is before it is registered.
#[must_use = "nothing is registered until `register()`"]
pub struct RegisterLink<'r> {
    gauges: [Register<'r, Gauge>; 3],
    link: Link,
}

impl Registry {
    /// Whether something that is called again and again answers. Three gauges tell of it, here `Upstream.ConsecutiveFailures`,
    /// `Upstream.ConsecutiveSuccesses` and `Upstream.Status`, which is 1 for online and 0 for offline.
    ///
    /// A link is online at first, and in a child of `fork`. Registering one of the same name again makes another link, of
    /// which the gauges tell from then on.
    ///
    /// ```
    /// # use meters_core as meters;
    /// let registry = meters::Registry::new();
    /// let upstream = registry.link("Upstream").failures_to_offline(2).on_offline(|| { /* take it out of rotation */ }).register();
    /// upstream.failure();
    /// assert!(upstream.is_online());
    /// upstream.failure();
    /// assert_eq!(registry.snapshot().metric("Upstream.Status").gauge(), Some(0.0));
    /// ```
    pub fn link(&self, name: &str) -> RegisterLink<'_> {
        // Of several processes, the one that fares worst.
        let gauges =
            [("ConsecutiveFailures", Across::Max), ("ConsecutiveSuccesses", Across::Min), ("Status", Across::Min)];
        let gauges =
            gauges.map(|(what, across)| self.gauge(&format!("{name}.{what}")).unit(Unit::Count).across(across));
        let link = Link {
            name: name.to_owned(),
            state: AtomicU64::new(0),
            told: AtomicU16::new(0),
            teller: AtomicU32::new(0),
            generation: AtomicU32::new(fork::generation()),
            settling: Lock::default(),
            to_offline: 100,
            to_online: 10,
            on_offline: None,
            on_online: None,
        };
        RegisterLink { gauges, link }
    }
}

impl RegisterLink<'_> {
    /// So many failures in a row take it offline: 100 unless told, at least 1.
    pub fn failures_to_offline(mut self, failures: u32) -> Self {
        self.link.to_offline = failures.max(1).into();
        self
    }

    /// So many successes in a row take it online again: 10 unless told, at least 1.
    pub fn successes_to_online(mut self, successes: u32) -> Self {
        self.link.to_online = successes.max(1).into();
        self
    }

    /// Called once each time that it goes offline, by a thread that noted a call, without any lock. Callbacks of one link run
    /// one after the other, in the order of its changes, and a panic in one is told through `tracing` and does no harm.
    pub fn on_offline(mut self, callback: impl Fn() + Send + Sync + 'static) -> Self {
        self.link.on_offline = Some(Box::new(callback));
        self
    }

    /// Called once each time that it goes online again, as with [`on_offline`](Self::on_offline).
    pub fn on_online(mut self, callback: impl Fn() + Send + Sync + 'static) -> Self {
        self.link.on_online = Some(Box::new(callback));
        self
    }

    /// One more dimension. The value is cleaned as [`Dimension::cleaned_value`](crate::Dimension::cleaned_value) says.
    pub fn dimension(mut self, name: &str, value: impl DimensionValue) -> Self {
        let value = value.with_str(str::to_owned);
        self.gauges = self.gauges.map(|gauge| gauge.dimension(name, &*value));
        self
    }

    /// What it is, in words; see [`Register::description`].
    pub fn description(mut self, text: &str) -> Self {
        self.gauges = self.gauges.map(|gauge| gauge.description(text));
        self
    }

    /// Its gauges are for this process alone; see [`Register::internal`].
    pub fn internal(mut self) -> Self {
        self.gauges = self.gauges.map(Register::internal);
        self
    }

    /// For whom its gauges are told; see [`Register::level`].
    pub fn level(mut self, level: Level) -> Self {
        self.gauges = self.gauges.map(|gauge| gauge.level(level));
        self
    }

    /// The link.
    pub fn register(self) -> LinkState {
        let link = Arc::new(self.link);
        let told: [fn(State) -> f64; 3] = [
            |state| state.failures() as f64,
            |state| state.successes() as f64,
            |state| f64::from(u8::from(state.is_online())),
        ];
        for (gauge, told) in self.gauges.into_iter().zip(told) {
            let link = link.clone();
            gauge.from_fn(move || told(link.state()));
        }
        LinkState(link)
    }
}
