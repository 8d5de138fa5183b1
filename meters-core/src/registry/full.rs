//! A call of which more is recorded than time and outcome, or which is told late what it is.

use std::borrow::Cow;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use super::call::{self, Polled, Polling, Run};
use super::derived::{self, What};
use super::entry::{Entry, Instrument};
use super::rename::Told;
use super::site::Extras;
use super::task::{self, Late};
use crate::clock::{self, Moment};
use crate::instrument::{Histogram, UnderWay};
use crate::model::{DimensionValue, Ended};

/// A dimension of one call that becomes known while it is under way; the last value counts.
#[doc(hidden)]
pub struct Slot {
    key: &'static str,
    value: Mutex<Option<Cow<'static, str>>>,
}

impl Slot {
    /// Not filled yet.
    pub const fn new(key: &'static str) -> Self {
        Self { key, value: Mutex::new(None) }
    }

    /// Filled with this text until it is filled with another.
    pub const fn preset(key: &'static str, text: &'static str) -> Self {
        Self { key, value: Mutex::new(Some(Cow::Borrowed(text))) }
    }

    /// Fills it.
    pub fn set<V: DimensionValue + ?Sized>(&self, value: &V) {
        self.fill(task::text(value));
    }

    /// Fills it with a text that is known when the program is compiled, without an allocation.
    pub fn set_text(&self, text: &'static str) {
        self.fill(Cow::Borrowed(text));
    }

    fn fill(&self, text: Cow<'static, str>) {
        *self.value.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
    }

    fn late(&self, told: Told) -> Option<Late> {
        let value = self.value.lock().unwrap_or_else(PoisonError::into_inner).clone();
        value.map(|value| (told.of(self.key), value))
    }
}

/// One call under way, with all that may be wanted of one; see [`Call`](super::Call) and [`AsyncCall`](super::AsyncCall)
/// for those of which nothing more is wanted.
#[doc(hidden)]
#[must_use]
pub struct FullCall<'s>(Option<On<'s>>);

struct On<'s> {
    entry: &'static Entry,
    start: Moment,
    extras: Extras,
    /// Of a future's call; the thread was unwinding already, where it is that of a plain function.
    polled: Polled,
    plain: Option<Plain>,
    slots: &'s [&'s Slot],
    /// How the keys of the slots are spelt.
    told: Told,
    kind: Mutex<Option<Late>>,
    _under_way: Option<UnderWay>,
    /// Nanoseconds inside polls, and how many polls.
    busy: AtomicU64,
    polls: AtomicU64,
}

struct Plain {
    unwinding: bool,
}

impl<'s> FullCall<'s> {
    /// No call: nothing is recorded.
    pub const fn off() -> Self {
        Self(None)
    }

    pub(super) fn enter(
        entry: &'static Entry,
        extras: Extras,
        (slots, told): (&'s [&'s Slot], Told),
        asynchronous: bool,
    ) -> Self {
        let under_way = extras.in_flight.then(|| under_way(entry, slots, told)).flatten();
        let plain = (!asynchronous).then(|| Plain { unwinding: std::thread::panicking() });
        if plain.is_some() {
            task::enter();
        }
        Self(Some(On {
            entry,
            extras,
            polled: Polled::new(),
            plain,
            slots,
            told,
            kind: Mutex::new(None),
            _under_way: under_way,
            busy: AtomicU64::new(0),
            polls: AtomicU64::new(0),
            start: if extras.sample > 1 { entry.track().sampled(extras.sample) } else { clock::now() },
        }))
    }

    /// The body, polled as part of the call.
    pub fn run<F: Future>(&self, body: F) -> Run<'_, Self, F> {
        Run::new(self, body)
    }

    /// Notes of which kind its error is, if it returned one; the kind may be borrowed from it.
    pub fn kind<'e, T, E, V: DimensionValue>(&self, result: &'e Result<T, E>, kind: impl FnOnce(&'e E) -> V) {
        if let (Some(on), Err(error)) = (&self.0, result) {
            let kind = ("Kind", task::text(&kind(error)));
            *on.kind.lock().unwrap_or_else(PoisonError::into_inner) = Some(kind);
        }
    }

    /// Ends the call, once.
    pub fn finish(&self, ended: Ended) {
        if let Some(on) = &self.0 {
            on.polled.finish();
            on.end(ended);
        }
    }
}

impl Polling for FullCall<'_> {
    fn poll<F: Future>(&self, body: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output> {
        let Some(on) = &self.0 else {
            return body.poll(context);
        };
        if !on.extras.busy && !on.extras.polls {
            return on.polled.run(body, context);
        }
        let _polling = UnderPoll { on, start: clock::now() };
        on.polled.run(body, context)
    }
}

/// Counts it among all calls with the dimensions that are known from the beginning.
fn under_way(entry: &'static Entry, slots: &[&Slot], told: Told) -> Option<UnderWay> {
    let open: Vec<&str> = slots.iter().map(|slot| told.of(slot.key)).collect();
    match &derived::without(entry, What::InFlight, &[], &open).instrument {
        Instrument::Level(level) => UnderWay::of(level),
        _ => None,
    }
}

impl Drop for FullCall<'_> {
    fn drop(&mut self) {
        let Some(on) = &mut self.0 else { return };
        let Some(dropped) = on.polled.dropped() else { return };
        let ended = match on.plain {
            None => dropped,
            Some(Plain { unwinding }) if std::thread::panicking() && !unwinding => Ended::Panic,
            Some(_) => Ended::Ok,
        };
        on.end(ended);
    }
}

impl On<'_> {
    fn end(&self, ended: Ended) {
        let nanoseconds = self.start.whole();
        let late = self.late();
        let entry = derived::of(self.entry, What::Calls, &late);
        call::record::<false>(entry, self.start, nanoseconds, ended);
        if self.extras.sample > 1 && !self.start.stands() {
            self.entry.track().keep_sample_apart(nanoseconds);
        }
        if self.extras.busy {
            self.observe(What::Busy, &late, |busy| busy.observe_nanoseconds(self.busy.load(Relaxed)));
        }
        if self.extras.polls {
            self.observe(What::Polls, &late, |polls| polls.observe(self.polls.load(Relaxed) as f64));
        }
        let kind = self.kind.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let (Ended::Error, Some(kind)) = (ended, kind) {
            let late = [&*late, &[kind]].concat();
            if let Instrument::Tally(tally) = &derived::of(self.entry, What::Errors, &late).instrument {
                tally.add(1);
            }
        }
    }

    fn observe(&self, what: What, late: &[Late], observe: impl FnOnce(Histogram)) {
        let entry = derived::of(self.entry, what, late);
        if let Instrument::Track(track) = &entry.instrument {
            observe(Histogram { track, unit: entry.metric.unit });
        }
    }

    /// All that was said of the call; its own slots have the last word.
    fn late(&self) -> Vec<Late> {
        let mut late = match self.plain {
            Some(_) if task::leave() => task::taken(),
            _ => Vec::new(),
        };
        if self.polled.carried.any() {
            late.append(&mut self.polled.carried.take());
        }
        late.extend(self.slots.iter().filter_map(|slot| slot.late(self.told)));
        late
    }
}

/// A poll whose time is added.
struct UnderPoll<'c> {
    on: &'c On<'c>,
    start: Moment,
}

impl Drop for UnderPoll<'_> {
    fn drop(&mut self) {
        self.on.busy.fetch_add(self.start.nanoseconds(), Relaxed);
        self.on.polls.fetch_add(1, Relaxed);
    }
}
