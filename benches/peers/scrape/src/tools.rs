//! The tools, each with the same series.

use std::io;

use meters_prometheus::{Exposition, Format};

/// The buckets of all histograms, in seconds.
const BOUNDS: [f64; 10] = [0.015625, 0.03125, 0.0625, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0];

/// What lies between them: one value each.
const VALUES: [f64; 9] = [0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 6.0];

pub struct Tool {
    pub name: &'static str,
    /// Scrapes once, and says how long the page is.
    pub scrape: Box<dyn FnMut() -> usize>,
}

/// (of what kind it is, its route, its code) of each series.
fn series(count: usize) -> impl Iterator<Item = (usize, String, &'static str)> {
    let codes = ["200", "404", "500"];
    (0..count).map(move |number| (number % 10, format!("/orders/{}", number / 30), codes[number / 10 % 3]))
}

pub fn all(count: usize) -> Vec<Tool> {
    vec![meters(count, false), meters(count, true), prometheus(count), prometheus_client(count), metrics(count)]
}

fn meters(count: usize, streamed: bool) -> Tool {
    let registry = meters_core::Registry::new();
    registry.set_limit(usize::MAX);
    for (kind, route, code) in series(count) {
        match kind {
            0..4 => {
                let name = ["requests", "bytes", "hits", "misses"][kind];
                let counter = registry.counter(name).dimension("route", route).dimension("code", code).register();
                counter.inc(1_000 + kind as u64);
            }
            4..8 => {
                let name = ["in_flight", "queue", "heat", "load"][kind - 4];
                let gauge = registry.gauge(name).dimension("route", route).dimension("code", code).register();
                gauge.set(0.1 + kind as f64);
            }
            _ => {
                let name = ["took", "waited"][kind - 8];
                let histogram = registry.histogram(name).unit(meters_core::Unit::Seconds);
                let histogram = histogram.dimension("route", route).dimension("code", code).register();
                VALUES.iter().for_each(|value| histogram.observe(*value));
            }
        }
    }
    let exposition = Exposition::new();
    let scrape = move || {
        let snapshot = registry.snapshot();
        if streamed {
            let mut sink = Length(0);
            exposition.write(&snapshot, Format::TEXT, &mut sink).expect("it cannot fail");
            sink.0
        } else {
            std::hint::black_box(exposition.text(&snapshot)).len()
        }
    };
    Tool { name: if streamed { "meters, streamed" } else { "meters" }, scrape: Box::new(scrape) }
}

/// What a socket would have been sent.
struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        self.0 += std::hint::black_box(part).len();
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn prometheus(count: usize) -> Tool {
    use prometheus::{Encoder, GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry, TextEncoder};
    let registry = Registry::new();
    let labels = ["route", "code"];
    let counters = ["requests_total", "bytes_total", "hits_total", "misses_total"]
        .map(|name| IntCounterVec::new(Opts::new(name, name), &labels).expect("a name"));
    let gauges = ["in_flight", "queue", "heat", "load"]
        .map(|name| GaugeVec::new(Opts::new(name, name), &labels).expect("a name"));
    let histograms = ["took_seconds", "waited_seconds"].map(|name| {
        HistogramVec::new(HistogramOpts::new(name, name).buckets(BOUNDS.to_vec()), &labels).expect("a name")
    });
    counters.iter().for_each(|all| registry.register(Box::new(all.clone())).expect("is new"));
    gauges.iter().for_each(|all| registry.register(Box::new(all.clone())).expect("is new"));
    histograms.iter().for_each(|all| registry.register(Box::new(all.clone())).expect("is new"));
    for (kind, route, code) in series(count) {
        match kind {
            0..4 => counters[kind].with_label_values(&[route.as_str(), code]).inc_by(1_000 + kind as u64),
            4..8 => gauges[kind - 4].with_label_values(&[route.as_str(), code]).set(0.1 + kind as f64),
            _ => {
                let histogram = histograms[kind - 8].with_label_values(&[route.as_str(), code]);
                VALUES.iter().for_each(|value| histogram.observe(*value));
            }
        }
    }
    let scrape = move || {
        let mut page = Vec::new();
        TextEncoder::new().encode(&registry.gather(), &mut page).expect("it cannot fail");
        std::hint::black_box(page).len()
    };
    Tool { name: "prometheus", scrape: Box::new(scrape) }
}

fn prometheus_client(count: usize) -> Tool {
    use prometheus_client::encoding::text::encode;
    use prometheus_client::metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram};
    use prometheus_client::registry::Registry;
    use std::sync::atomic::AtomicU64;
    type Labels = Vec<(&'static str, String)>;
    let mut registry = Registry::default();
    let counters: [Family<Labels, Counter>; 4] = Default::default();
    let gauges: [Family<Labels, Gauge<f64, AtomicU64>>; 4] = Default::default();
    let histograms: [Family<Labels, Histogram, fn() -> Histogram>; 2] =
        std::array::from_fn(|_| Family::new_with_constructor((|| Histogram::new(BOUNDS)) as fn() -> Histogram));
    for (name, all) in ["requests", "bytes", "hits", "misses"].iter().zip(&counters) {
        registry.register(*name, *name, all.clone());
    }
    for (name, all) in ["in_flight", "queue", "heat", "load"].iter().zip(&gauges) {
        registry.register(*name, *name, all.clone());
    }
    for (name, all) in ["took_seconds", "waited_seconds"].iter().zip(&histograms) {
        registry.register(*name, *name, all.clone());
    }
    for (kind, route, code) in series(count) {
        let labels = vec![("route", route), ("code", code.to_owned())];
        match kind {
            0..4 => _ = counters[kind].get_or_create(&labels).inc_by(1_000 + kind as u64),
            4..8 => _ = gauges[kind - 4].get_or_create(&labels).set(0.1 + kind as f64),
            _ => {
                let histogram = histograms[kind - 8].get_or_create(&labels);
                VALUES.iter().for_each(|value| histogram.observe(*value));
            }
        }
    }
    let scrape = move || {
        let mut page = String::new();
        encode(&mut page, &registry).expect("it cannot fail");
        std::hint::black_box(page).len()
    };
    Tool { name: "prometheus-client", scrape: Box::new(scrape) }
}

fn metrics(count: usize) -> Tool {
    let builder = metrics_exporter_prometheus::PrometheusBuilder::new().set_buckets(&BOUNDS).expect("there are some");
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    metrics::with_local_recorder(&recorder, || {
        for (kind, route, code) in series(count) {
            match kind {
                0..4 => {
                    let name = ["requests", "bytes", "hits", "misses"][kind];
                    metrics::counter!(name, "route" => route, "code" => code).increment(1_000 + kind as u64);
                }
                4..8 => {
                    let name = ["in_flight", "queue", "heat", "load"][kind - 4];
                    metrics::gauge!(name, "route" => route, "code" => code).set(0.1 + kind as f64);
                }
                _ => {
                    let histogram =
                        metrics::histogram!(["took", "waited"][kind - 8], "route" => route, "code" => code);
                    VALUES.iter().for_each(|value| histogram.record(*value));
                }
            }
        }
    });
    handle.run_upkeep();
    let scrape = move || std::hint::black_box(handle.render()).len();
    Tool { name: "metrics-exporter-prometheus", scrape: Box::new(scrape) }
}
