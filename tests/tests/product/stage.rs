//! What most tests need: a receiver, a registry, and an exporter between them that sends when told.

use std::time::{Duration, SystemTime};

use meters::{Builder, FlushReport, Meters, Registry};
use meters_local::{Datum, DatumValue, Server};

/// Beyond this a test has hung; none waits so long for anything else.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A builder that names this endpoint, and nothing outside of this machine.
pub(crate) fn builder(endpoint: &str) -> Builder {
    meters::namespace("Product").region("us-east-1").endpoint_url(endpoint).credentials("test", "test")
}

/// In the order in which they shall be dropped.
pub(crate) struct Stage {
    pub(crate) meters: Meters,
    pub(crate) registry: Registry,
    pub(crate) cw: Server,
}

impl Stage {
    /// With a registry of its own: no other test is seen here.
    pub(crate) fn new() -> Self {
        Self::with(|builder| builder)
    }

    pub(crate) fn with(say: impl FnOnce(Builder) -> Builder) -> Self {
        Self::over(Registry::new(), say)
    }

    /// With the registry that attributes and macros record into, and all other tests too.
    pub(crate) fn global() -> Self {
        Self::over(Registry::global().clone(), |builder| builder)
    }

    fn over(registry: Registry, say: impl FnOnce(Builder) -> Builder) -> Self {
        let cw = meters_local::start();
        let builder = builder(&cw.endpoint_url()).manual().registry(&registry);
        let meters = say(builder).start().unwrap();
        Self { meters, registry, cw }
    }

    /// Sends everything, and insists that it arrives.
    pub(crate) fn flush(&self) -> FlushReport {
        let report = self.meters.flush(PATIENCE);
        assert!(report.is_complete(), "{report}");
        assert!(report.error.is_none(), "{report}");
        report
    }
}

/// (value, count) of a datum that has them, by rising value.
pub(crate) fn pairs(datum: &Datum) -> Vec<(f64, f64)> {
    let DatumValue::Values { values, counts } = &datum.value else { panic!("no values and counts: {datum:?}") };
    let mut pairs: Vec<_> = values.iter().copied().zip(counts.iter().copied()).collect();
    pairs.sort_by(|one, other| one.0.total_cmp(&other.0));
    pairs
}

/// The sum of a datum whose pairs are known, with the rounding of one addition.
pub(crate) fn precise_sum(terms: impl IntoIterator<Item = f64>) -> f64 {
    let (mut sum, mut rest) = (0.0_f64, 0.0);
    for term in terms {
        let next = sum + term;
        rest += if sum.abs() >= term.abs() { (sum - next) + term } else { (term - next) + sum };
        sum = next;
    }
    sum + rest
}

pub(crate) fn assert_close(found: f64, truth: f64, relative: f64) {
    let error = (found - truth).abs() / truth.abs();
    assert!(error <= relative, "{found} is not {truth}: off by {error}");
}

/// Lets the clock move on, so that what comes after has another timestamp in milliseconds.
pub(crate) fn next_milliseconds() -> SystemTime {
    let until = SystemTime::now() + Duration::from_millis(5);
    while SystemTime::now() < until {
        std::hint::spin_loop();
    }
    SystemTime::now()
}
