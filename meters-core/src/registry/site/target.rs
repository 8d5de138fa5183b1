//! What sites record into.

use crate::instrument::{Amount, Level, Tally, Track};
use crate::registry::entry::{Entry, Instrument};

/// What a site records into.
pub(super) trait Target: Sized + 'static {
    fn of(entry: &'static Entry) -> Option<&'static Self>;
    /// The site's threads shall own their part of it from the first record on.
    fn heat(&self) {}
}

impl Target for Track {
    fn of(entry: &'static Entry) -> Option<&'static Self> {
        if let Instrument::Track(track) = &entry.instrument { Some(track) } else { None }
    }

    fn heat(&self) {
        Track::heat(self);
    }
}

/// Calls: more than one metric may follow from their series.
impl Target for Entry {
    fn of(entry: &'static Entry) -> Option<&'static Self> {
        Some(entry)
    }

    fn heat(&self) {
        if let Instrument::Track(track) = &self.instrument {
            track.heat();
        }
    }
}

impl Target for Tally {
    fn of(entry: &'static Entry) -> Option<&'static Self> {
        if let Instrument::Tally(tally) = &entry.instrument { Some(tally) } else { None }
    }

    fn heat(&self) {
        Tally::heat(self);
    }
}

impl Target for Level {
    fn of(entry: &'static Entry) -> Option<&'static Self> {
        if let Instrument::Level(level) = &entry.instrument { Some(level) } else { None }
    }
}

impl Target for Amount {
    fn of(entry: &'static Entry) -> Option<&'static Self> {
        if let Instrument::Amount(amount) = &entry.instrument { Some(amount) } else { None }
    }
}
