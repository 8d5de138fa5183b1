//! What each window holds: it follows from the seed, the writer and the window's number, so that nobody has to remember it.

use std::time::{Duration, SystemTime};

use fastrand::Rng;
use meters_core::{
    Calls, Dimension, Dimensions, Distinct, Distribution, Kind, MetricName, Resolution, Series, Unit, Value, Window,
};

use super::held::{Held, Totals};

/// The series in which each writer tells the numbers of its windows: how often one arrived can be read there.
const NUMBERS: &str = "Windows";
const ROUTES: usize = 6;

fn series(name: &str, kind: Kind, unit: Unit, dimension: &str, value: &str) -> Series {
    let dimensions = Dimensions::try_from_iter([Dimension::new(dimension, value).unwrap()]).unwrap();
    Series::new(&MetricName::new(name).unwrap(), kind, unit, Resolution::Standard, &dimensions)
}

/// Window `number` of a writer, that ended at `end`.
pub fn window(seed: u64, writer: u32, number: u32, end: SystemTime) -> Window {
    let length = super::times::FLUSH;
    Window::from_parts(end - length, end, length, items(seed, writer, number))
}

fn items(seed: u64, writer: u32, number: u32) -> Vec<(Series, Value)> {
    let mut dice = Rng::with_seed(seed ^ (u64::from(writer) << 32) ^ u64::from(number).wrapping_mul(0x9e37_79b9));
    let mut numbers = Distinct::default();
    numbers.record(f64::from(number));
    let own = series(NUMBERS, Kind::Values, Unit::None, "Writer", &writer.to_string());
    let mut items = vec![(own, Value::Values(Box::new(numbers)))];
    for route in 0..ROUTES {
        let route = format!("r{route}");
        let mut push = |name, kind, unit, value| items.push((series(name, kind, unit, "Route", &route), value));
        push("Orders", Kind::Counter, Unit::Count, Value::Counter(dice.u64(1..20_000)));
        push("Clicks", Kind::Meter, Unit::CountPerSecond, Value::Meter(dice.u64(1..20_000)));
        let mut sizes = Distribution::new();
        sizes.record_n(f64::from(dice.u32(0..200)), dice.u64(1..100));
        sizes.record(f64::from(dice.u32(1..200)));
        push("Size", Kind::Histogram, Unit::Bytes, Value::Histogram(Box::new(sizes)));
        let mut calls = Calls::new();
        calls.duration.record_n(f64::from(dice.u32(1_000..9_000)), dice.u64(5..100));
        (calls.errors, calls.panics, calls.cancelled) = (dice.u64(0..3), dice.u64(0..2), dice.u64(0..2));
        push("Checkout", Kind::Calls, Unit::Microseconds, Value::Calls(Box::new(calls)));
    }
    items
}

/// Adds what a window holds, as if it had been reported `times` times.
pub(crate) fn add(totals: &mut Totals, seed: u64, writer: u32, number: u32, times: u64) {
    if times == 0 {
        return;
    }
    for (series, value) in items(seed, writer, number) {
        totals.entry(series.to_string()).or_default().add(&Held::of(&value), times);
    }
}

/// How often something was recorded in a window.
pub(crate) fn records(seed: u64, writer: u32, number: u32) -> u64 {
    items(seed, writer, number).iter().map(|(_, value)| Held::of(value).count).sum()
}

/// How often each window of this writer is in there.
pub(crate) fn reported(totals: &Totals, writer: u32) -> impl Fn(u32) -> u64 {
    let own = series(NUMBERS, Kind::Values, Unit::None, "Writer", &writer.to_string()).to_string();
    let counts = totals.get(&own).map(|held| held.values.clone()).unwrap_or_default();
    move |number| counts.get(&u64::from(number)).copied().unwrap_or(0)
}

/// The end of a window that ends now.
pub(crate) fn ended() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(super::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_say_all_that_a_window_holds() {
        for (series, value) in items(1, 2, 3) {
            let held = Held::of(&value);
            assert!(held.count > 0);
            assert_eq!(Held::parse(&held.line()), Some(held), "{series}");
        }
    }

    #[test]
    fn merged_windows_come_to_the_sum_of_what_they_hold() {
        let (mut merged, mut totals) = (window(1, 2, 3, ended()), Totals::new());
        merged.merge(&window(1, 2, 4, ended()));
        merged.merge(&window(1, 9, 4, ended()));
        for (writer, number) in [(2, 3), (2, 4), (9, 4)] {
            add(&mut totals, 1, writer, number, 1);
        }
        let merged: Totals = merged.iter().map(|(series, value)| (series.to_string(), Held::of(value))).collect();
        assert_eq!(merged, totals);
        assert_eq!([3, 4, 5].map(reported(&totals, 2)), [1, 1, 0]);
    }
}
