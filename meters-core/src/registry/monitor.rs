//! Monitor: the calls of something that is no annotated function.

use super::derived::{self, What};
use super::entry::{Entry, Instrument};
use super::rename::Told;
use super::site::Extras;
use super::{AsyncCall, Call, FullCall, Registry, home};
use crate::instrument::{Counter, Histogram};
use crate::model::Kind;

/// A handle on a series of calls: how long they took, and how each of them ended. Cheap to copy.
///
/// It reports what `#[monitored]` reports. Named `Fetch`, these are `Fetch` (a duration: Microseconds, or the unit of time
/// that it was registered with), `Fetch.Errors` and `Fetch.Cancelled`. The crate `meters` hands it to futures and to
/// streams.
///
/// ```
/// # use meters_core as meters;
/// use meters::{Registry, Unit};
/// let registry = Registry::new();
/// let fetch = registry.monitor("Fetch").unit(Unit::Milliseconds).dimension("Route", "home").register();
/// # let _copy = fetch;
/// assert_eq!(registry.snapshot().metric("Fetch").calls().count(), 0); // nothing was called yet
/// assert!(registry.monitor("Fetch").unit(Unit::Bytes).try_register().is_err()); // a duration is no number of bytes
/// ```
#[derive(Clone, Copy)]
pub struct Monitor(pub(super) &'static Entry);

impl Monitor {
    /// `None` where the series is not one of calls.
    pub(super) fn new(entry: &'static Entry, registry: Option<&Registry>) -> Option<Self> {
        if let Some(registry) = registry {
            home::note(entry, registry);
        }
        (entry.metric.kind == Kind::Calls).then_some(Self(entry))
    }

    /// Begins a call of a plain function.
    #[doc(hidden)]
    #[inline]
    pub fn enter(&self) -> Call {
        Call::enter(self.0)
    }

    /// Begins a call that is as good as one which is none, [`FullCall::off`].
    #[doc(hidden)]
    pub fn enter_full(&self) -> FullCall<'static> {
        FullCall::enter(self.0, Extras::NONE, (&[], Told::AS_WRITTEN), false)
    }

    /// The same of an async function.
    #[doc(hidden)]
    pub fn enter_full_async(&self) -> FullCall<'static> {
        FullCall::enter(self.0, Extras::NONE, (&[], Told::AS_WRITTEN), true)
    }

    /// Begins the call of a future or of a stream.
    #[doc(hidden)]
    #[inline]
    pub fn enter_async(&self) -> AsyncCall {
        AsyncCall::enter(self.0)
    }

    /// What counts the items of a stream: `Items`, or `Fetch.Items`.
    #[doc(hidden)]
    pub fn items(&self) -> Counter {
        match &derived::of(self.0, What::Items, &[]).instrument {
            Instrument::Tally(tally) => Counter(tally),
            _ => unreachable!("the kind of a series decides its instrument"),
        }
    }

    /// The time to the first item of a stream, in the unit of the calls: `TimeToFirst`, or `Fetch.TimeToFirst`.
    #[doc(hidden)]
    pub fn time_to_first(&self) -> Histogram {
        let entry = derived::of(self.0, What::TimeToFirst, &[]);
        Histogram { track: entry.track(), unit: entry.metric.unit }
    }
}
