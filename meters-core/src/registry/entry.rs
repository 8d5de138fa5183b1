//! One series of a registry: who it is, and where it is recorded.

use crate::instrument::{Level, Origin, Put, Tally, Track};
use crate::model::series::Metric;
use crate::model::{Distribution, Kind, Series, Value};

/// Lives as long as the process: call sites and threads refer to it without counting who does.
pub(super) struct Entry {
    pub(super) series: Series,
    pub(super) instrument: Instrument,
}

pub(super) enum Instrument {
    Track(Track),
    Tally(Tally),
    Level(Level),
    Put(Box<Put>),
}

impl Entry {
    pub(super) fn new(series: Series) -> Self {
        let instrument = match series.kind() {
            Kind::Counter | Kind::Meter => Instrument::Tally(Tally::new()),
            Kind::Gauge => Instrument::Level(Level::new()),
            Kind::Histogram => Instrument::Track(Track::new(Origin::of(series.unit()))),
            Kind::Calls => Instrument::Track(Track::new(Origin::Nanoseconds)),
            Kind::Values => Instrument::Put(Box::new(Put::values())),
            Kind::Statistic => Instrument::Put(Box::new(Put::statistic())),
        };
        Self { series, instrument }
    }

    pub(super) fn metric(&self) -> &'static Metric {
        self.series.metric
    }

    /// The cumulative value, or `None` for a gauge that was never set.
    pub(super) fn value(&self) -> Option<Value> {
        match &self.instrument {
            Instrument::Track(track) => Some(self.track_value(track.total(false).calls)),
            Instrument::Tally(tally) => Some(self.tally_value(tally.total())),
            Instrument::Level(level) => level.get().map(Value::Gauge),
            Instrument::Put(put) => Some(put.total()),
        }
    }

    /// What came after `previous`, which becomes what there is now; `None` where nothing came.
    pub(super) fn seal(&self, previous: &mut Option<Value>) -> Option<Value> {
        match &self.instrument {
            Instrument::Track(track) => self.seal_track(track, previous),
            Instrument::Tally(tally) => {
                let total = self.tally_value(tally.total());
                let gained = total.since(previous.as_ref())?;
                *previous = Some(total);
                Some(gained)
            }
            Instrument::Level(level) => level.get().map(Value::Gauge),
            Instrument::Put(put) => Some(put.seal()).filter(|value| !value.is_empty()),
        }
    }

    fn seal_track(&self, track: &Track, previous: &mut Option<Value>) -> Option<Value> {
        let then = previous.as_ref().map_or(0, count);
        if track.cold_records() == Some(then) {
            return None;
        }
        let total = track.total(true);
        if total.calls.count() == then {
            return None;
        }
        let (min, max) = total.fresh;
        let now = self.track_value(total.calls);
        let since = |now: &Distribution, then: &Distribution| now.since_with(then, min, max);
        let gained = match (&now, &*previous) {
            (Value::Calls(now), Some(Value::Calls(then))) => Value::Calls(Box::new(
                now.since_with(then, since(&now.duration, &then.duration)),
            )),
            (Value::Histogram(now), Some(Value::Histogram(then))) => {
                Value::Histogram(Box::new(since(now, then)))
            }
            (now, _) => now.clone(),
        };
        *previous = Some(now);
        Some(gained)
    }

    fn track_value(&self, calls: crate::model::Calls) -> Value {
        match self.series.kind() {
            Kind::Calls => Value::Calls(Box::new(calls)),
            _ => Value::Histogram(Box::new(calls.duration)),
        }
    }

    fn tally_value(&self, total: u64) -> Value {
        match self.series.kind() {
            Kind::Meter => Value::Meter(total),
            _ => Value::Counter(total),
        }
    }
}

fn count(value: &Value) -> u64 {
    match value {
        Value::Calls(calls) => calls.count(),
        Value::Histogram(distribution) => distribution.count(),
        _ => 0,
    }
}
