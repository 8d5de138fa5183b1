//! Units of the facade, as CloudWatch has them.

use meters_core::Unit;

/// A unit, and what values are multiplied by to be in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scaled {
    pub(super) unit: Unit,
    pub(super) factor: f64,
}

impl Scaled {
    pub(super) const NONE: Self = Self { unit: Unit::None, factor: 1.0 };

    /// A value of the facade in this unit. Divided where it becomes smaller: a thousandth is no number that a float holds.
    pub(super) fn of(factor: f64, value: f64) -> f64 {
        if factor < 1.0 { value / (1.0 / factor).round() } else { value * factor }
    }
}

pub(super) fn of(unit: metrics::Unit) -> Scaled {
    use metrics::Unit as Theirs;
    let same = |unit| Scaled { unit, factor: 1.0 };
    let bytes = |power| Scaled { unit: Unit::Bytes, factor: (1u64 << power) as f64 };
    match unit {
        Theirs::Count => same(Unit::Count),
        Theirs::Percent => same(Unit::Percent),
        Theirs::Seconds => same(Unit::Seconds),
        Theirs::Milliseconds => same(Unit::Milliseconds),
        Theirs::Microseconds => same(Unit::Microseconds),
        Theirs::Nanoseconds => Scaled { unit: Unit::Microseconds, factor: 1e-3 },
        Theirs::Tebibytes => bytes(40),
        Theirs::Gibibytes => bytes(30),
        Theirs::Mebibytes => bytes(20),
        Theirs::Kibibytes => bytes(10),
        Theirs::Bytes => same(Unit::Bytes),
        Theirs::TerabitsPerSecond => same(Unit::TerabitsPerSecond),
        Theirs::GigabitsPerSecond => same(Unit::GigabitsPerSecond),
        Theirs::MegabitsPerSecond => same(Unit::MegabitsPerSecond),
        Theirs::KilobitsPerSecond => same(Unit::KilobitsPerSecond),
        Theirs::BitsPerSecond => same(Unit::BitsPerSecond),
        Theirs::CountPerSecond => same(Unit::CountPerSecond),
    }
}
