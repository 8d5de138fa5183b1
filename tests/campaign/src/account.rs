//! What was told of the flushes, and what became of each datum.

use std::collections::BTreeMap;
use std::ops::Range;

use meters::{FlushReport, Refused};
use meters_local::{Datum, DatumValue, LoggedRequest};

use crate::ledger::{Key, key_of, milliseconds};

/// One flush: the requests that were seen during it, and its report.
pub(crate) struct Flush {
    pub(crate) requests: Range<usize>,
    /// The reporter ended.
    pub(crate) last: bool,
    /// Its time ran out, perhaps within a request.
    pub(crate) late: bool,
    /// There was no report: the machine was too busy to give one.
    pub(crate) mute: bool,
    pub(crate) report: FlushReport,
}

/// What callbacks were told.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) refused: BTreeMap<Key, u64>,
    pub(crate) errors: u64,
}

impl Told {
    pub(crate) fn refused(&mut self, one: &Refused) {
        let dimensions = one.dimensions().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        *self.refused.entry((one.metric().to_owned(), dimensions)).or_default() += 1;
    }
}

/// A datum, to the bit: resent, it is the same.
pub(crate) type Identity = (Key, u64, String);

pub(crate) fn identity(datum: &Datum) -> Identity {
    let bits = |numbers: &[f64]| numbers.iter().map(|number| format!("{:x}.", number.to_bits())).collect::<String>();
    let value = match &datum.value {
        DatumValue::Value(value) => bits(&[*value]),
        DatumValue::Statistics { sample_count, sum, minimum, maximum } => {
            bits(&[*sample_count, *sum, *minimum, *maximum])
        }
        DatumValue::Values { values, counts } => bits(values) + &bits(counts),
        _ => String::new(),
    };
    (key_of(datum), milliseconds(datum.timestamp), value)
}

/// What became of one datum, as the receiver saw it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Fate {
    /// How often it was stored.
    pub(crate) stored: u64,
    /// How often of those the client was told so.
    pub(crate) answered: u64,
}

/// The fate of every datum that was seen in a request.
pub(crate) fn fates(requests: &[LoggedRequest]) -> BTreeMap<Identity, Fate> {
    let mut fates: BTreeMap<Identity, Fate> = BTreeMap::new();
    for request in requests {
        for datum in &request.contents {
            let fate = fates.entry(identity(datum)).or_default();
            fate.stored += u64::from(request.stored);
            fate.answered += u64::from(request.stored && request.status == Some(200));
        }
    }
    fates
}
