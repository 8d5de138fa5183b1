//! Base units: what Prometheus wants numbers and names to be in.

use meters_core::{Kind, Unit};

/// How values of a unit become those of its base unit: times `multiply`, then divided by `divide`, each of which an `f64` holds
/// exactly, so that a value is rounded once.
///
/// The list is that of [base units](https://prometheus.io/docs/practices/naming/#base-units).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Base {
    /// The unit as it ends a name; empty where there is none.
    pub(crate) name: &'static str,
    pub(crate) multiply: u64,
    pub(crate) divide: u64,
}

impl Base {
    const fn new(name: &'static str, multiply: u64, divide: u64) -> Self {
        Self { name, multiply, divide }
    }

    /// Of nanoseconds, which durations of calls are held in.
    pub(crate) const NANOSECONDS: Self = Self::new("seconds", 1, 1_000_000_000);

    /// Of the values of a series, but those of calls.
    pub(crate) fn of(kind: Kind, unit: Unit) -> Self {
        // A meter's number is of events; that they are told a second is what Prometheus computes.
        let unit = if kind == Kind::Meter { whole(unit) } else { unit };
        let bytes = |multiply| Self::new("bytes", multiply, 1);
        let byte_rate = |multiply| Self::new("bytes_per_second", multiply, 1);
        match unit {
            Unit::Seconds => Self::new("seconds", 1, 1),
            Unit::Milliseconds => Self::new("seconds", 1, 1_000),
            Unit::Microseconds => Self::new("seconds", 1, 1_000_000),
            Unit::Bytes => bytes(1),
            Unit::Kilobytes => bytes(1_000),
            Unit::Megabytes => bytes(1_000_000),
            Unit::Gigabytes => bytes(1_000_000_000),
            Unit::Terabytes => bytes(1_000_000_000_000),
            Unit::Bits => Self::new("bytes", 1, 8),
            Unit::Kilobits => bytes(125),
            Unit::Megabits => bytes(125_000),
            Unit::Gigabits => bytes(125_000_000),
            Unit::Terabits => bytes(125_000_000_000),
            Unit::Percent => Self::new("ratio", 1, 100),
            Unit::BytesPerSecond => byte_rate(1),
            Unit::KilobytesPerSecond => byte_rate(1_000),
            Unit::MegabytesPerSecond => byte_rate(1_000_000),
            Unit::GigabytesPerSecond => byte_rate(1_000_000_000),
            Unit::TerabytesPerSecond => byte_rate(1_000_000_000_000),
            Unit::BitsPerSecond => Self::new("bytes_per_second", 1, 8),
            Unit::KilobitsPerSecond => byte_rate(125),
            Unit::MegabitsPerSecond => byte_rate(125_000),
            Unit::GigabitsPerSecond => byte_rate(125_000_000),
            Unit::TerabitsPerSecond => byte_rate(125_000_000_000),
            Unit::CountPerSecond => Self::new("per_second", 1, 1),
            Unit::Count | Unit::None => Self::new("", 1, 1),
        }
    }

    /// A value in the base unit.
    pub(crate) fn convert(self, value: f64) -> f64 {
        value * self.multiply as f64 / self.divide as f64
    }

    /// A whole number in the base unit: the first of these, with so many decimal places.
    pub(crate) fn exact(self, value: u64) -> (u128, usize) {
        let product = u128::from(value) * u128::from(self.multiply);
        match self.divide {
            8 => (product * 125, 3),
            divide => (product, divide.ilog10() as usize),
        }
    }
}

/// The unit of what is counted where this is the unit of a rate.
fn whole(unit: Unit) -> Unit {
    let name = unit.as_str();
    match name.strip_suffix("/Second") {
        Some(whole) => whole.parse().unwrap_or(unit),
        None => unit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_divisor_has_its_decimal_places() {
        for unit in Unit::ALL {
            let base = Base::of(Kind::Counter, unit);
            let (digits, places) = base.exact(3_000);
            assert_eq!(digits as f64 / 10f64.powi(places as i32), base.convert(3_000.0), "{unit}");
        }
        assert_eq!(Base::NANOSECONDS.exact(5), (5, 9));
    }

    #[test]
    fn a_meter_counts_what_its_rate_is_of() {
        assert_eq!(Base::of(Kind::Meter, Unit::CountPerSecond).name, "");
        assert_eq!(Base::of(Kind::Meter, Unit::KilobytesPerSecond), Base::of(Kind::Counter, Unit::Kilobytes));
        assert_eq!(Base::of(Kind::Gauge, Unit::CountPerSecond).name, "per_second");
    }
}
