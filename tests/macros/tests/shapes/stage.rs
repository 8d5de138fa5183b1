//! Runs a shape, and says what was recorded meanwhile.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use meters::Value;

pub(crate) struct Shape {
    pub(crate) name: &'static str,
    /// What shall be recorded, as in the table.
    pub(crate) expected: &'static str,
    pub(crate) run: fn(),
}

pub(crate) const fn shape(name: &'static str, expected: &'static str, run: fn()) -> Shape {
    Shape { name, expected, run }
}

pub(crate) struct Measured {
    pub(crate) recorded: String,
    dimensions: BTreeSet<String>,
    spent: Duration,
}

thread_local! {
    static SPENT: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// Time that surely passes.
pub(crate) fn spend() {
    let least = Duration::from_millis(1);
    thread::sleep(least);
    SPENT.set(SPENT.get() + least);
}

/// Pending once; the time passes while nobody polls.
pub(crate) struct Rest(bool);

pub(crate) const fn rest() -> Rest {
    Rest(false)
}

impl Future for Rest {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// To the end.
pub(crate) fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => return output,
            Poll::Pending => spend(),
        }
    }
}

/// One poll, and dropped later.
pub(crate) fn abandon<F: Future>(future: F) {
    let mut future = pin!(future);
    let polled = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_pending());
    spend();
}

pub(crate) fn send<T: Send>(value: T) -> T {
    value
}

/// A panic without a message on the terminal.
pub(crate) fn panic() -> ! {
    std::panic::resume_unwind(Box::new("wanted"))
}

pub(crate) fn caught(run: impl FnOnce()) {
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).is_err());
}

pub(crate) fn measure(shape: &Shape) -> Measured {
    SPENT.set(Duration::ZERO);
    let before = meters::snapshot();
    (shape.run)();
    let window = meters::snapshot().since(&before);
    let spent = SPENT.get();

    let (mut counts, mut events, mut timings, mut nanoseconds) = ([0; 4], 0, 0, 0.0);
    let mut dimensions = BTreeSet::new();
    for (series, value) in window.iter() {
        match value {
            Value::Calls(calls) => {
                let of_this = [calls.ok(), calls.errors, calls.panics, calls.cancelled];
                counts.iter_mut().zip(of_this).for_each(|(sum, count)| *sum += count);
                nanoseconds += calls.duration.sum();
            }
            Value::Meter(count) | Value::Counter(count) => events += count,
            // Not those that come with calls.
            Value::Histogram(times) if series.name().starts_with("Own") && !series.name().contains('.') => {
                timings += times.count();
                nanoseconds += times.sum() * series.unit().per_second().map_or(1.0, |per_second| 1e9 / per_second);
            }
            _ => continue,
        }
        let listed = series.dimensions().map(|(name, value)| {
            let value = value.replace(concat!(env!("CARGO_CRATE_NAME"), "::"), "");
            format!("`{name}={value}`")
        });
        let listed: Vec<String> = listed.collect();
        dimensions.insert(if listed.is_empty() { format!("none, `{}`", series.name()) } else { listed.join(" ") });
    }
    let least = spent.as_nanos() as f64;
    let timed = counts.iter().sum::<u64>() + timings > 0;
    assert!(!timed || nanoseconds >= least, "{}: {nanoseconds} ns of at least {least}", shape.name);
    let [ok, errors, panics, cancelled] = counts;
    let calls = [(ok, "ok"), (errors, "error"), (panics, "panic"), (cancelled, "cancelled")];
    let named = calls.into_iter().chain([(timings, "timed"), (events, "event")]);
    let named = named.filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    let spent = if timed { spent } else { Duration::ZERO };
    Measured { recorded: named.collect::<Vec<_>>().join(", "), dimensions, spent }
}

impl Measured {
    pub(crate) fn row(&self, name: &str) -> String {
        let recorded = if self.recorded.is_empty() { "nothing" } else { &self.recorded };
        let dimensions: Vec<String> = self.dimensions.iter().cloned().collect();
        let time = if self.spent.is_zero() { "" } else { "covered" };
        format!("| {name} | {recorded} | {} | {time} |", dimensions.join("; ").replace('|', "\\|"))
    }
}
