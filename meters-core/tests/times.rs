//! Blocks and futures that a histogram or a summary times.
#![allow(missing_docs)]

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use meters_core::{Histogram, Level, Registry, Unit};

fn seconds(registry: &Registry, name: &str) -> (u64, f64) {
    let seen = registry.snapshot().metric(name).distribution().unwrap();
    (seen.count(), seen.sum())
}

fn spin(duration: Duration) {
    let start = Instant::now();
    while start.elapsed() < duration {
        std::hint::spin_loop();
    }
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Clocks may differ by a little.
const NEARLY: f64 = 0.99;

#[test]
fn a_block_is_timed_in_the_unit_of_its_histogram_and_returns_what_it_returns() {
    let registry = Registry::new();
    for (unit, per_second) in
        [(Unit::Seconds, 1.0), (Unit::Milliseconds, 1e3), (Unit::Microseconds, 1e6), (Unit::None, 1.0)]
    {
        let name = format!("Block{unit}");
        let (histogram, summary) = (
            registry.histogram(&name).unit(unit).register(),
            registry.summary(&format!("S{name}")).unit(unit).register(),
        );
        let outer = Instant::now();
        let long = Duration::from_millis(2);
        assert_eq!(histogram.time(|| (spin(long), 7)).1, 7);
        assert_eq!(summary.time(|| (spin(long), 8)).1, 8);
        let outer = outer.elapsed().as_secs_f64() * per_second;
        for name in [name.clone(), format!("S{name}")] {
            let (count, sum) = seconds(&registry, &name);
            assert!(
                count == 1 && sum >= 0.002 * per_second * NEARLY && sum * NEARLY <= outer,
                "{name}: {sum} of {outer}"
            );
        }
    }
}

/// instrumentor keeps the start in the timer that all calls share.
#[test]
fn defect_a_timer_inside_of_a_timer_makes_the_outer_one_short() {
    fn nested(timer: Histogram, depth: u32) {
        timer.time(|| {
            spin(Duration::from_millis(2));
            if depth > 1 {
                nested(timer, depth - 1);
            }
        });
    }
    let registry = Registry::new();
    nested(registry.histogram("Nested").unit(Unit::Milliseconds).register(), 3);
    let (count, sum) = seconds(&registry, "Nested");
    assert!(count == 3 && sum >= (2.0 + 4.0 + 6.0) * NEARLY, "{sum}");
}

#[test]
fn a_block_that_panics_is_timed() {
    let registry = Registry::new();
    let timer = registry.histogram("Panics").register();
    assert!(catch_unwind(AssertUnwindSafe(|| timer.time(|| panic!("in a block")))).is_err());
    assert_eq!(seconds(&registry, "Panics").0, 1);
}

/// Done when it is polled the second time.
struct Twice(bool);

impl Future for Twice {
    type Output = u8;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<u8> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(9) } else { Poll::Pending }
    }
}

/// instrumentor and satella time the making of the future.
#[test]
fn defect_a_future_is_timed_when_it_is_made() {
    let registry = Registry::new();
    let timer = registry.histogram("Future").unit(Unit::Milliseconds).register();
    let before = Instant::now();
    let mut future = pin!(timer.time_async(Twice(false)));
    spin(Duration::from_millis(20));
    let made = before.elapsed();
    assert!(poll(future.as_mut()).is_pending());
    spin(Duration::from_millis(5));
    assert_eq!(seconds(&registry, "Future").0, 0);
    assert_eq!(poll(future.as_mut()), Poll::Ready(9));
    let (count, sum) = seconds(&registry, "Future");
    let most = (before.elapsed() - made).as_secs_f64() * 1e3;
    assert!(count == 1 && sum >= 5.0 * NEARLY && sum * NEARLY <= most, "{sum} of {most}");
}

#[test]
fn a_future_that_is_dropped_is_timed_if_it_had_begun() {
    let registry = Registry::new();
    let timer = registry.summary("Dropped").register();
    drop(timer.time_async(Twice(false)));
    assert_eq!(seconds(&registry, "Dropped").0, 0);
    {
        let mut future = pin!(timer.time_async(Twice(false)));
        assert!(poll(future.as_mut()).is_pending());
    }
    assert_eq!(seconds(&registry, "Dropped").0, 1);
}

#[test]
fn what_is_switched_off_runs_and_is_not_timed() {
    let registry = Registry::new();
    let timer = registry.histogram("TimesOff").level(Level::Debug).register();
    assert_eq!(timer.time(|| 5), 5);
    assert_eq!(poll(pin!(timer.time_async(std::future::ready(6)))), Poll::Ready(6));
    registry.set_level(Level::Debug);
    assert_eq!(seconds(&registry, "TimesOff").0, 0);
    assert_eq!(timer.time(|| 5), 5);
    assert_eq!(seconds(&registry, "TimesOff").0, 1);
}
