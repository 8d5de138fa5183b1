//! What a metric is, and for whom: `description`, `level`, `internal`.
#![deny(warnings)]

use meters::{Level, Shape, counter, float_counter, gauge, histogram, metered, monitored, summary, timed};

/// Takes what is in the cart,
/// and pays for it.
///
/// More of it.
#[monitored(name = "Documented", on_ok(|paid| Paid = *paid > 1))]
fn documented(paid: u32) -> u32 {
    paid
}

/// Not this.
#[monitored(name = "Described", description = "Orders that were paid", level = Debug, internal, record(in_flight))]
async fn described() -> Result<(), u8> {
    Err(1)
}

/// Another one of the same name, which is no disagreement.
#[metered(name = "Marked")]
fn marked() {}

/// One of the same name.
#[metered(name = "Marked")]
fn marked_too() {}

/// Of `Duration` this says nothing.
#[monitored(level = Debug)]
fn unnamed() {}

struct Store;

#[monitored(description = "A call of the store", level = Debug)]
impl Store {
    fn read(&self) {}

    #[monitored(description = "Puts a row")]
    fn write(&self) {}
}

/// Recorded once it is asked for.
#[monitored(name = "Late", level = Debug)]
fn late() {}

/// Never.
#[metered(name = "Never", level = Disabled)]
fn never() {}

fn main() {
    late();
    never();
    counter!("Later", level = Debug).inc(1);
    meters::Registry::global().set_level(Level::Debug);
    late();
    never();
    documented(1);
    documented(2);
    assert!(poll(described()).is_err());
    marked();
    marked_too();
    unnamed();
    Store.read();
    Store.write();
    counter!("Counted", description = "Counts", internal).inc(1);
    float_counter!("Amount", Kind = "a", description = "Amounts", level = Runtime).inc(0.5);
    gauge!("Level", description = "Levels", across = Max).set(1.0);
    histogram!("Size", description = "Sizes", level = Debug, "level" = 5).observe(1.0);
    timed!("Timed", description = "Times", internal, { marked() });
    let kind = "a";
    for value in [1.0, 10.0, 11.0] {
        histogram!("Buckets", kind, buckets = linear(1, 1, 10)).observe(value);
        histogram!("MoreBuckets", buckets = exponential(0.5, 2, 5)).observe(value);
        summary!("Summary", kind, quantiles = [0.5], maximum = 10).observe(value);
        summary!("PlainSummary", unit = Seconds).observe(value);
    }
    timed!("TimedBuckets", unit = Seconds, buckets = [0.1, 0.5], { marked() });

    let all = meters::snapshot();
    let seen = ["Late", "Later", "Never"].map(|name| all.metric(name).count());
    assert_eq!(seen, [1, 0, 0]);
    let one = |name: &'static str| all.metric(name).series().next().unwrap().0;
    let said = |name: &'static str| (one(name).description(), one(name).level(), one(name).is_internal());
    assert_eq!(said("Documented"), (Some("Takes what is in the cart, and pays for it."), Level::Runtime, false));
    for paid in ["true", "false"] {
        let (late, _) = all.metric("Documented").with("Paid", paid).series().next().unwrap();
        assert_eq!(late.description(), one("Documented").description());
    }
    assert_eq!(said("Described"), (Some("Orders that were paid"), Level::Debug, true));
    // What goes with it is for the same people, and is something else.
    assert_eq!(said("Described.InFlight"), (None, Level::Debug, true));
    assert!(said("Marked").0.unwrap().ends_with("of the same name, which is no disagreement."), "the first is heard");
    let function = |name: &str| {
        let function = format!("{}::{name}", module_path!());
        let (series, _) = all.metric("Duration").with("Function", &function).series().next().unwrap();
        (series.description(), series.level())
    };
    assert_eq!(function("unnamed"), (None, Level::Debug));
    assert_eq!(function("Store::read"), (Some("A call of the store"), Level::Debug));
    assert_eq!(function("Store::write"), (Some("Puts a row"), Level::Debug));
    assert_eq!(said("Counted"), (Some("Counts"), Level::Runtime, true));
    assert_eq!(said("Amount"), (Some("Amounts"), Level::Runtime, false));
    assert_eq!(all.metric("Amount").with("Kind", "a").amount(), 0.5);
    assert_eq!(said("Level").0, Some("Levels"));
    assert_eq!(said("Size"), (Some("Sizes"), Level::Debug, false));
    let bounds = |name| all.metric(name).distribution().unwrap().explicit().map(|(bounds, counts)| {
        assert_eq!(one(name).shape(), Some(&Shape::Buckets(bounds.into())));
        (bounds.to_owned(), counts.to_owned())
    });
    let ten: Vec<f64> = (1..=10).map(f64::from).collect();
    assert_eq!(bounds("Buckets"), Some((ten, vec![1, 0, 0, 0, 0, 0, 0, 0, 0, 1])));
    assert_eq!(bounds("MoreBuckets"), Some((vec![0.5, 1.0, 2.0, 4.0, 8.0], vec![0, 1, 0, 0, 0])));
    assert_eq!(bounds("TimedBuckets"), Some((vec![0.1, 0.5], vec![1, 0])));
    assert_eq!(one("Summary").shape(), Some(&Shape::Quantiles([0.5].into())));
    assert_eq!(one("PlainSummary").shape(), Some(&Shape::Quantiles([0.5, 0.95, 0.99].into())));
    assert_eq!((all.metric("Summary").with("kind", "a").count(), all.counter("Summary.Above")), (2, 1));
    assert_eq!(all.metric("PlainSummary").count(), 3);
    assert_eq!(said("Timed"), (Some("Times"), Level::Runtime, true));
}

fn poll<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => unreachable!(),
    }
}
