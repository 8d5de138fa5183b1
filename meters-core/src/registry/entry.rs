//! One series of a registry: who it is, and where it is recorded.

use crate::instrument::{Amount, Cut, Gate, Gated, Level, Origin, Put, Tally, Track, exemplar};
use crate::model::series::{Metric, Packed};
use crate::model::{Calls, Exemplar, Kind, Series, Shape, Unit, Value};

/// Lives as long as the process: call sites and threads refer to it without counting who does.
pub(super) struct Entry {
    pub(super) metric: &'static Metric,
    /// Packed; see [`Series`].
    pub(super) values: &'static str,
    pub(super) instrument: Instrument,
}

pub(super) enum Instrument {
    Track(Track),
    Tally(Tally),
    Level(Level),
    Put(Box<Put>),
    Amount(Box<Amount>),
}

/// Whether histograms of this unit may have this shape.
pub(super) fn fits(shape: Option<&Shape>, unit: Unit) -> bool {
    !matches!(shape, Some(Shape::Buckets(bounds)) if Cut::at(Origin::of(unit), bounds).is_none())
}

#[cold]
pub(super) fn too_many_buckets(metric: &str) {
    tracing::warn!(
        metric,
        "more than {} sets of buckets in one process: this histogram counts by the lattice alone",
        Cut::MOST
    );
}

impl Entry {
    pub(super) fn new(metric: &'static Metric, values: &'static str) -> Self {
        let instrument = match metric.kind {
            Kind::Counter | Kind::Meter => Instrument::Tally(Tally::new()),
            Kind::Gauge => Instrument::Level(Level::new()),
            Kind::Histogram => Instrument::Track(Track::new(cut(metric, values))),
            Kind::Calls => Instrument::Track(Track::new(Cut::plain(Origin::Nanoseconds))),
            Kind::Values => Instrument::Put(Box::new(Put::values())),
            Kind::Statistic => Instrument::Put(Box::new(Put::statistic())),
            Kind::FloatCounter => Instrument::Amount(Box::new(Amount::new())),
        };
        Self { metric, values, instrument }
    }

    /// Where the calls of this series are recorded.
    #[inline]
    pub(super) fn track(&'static self) -> &'static Track {
        match &self.instrument {
            Instrument::Track(track) => track,
            _ => unreachable!("the kind of a series decides its instrument"),
        }
    }

    pub(super) fn series(&self) -> Series {
        Series { metric: self.metric, values: Packed::Kept(self.values) }
    }

    /// The cumulative value, or `None` for a gauge that was never set, and for calls of which none has ended: a function whose
    /// calls are all told apart late has a series of its own, in which nothing ever is.
    pub(super) fn value(&self) -> Option<Value> {
        match &self.instrument {
            Instrument::Track(track) => Some(self.track_value(track.total()))
                .filter(|value| self.metric.kind != Kind::Calls || !value.is_empty()),
            Instrument::Tally(tally) => Some(self.tally_value(tally.total())),
            Instrument::Level(level) => level.get().map(Value::Gauge),
            Instrument::Put(put) => Some(put.total()),
            Instrument::Amount(amount) => Some(Value::FloatCounter(amount.total())),
        }
    }

    /// The last exemplar that it was given, if it is a histogram that was.
    pub(super) fn exemplar(&'static self) -> Option<Exemplar> {
        match &self.instrument {
            Instrument::Track(track) => exemplar::last(track),
            _ => None,
        }
    }

    /// What came since this was last asked; `None` where nothing came.
    pub(super) fn seal(&self) -> Option<Value> {
        match &self.instrument {
            Instrument::Track(track) => track.seal().map(|calls| self.track_value(calls)),
            Instrument::Tally(tally) => {
                Some(tally.seal()).filter(|events| *events > 0).map(|events| self.tally_value(events))
            }
            Instrument::Level(level) => level.seal().map(Value::Gauge),
            Instrument::Put(put) => Some(put.seal()).filter(|value| !value.is_empty()),
            Instrument::Amount(amount) => Some(Value::FloatCounter(amount.seal())).filter(|value| !value.is_empty()),
        }
    }

    /// Whether anything came since the last window was sealed.
    pub(super) fn moved(&self) -> bool {
        match &self.instrument {
            Instrument::Track(track) => track.moved(),
            Instrument::Tally(tally) => tally.moved(),
            Instrument::Level(level) => level.moved(),
            Instrument::Put(put) => put.moved(),
            Instrument::Amount(amount) => amount.moved(),
        }
    }

    /// Whether threads own parts of it, or may at their next record.
    pub(super) fn is_hot(&self) -> bool {
        match &self.instrument {
            Instrument::Track(track) => !track.is_cool(),
            Instrument::Tally(tally) => !tally.is_cool(),
            Instrument::Level(_) | Instrument::Put(_) | Instrument::Amount(_) => false,
        }
    }

    /// Nothing is recorded for now: what threads have of it goes back.
    pub(super) fn cool(&self) {
        match &self.instrument {
            Instrument::Track(track) => track.cool(),
            Instrument::Tally(tally) => tally.cool(),
            Instrument::Level(_) | Instrument::Put(_) | Instrument::Amount(_) => {}
        }
    }

    /// From now on it takes records, or none.
    pub(super) fn turn(&self, gate: Gate) {
        match &self.instrument {
            Instrument::Track(track) => track.turn(gate),
            Instrument::Tally(tally) => tally.turn(gate),
            Instrument::Level(level) => level.turn(gate),
            Instrument::Put(put) => put.turn(gate),
            Instrument::Amount(amount) => amount.turn(gate),
        }
    }

    /// Whether it takes records.
    pub(super) fn gate(&self) -> &Gated {
        match &self.instrument {
            Instrument::Track(track) => track.gate(),
            Instrument::Tally(tally) => tally.gate(),
            Instrument::Level(level) => level.gate(),
            Instrument::Put(put) => put.gate(),
            Instrument::Amount(amount) => amount.gate(),
        }
    }

    /// The function that it is read from told no number when it was asked last.
    pub(super) fn is_unread(&self) -> bool {
        matches!(&self.instrument, Instrument::Amount(amount) if amount.is_unread())
    }

    /// Nothing was ever recorded.
    pub(super) fn forget(&self) {
        match &self.instrument {
            Instrument::Track(track) => track.forget(),
            Instrument::Tally(tally) => tally.forget(),
            Instrument::Level(level) => level.forget(),
            Instrument::Put(put) => put.forget(),
            Instrument::Amount(amount) => amount.forget(),
        }
    }

    fn track_value(&self, calls: Calls) -> Value {
        match self.metric.kind {
            Kind::Calls => Value::Calls(Box::new(calls)),
            _ => Value::Histogram(Box::new(calls.duration)),
        }
    }

    fn tally_value(&self, total: u64) -> Value {
        match self.metric.kind {
            Kind::Meter => Value::Meter(total),
            _ => Value::Counter(total),
        }
    }
}

/// The lattice of a histogram, and the bounds that were said of it.
fn cut(metric: &'static Metric, values: &str) -> Cut {
    let origin = Origin::of(metric.unit);
    let Some(Shape::Buckets(bounds)) = metric.policy(values).shape else { return Cut::plain(origin) };
    // Where there is no room, that was told when it was said: whoever comes here holds a lock.
    Cut::at(origin, bounds).unwrap_or(Cut::plain(origin))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program may have a hundred thousand of these: their size is a promise.
    #[test]
    #[cfg(target_pointer_width = "64")]
    fn an_entry_is_144_bytes() {
        assert_eq!(size_of::<Entry>(), 144);
    }
}
