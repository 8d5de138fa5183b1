//! What others get wrong on their pages.

use meters_core::{Buckets, Registry, Unit};
use meters_prometheus::{Exposition, Format};

fn page(registry: &Registry) -> String {
    Exposition::new().text(&registry.snapshot())
}

fn samples(registry: &Registry) -> Vec<String> {
    page(registry).lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn what_is_internal_is_not_shown() {
    let registry = Registry::new();
    registry.counter("defect_secret").internal().register().inc(7);
    registry.counter("defect_public").register().inc(1);
    assert_eq!(samples(&registry), ["defect_public_total 1"]);
    // Also where it is said of one that is on the page already.
    let exposition = Exposition::new();
    registry.counter("defect_later").register().inc(2);
    assert!(exposition.text(&registry.snapshot()).contains("defect_later_total 2"));
    registry.counter("defect_later").internal().register();
    assert!(!exposition.text(&registry.snapshot()).contains("defect_later"));
}

#[test]
fn what_was_never_recorded_is_shown_as_nothing() {
    let registry = Registry::new();
    registry.counter("defect_untouched").description("Never.").register();
    registry.histogram("defect_empty").buckets(Buckets::explicit([1.0]).unwrap()).register();
    assert_eq!(
        samples(&registry),
        [
            "defect_empty_bucket{le=\"1.0\"} 0",
            "defect_empty_bucket{le=\"+Inf\"} 0",
            "defect_empty_sum 0",
            "defect_empty_count 0",
            "defect_untouched_total 0",
        ]
    );
    assert!(page(&registry).contains("# HELP defect_untouched_total Never.\n# TYPE defect_untouched_total counter\n"));
}

/// `sum by (le) (…)` over processes of which one is quick and one is slow: a bound that one of them did not show would lack what
/// it counted there, and the quantiles of the sum would be wrong.
#[test]
fn histograms_of_several_processes_add_up_by_their_bounds() {
    let mut sums = std::collections::BTreeMap::new();
    let all = [&[0.15; 100][..], &[0.3, 0.7, 1.5, 3.9], &[]];
    for values in all {
        let registry = Registry::new();
        let took = registry.histogram("defect_fleet").unit(Unit::Seconds).register();
        values.iter().for_each(|value| took.observe(*value));
        for line in samples(&registry) {
            let Some(line) = line.strip_prefix("defect_fleet_seconds_bucket{le=\"") else { continue };
            let (bound, count) = line.split_once("\"} ").unwrap();
            let (sum, processes) = sums.entry(bound.to_owned()).or_insert((0, 0));
            *sum += count.parse::<usize>().unwrap();
            *processes += 1;
        }
    }
    assert!(sums.len() > 10, "{sums:?}");
    for (bound, (sum, processes)) in &sums {
        let bound: f64 = bound.replace("+Inf", "inf").parse().unwrap();
        let wanted = all.iter().flat_map(|values| *values).filter(|value| **value <= bound).count();
        assert_eq!((*sum, *processes), (wanted, all.len()), "{bound}");
    }
}

#[test]
fn buckets_add_up_and_all_of_a_histogram_is_labelled() {
    let registry = Registry::new();
    let took = registry.histogram("defect_took").unit(Unit::Milliseconds).dimension("code", 200);
    let took = took.buckets(Buckets::explicit([5.0, 10.0, 250.0]).unwrap()).register();
    [1.0, 5.0, 5.1, 100.0, 1_000.0].iter().for_each(|value| took.observe(*value));
    assert_eq!(
        samples(&registry),
        [
            "defect_took_seconds_bucket{code=\"200\",le=\"0.005\"} 2",
            "defect_took_seconds_bucket{code=\"200\",le=\"0.01\"} 3",
            "defect_took_seconds_bucket{code=\"200\",le=\"0.25\"} 4",
            "defect_took_seconds_bucket{code=\"200\",le=\"+Inf\"} 5",
            "defect_took_seconds_sum{code=\"200\"} 1.1111",
            "defect_took_seconds_count{code=\"200\"} 5",
        ]
    );
}

#[test]
fn a_label_s_value_cannot_break_out_of_it() {
    let registry = Registry::new();
    let hostile = "\"} 1\nfake{x=\"\\";
    registry.counter("defect_escape").dimension("url", "http://a:80/\"x\\").register().inc(1);
    let exposition = Exposition::builder().label("zone", hostile).build().unwrap();
    assert_eq!(
        exposition.text(&registry.snapshot()),
        "# TYPE defect_escape_total counter\n\
         defect_escape_total{zone=\"\\\"} 1\\nfake{x=\\\"\\\\\",url=\"http://a:80/\\\"x\\\\\"} 1\n"
    );
}

#[test]
fn units_that_are_twins_and_kinds_that_are_are_told_apart() {
    let registry = Registry::new();
    registry.gauge("defect_orders").register().set(1.0);
    registry.counter("defect_orders").register().inc(2);
    registry.counter("defect_orders_total").register().inc(3);
    registry.gauge("defect_size").unit(Unit::Bytes).register().set(4.0);
    registry.gauge("defect_size").unit(Unit::Kilobytes).register().set(5.0);
    registry.gauge("defect_size_bytes").unit(Unit::Megabytes).register().set(6.0);
    let mut page = Vec::new();
    Exposition::builder()
        .created(false)
        .build()
        .unwrap()
        .write(&registry.snapshot(), Format::OPEN_METRICS, &mut page)
        .unwrap();
    let page = String::from_utf8(page).unwrap();
    let samples: Vec<_> = page.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(
        samples,
        [
            "defect_orders 1",
            "defect_orders_counter_count_total 2",
            "defect_orders_counter_total 3",
            "defect_size_bytes 6000000",
            "defect_size_gauge_bytes 4",
            "defect_size_gauge_kilobytes_bytes 5000",
        ]
    );
}

#[test]
fn series_are_sorted_whenever_they_came() {
    let (registry, exposition) = (Registry::new(), Exposition::new());
    let mut seen = Vec::new();
    for value in ["m", "z", "a", "b b", "Z", "c"] {
        registry.counter("defect_sorted").dimension("kind", value).register().inc(1);
        let page = exposition.text(&registry.snapshot());
        let kinds = page.lines().filter_map(|line| line.split('"').nth(1).map(str::to_owned));
        seen = kinds.collect();
        assert!(seen.is_sorted(), "{seen:?}");
    }
    assert_eq!(seen.len(), 6);
}

#[test]
fn mistakes_are_told_with_what_to_do() {
    let of = |builder: meters_prometheus::Builder| {
        let error = builder.build().unwrap_err();
        assert!(error.is_invalid_input());
        error.to_string()
    };
    let builder = Exposition::builder;
    assert_eq!(
        of(builder().prefix("9")),
        "invalid prefix \"9\": use letters, digits, \"_\" and \":\", and no digit first"
    );
    assert!(of(builder().label("le", "x")).starts_with("invalid label \"le\": use another name"));
    assert!(of(builder().label("__x", "x")).starts_with("invalid label \"__x\": use another name"));
    assert!(of(builder().label("", "x")).starts_with("invalid label \"\": use another name"));
    assert_eq!(of(builder().label("a", "1").label("a", "1")), "label \"a\" is given twice: keep one of them");
    assert!(of(builder().label("a", "")).ends_with("give it one, or leave it out"));
}

#[test]
fn what_stands_beside_a_metric_has_a_name_that_needs_no_escaping() {
    let registry = Registry::new();
    registry.gauge("Request.InFlight").register().set(2.0);
    registry.histogram("Request.TimeToFirst").unit(Unit::Microseconds).register().observe(5.0);
    registry.counter("Request.Errors").dimension("Kind", "Timeout").register().inc(1);
    registry.monitor("Request").register().enter().finish(meters_core::Ended::Ok);
    registry.gauge("shop.jobs.Wait").register().set(1.0);
    let all = [Format::TEXT, Format::OPEN_METRICS.with_utf8_names()].map(|format| {
        let mut page = Vec::new();
        Exposition::new().write(&registry.snapshot(), format, &mut page).unwrap();
        let page = String::from_utf8(page).unwrap();
        let types = page.lines().filter_map(|line| line.strip_prefix("# TYPE ")).map(str::to_owned);
        types.collect::<Vec<_>>()
    });
    let [text, open] = all;
    assert_eq!(
        text,
        [
            "Request_cancelled_total counter",
            "Request_errors_by_kind_total counter",
            "Request_errors_total counter",
            "Request_in_flight gauge",
            "Request_panics_total counter",
            "Request_seconds histogram",
            "Request_time_to_first_seconds histogram",
            "U__shop_2e_jobs__wait gauge",
        ]
    );
    let utf8 = |line: &String| {
        line.replace("_total counter", " counter").replace("U__shop_2e_jobs__wait", "\"shop.jobs_wait\"")
    };
    assert_eq!(open, text.iter().map(utf8).collect::<Vec<_>>());
}

#[test]
fn who_is_called_so_himself_keeps_the_name_and_all_are_shown() {
    let registry = Registry::new();
    registry.gauge("Request.InFlight").register().set(2.0);
    registry.gauge("Request_in_flight").register().set(3.0);
    registry.gauge("Request_in_flight_gauge").register().set(4.0);
    assert_eq!(
        samples(&registry),
        ["Request_in_flight 3", "Request_in_flight_gauge 4", "Request_in_flight_gauge_none 2"]
    );
}

#[test]
fn bounds_that_are_one_or_none_in_the_base_unit_make_no_page_invalid() {
    let registry = Registry::new();
    let buckets = |bounds: &[f64]| Buckets::explicit(bounds.iter().copied()).unwrap();
    // A thousandth of either is the same number.
    let (one, next) = (5e-324, 1e-323);
    let took = registry.histogram("defect_same").unit(Unit::Milliseconds).buckets(buckets(&[-1.0, one, next, 1e3]));
    let took = took.register();
    [0.0, next, 7.0].iter().for_each(|value| took.observe(*value));
    let size = registry.histogram("defect_endless").unit(Unit::Terabytes).buckets(buckets(&[1.0, 1e300])).register();
    size.observe(2.0);
    let buckets = |line: &String| line.contains("_bucket");
    let text: Vec<_> = samples(&registry).into_iter().filter(buckets).collect();
    assert_eq!(
        text,
        [
            "defect_endless_bytes_bucket{le=\"1e+12\"} 0",
            "defect_endless_bytes_bucket{le=\"+Inf\"} 1",
            "defect_same_seconds_bucket{le=\"0.0\"} 2",
            "defect_same_seconds_bucket{le=\"1.0\"} 3",
            "defect_same_seconds_bucket{le=\"+Inf\"} 3",
        ]
    );
}
