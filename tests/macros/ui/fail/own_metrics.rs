//! `metric = …`: what is no metric, and what does not go with one.

use std::sync::LazyLock;

use meters::{Counter, Family, Histogram, Monitor, metered, monitored};

static REQUESTS: LazyLock<Counter> = LazyLock::new(|| meters::counter("Requests").register());
static FAMILY: LazyLock<Family<Counter>> =
    LazyLock::new(|| meters::counter("Family").labels(["code"]).family().unwrap());
static LATENCY: LazyLock<Histogram> = LazyLock::new(|| meters::histogram("Latency").register());
static CALLS: LazyLock<Monitor> = LazyLock::new(|| meters::monitor("Calls").register());

#[metered(metric)]
fn alone() {}

#[metered(metric = "Requests")]
fn a_name() {}

#[metered(metric = REQUESTS, name = "Requests")]
fn named() {}

#[monitored(unit = Seconds, metric = LATENCY)]
fn with_a_unit() {}

#[monitored(metric = LATENCY, resolution = 1)]
fn with_a_resolution() {}

#[metered(metric = REQUESTS, limit(Tenant = 5))]
fn with_a_limit() {}

#[metered(metric = REQUESTS, rollup([]))]
fn with_a_rollup() {}

#[metered(metric = REQUESTS, level = Debug)]
fn with_a_level() {}

#[metered(metric = REQUESTS, labels(code))]
fn with_labels(code: u16) {}

#[metered(metric = REQUESTS, dimensions(Code = code))]
fn with_a_dimension(code: u16) {}

#[metered(metric = FAMILY)]
fn without_dimensions() {}

#[monitored(metric = LATENCY, dimensions(Route = "a", Cache = _))]
fn with_a_literal() {}

#[metered(metric = FAMILY, dimensions(cod))]
fn not_an_argument(code: u16) {}

#[metered(metric = LATENCY)]
fn a_histogram_does_not_count() {}

#[metered(metric = 5)]
fn a_number_is_no_metric() {}

#[monitored(metric = REQUESTS)]
fn a_counter_is_not_timed() -> Result<(), ()> {
    Ok(())
}

#[monitored(metric = REQUESTS)]
async fn a_counter_is_not_timed_either() {}

#[monitored(metric = LATENCY, errors(none))]
fn a_histogram_has_no_errors() -> Option<u8> {
    None
}

#[monitored(metric = LATENCY, on_ok(|size| Size = *size))]
fn a_histogram_has_no_late_dimensions() -> u8 {
    1
}

#[monitored(metric = LATENCY, dimensions(Cache = _))]
async fn a_histogram_has_no_slots() {}

#[monitored(metric = LATENCY, record(in_flight))]
fn a_histogram_records_nothing_besides() {}

#[monitored(metric = LATENCY, sample = 1/64)]
fn a_histogram_has_no_samples() {}

#[metered(metric = REQUESTS, errors(none))]
fn metered_asks_nothing() -> Option<u8> {
    None
}

struct Shop {
    requests: Counter,
}

#[metered(metric = self.requests)]
impl Shop {
    fn of_all(&self) {}
}

impl Shop {
    #[metered(metric = self.request)]
    fn no_such_field(&self) {}
}

fn main() {
    meters::timed!(metric = CALLS, { 1 });
    meters::timed!(metric = REQUESTS, { 1 });
    meters::timed!(metric = LATENCY, unit = Seconds, { 1 });
    meters::timed!(metric = LATENCY, Route = "a", { 1 });
    meters::counter!(metric = REQUESTS);
}
