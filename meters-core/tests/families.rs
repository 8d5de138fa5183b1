//! Metrics whose labels were said before.
#![allow(missing_docs)]

use std::sync::LazyLock;
use std::thread;

use meters_core::{Counter, Ended, Family, FloatCounter, Gauge, Histogram, Level, Meter, Monitor, Registry, Unit};

fn family(registry: &Registry, name: &str) -> Family<Counter> {
    registry.counter(name).labels(["code", "method"]).family().unwrap()
}

#[test]
fn each_combination_of_values_is_a_series() {
    let registry = Registry::new();
    let requests = family(&registry, "Requests");
    assert_eq!(registry.snapshot().iter().len(), 0, "nothing was asked for");
    for round in 1..3 {
        requests.with(["200", "GET"]).inc(1);
        requests.with(["200", "PUT"]).inc(2);
        requests.with(["404", "GET"]).inc(4);
        requests.get([("method", "GET"), ("code", "404")]).unwrap().inc(8);
        let snapshot = registry.snapshot();
        let of =
            |code: &str, method: &str| snapshot.metric("Requests").with("code", code).with("method", method).count();
        assert_eq!(
            (of("200", "GET"), of("200", "PUT"), of("404", "GET"), of("404", "PUT")),
            (round, 2 * round, 12 * round, 0)
        );
    }
    let same = registry.counter("Requests").dimension("method", "GET").dimension("code", "200").register();
    same.inc(1);
    assert_eq!(registry.snapshot().iter().len(), 3, "labels are dimensions");
}

#[test]
fn the_order_of_labels_is_that_of_who_asks() {
    let registry = Registry::new();
    let one = registry.counter("Ordered").labels(["z", "a", "m"]).family().unwrap();
    let other = registry.counter("Ordered").labels(["m", "z", "a"]).family().unwrap();
    one.with(["1", "2", "3"]).inc(1);
    other.with(["3", "1", "2"]).inc(1);
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.to_string(), "Ordered{a=\"2\",m=\"3\",z=\"1\"} 2\n");
}

#[test]
fn every_handle_has_families_and_dimensions_stay_beside_labels() {
    static GAUGES: LazyLock<Family<Gauge>> =
        LazyLock::new(|| Registry::global().gauge("FamilyGauge").labels(["a"]).family().unwrap());
    fn crosses<T: Copy + Send + Sync + 'static>(_: &T) {}
    crosses(&*GAUGES);
    GAUGES.with([7]).set(1.0);
    assert_eq!(Registry::global().snapshot().metric("FamilyGauge").with("a", "7").gauge(), Some(1.0));
    let registry = Registry::new();
    let histograms: Family<Histogram> =
        registry.histogram("FH").unit(Unit::Bytes).dimension("Env", "prod").labels(["a"]).family().unwrap();
    let meters: Family<Meter> = registry.meter("FM").labels(["a"]).family().unwrap();
    let floats: Family<FloatCounter> = registry.float_counter("FF").labels(["a"]).family().unwrap();
    let monitors: Family<Monitor> = registry.monitor("FC").labels(["a"]).family().unwrap();
    for value in ["x", "a value that is longer than sixteen bytes"] {
        (0..3).for_each(|_| histograms.with([value]).observe(2.0));
        meters.with([value]).mark(1);
        floats.with([value]).inc(0.5);
        (0..2).for_each(|_| monitors.with([value]).enter_async().finish(Ended::Error));
        let snapshot = registry.snapshot();
        assert_eq!(snapshot.metric("FH").with("Env", "prod").with("a", value).count(), 3);
        assert_eq!(snapshot.metric("FM").with("a", value).count(), 1);
        assert_eq!(snapshot.metric("FF").with("a", value).amount(), 0.5);
        assert_eq!(snapshot.metric("FC").with("a", value).calls().errors, 2);
    }
    assert_eq!(registry.snapshot().iter().next().unwrap().0.unit(), Unit::Bytes);
}

/// instrumentor takes `le` as a label of a histogram, which then replaces that of the bucket.
#[test]
fn defect_a_label_replaces_the_bound_of_a_bucket() {
    let registry = Registry::new();
    for (labels, part) in [
        (&["le"][..], "\"le\" is Prometheus' own"),
        (&["code", "quantile"], "\"quantile\" is Prometheus' own"),
        (&["__name__"], "\"__name__\" is Prometheus' own"),
        (&["code", "code"], "the labels of Refused: \"code\" is given twice: keep one"),
        (&["code", "Env"], "the labels of Refused: \"Env\" is a dimension already, which is \"prod\" always: keep one"),
        (&[""], "the labels of Refused: "),
        (&[":code"], "\":code\""),
        (&[], "there is none"),
    ] {
        let error = registry.counter("Refused").dimension("Env", "prod").labels(labels).family().unwrap_err();
        assert!(error.is_invalid_input() && error.to_string().contains(part), "{labels:?}: {error}");
    }
    let many: Vec<String> = (0..31).map(|number| format!("l{number}")).collect();
    assert!(registry.counter("Refused").labels(&many).family().is_err());
    assert!(registry.counter("Refused").labels(&many[..30]).family().is_ok());
    assert!(registry.counter("").labels(["a"]).family().is_err());
    assert!(registry.monitor("Refused").unit(Unit::Bytes).labels(["a"]).family().is_err());
    for close in ["LE", "le_", "_le", "Quantile", "_"] {
        assert!(registry.counter("Refused").labels([close]).family().is_ok(), "{close}");
    }
    assert_eq!(registry.snapshot().iter().len(), 0);
}

#[test]
fn labels_that_are_not_the_family_s_are_refused_with_one_clear_error() {
    let registry = Registry::new();
    let requests = family(&registry, "Strict");
    let refused = |error: meters_core::Error| assert!(error.to_string().contains("[\"code\", \"method\"]"), "{error}");
    refused(requests.get([("code", "1")]).err().unwrap());
    refused(requests.get([("code", "1"), ("path", "/")]).err().unwrap());
    refused(requests.get([("code", "1"), ("code", "2")]).err().unwrap());
    refused(requests.get([("code", "1"), ("method", "2"), ("path", "/")]).err().unwrap());
    assert_eq!(registry.snapshot().iter().len(), 0);
}

#[test]
fn what_is_asked_for_wrongly_is_mended_and_recorded() {
    let registry = Registry::new();
    let requests = family(&registry, "Mended");
    requests.with(["200"]).inc(1);
    requests.with(["200", "GET", "more"]).inc(2);
    requests.with(["", "a\u{1f}b"]).inc(4);
    let long = "v".repeat(2000);
    (0..2).for_each(|_| requests.with([&*long, "GET"]).inc(8));
    let snapshot = registry.snapshot();
    assert_eq!((snapshot.counter("Mended"), snapshot.iter().len()), (23, 4));
    assert_eq!(snapshot.metric("Mended").with("code", "200").with("method", "GET").count(), 2);
}

#[test]
fn over_the_limit_there_is_one_series_for_the_rest() {
    let registry = Registry::new();
    registry.set_limit(3);
    let requests = registry.counter("Crowded").dimension("Env", "prod").labels(["path"]).family().unwrap();
    for round in 1..3u64 {
        (0..10).for_each(|path| requests.with([path]).inc(1));
        let snapshot = registry.snapshot();
        assert_eq!((snapshot.counter("Crowded"), snapshot.iter().len()), (10 * round, 4));
        let rest = snapshot.metric("Crowded").with("path", "_other").with("Env", "prod");
        assert_eq!(rest.count(), 7 * round, "what is no label keeps its value");
    }
}

#[test]
fn many_threads_make_each_series_once() {
    let registry = Registry::new();
    let requests = family(&registry, "Raced");
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for n in 0..if cfg!(miri) { 20u32 } else { 2000 } {
                    requests.with([n % 20, n % 3]).inc(1);
                }
            });
        }
    });
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.counter("Raced"), if cfg!(miri) { 80 } else { 8000 });
    assert_eq!(snapshot.iter().len(), if cfg!(miri) { 20 } else { 60 });
}

#[test]
fn a_series_that_is_removed_is_back_when_it_is_asked_for_on_any_thread() {
    let registry = Registry::new();
    let mut reader = registry.reader();
    let requests = family(&registry, "Removed");
    let old = requests.with(["200", "GET"]);
    old.inc(1);
    requests.with(["200", "PUT"]).inc(1);
    assert!(requests.remove(["200", "GET"]) && !requests.remove(["200", "GET"]) && !requests.remove(["1", "2"]));
    old.inc(2);
    assert_eq!((registry.snapshot().counter("Removed"), reader.window().counter("Removed")), (1, 2));
    requests.with(["200", "GET"]).inc(4);
    old.inc(8);
    thread::scope(|scope| {
        scope.spawn(|| requests.with(["200", "GET"]).inc(16));
    });
    assert_eq!((registry.snapshot().counter("Removed"), reader.window().counter("Removed")), (30, 28));
}

#[test]
fn a_family_of_a_metric_that_is_gone_is_silent_until_it_is_registered_again() {
    let registry = Registry::new();
    let mut reader = registry.reader();
    let requests = family(&registry, "Gone");
    requests.with(["200", "GET"]).inc(1);
    assert_eq!(registry.unregister("Gone"), 1);
    requests.with(["200", "GET"]).inc(2);
    requests.with(["404", "GET"]).inc(2);
    thread::scope(|scope| {
        scope.spawn(|| requests.with(["200", "GET"]).inc(2));
    });
    assert_eq!((registry.snapshot().iter().len(), reader.window().counter("Gone")), (0, 1));
    let again = family(&registry, "Gone");
    again.with(["404", "GET"]).inc(4);
    requests.with(["200", "GET"]).inc(8);
    assert_eq!((registry.snapshot().counter("Gone"), reader.window().counter("Gone")), (13, 12));
}

#[test]
fn a_family_keeps_to_its_level() {
    let registry = Registry::new();
    let debug = registry.counter("FamilyDebug").level(Level::Debug).labels(["a"]).family().unwrap();
    debug.with(["x"]).inc(1);
    assert_eq!(registry.snapshot().iter().len(), 0);
    registry.set_level(Level::Debug);
    debug.with(["x"]).inc(2);
    assert_eq!(registry.snapshot().counter("FamilyDebug"), 2);
}

mod members {
    use super::*;
    use meters_core::MemberSite;

    fn family(name: &str, labels: [&str; 2]) -> Family<Counter> {
        Registry::global().counter(name).dimension("Shop", "north").labels(labels).family().unwrap()
    }

    fn count(name: &str, dimensions: &[(&str, &str)]) -> u64 {
        let snapshot = Registry::global().snapshot();
        dimensions.iter().fold(snapshot.metric(name), |query, (name, value)| query.with(name, value)).count()
    }

    #[test]
    fn a_site_names_the_labels_in_any_order() {
        static SITE: MemberSite = MemberSite::new(&["method", "code"]);
        let (one, other) = (family("MemberOne", ["code", "method"]), family("MemberOther", ["method", "code"]));
        for _ in 0..100 {
            for code in [200_u16, 404] {
                SITE.of(&one, ("GET", (&code, ()))).inc(1);
                // It was not the first that the site met.
                SITE.of(&other, ("GET", (&code, ()))).inc(1);
            }
        }
        for name in ["MemberOne", "MemberOther"] {
            for code in ["200", "404"] {
                assert_eq!(count(name, &[("code", code), ("method", "GET"), ("Shop", "north")]), 100, "{name}");
            }
            assert_eq!(count(name, &[]), 200);
        }
        // What was taken away is back when it is asked for.
        assert!(one.remove(["200", "GET"]));
        SITE.of(&one, ("GET", (&200_u16, ()))).inc(1);
        assert_eq!(count("MemberOne", &[("code", "200")]), 101);
    }

    #[test]
    fn labels_that_do_not_fit_lose_nothing() {
        static FEWER: MemberSite = MemberSite::new(&["code"]);
        static OTHERS: MemberSite = MemberSite::new(&["path", "code"]);
        static MORE: MemberSite = MemberSite::new(&["path", "code", "method"]);
        let family = family("MemberUnfit", ["code", "method"]);
        for code in ["200", "404", "200"] {
            FEWER.of(&family, (code, ())).inc(1);
            OTHERS.of(&family, ("/", (code, ()))).inc(1);
            MORE.of(&family, ("/", (code, ("GET", ())))).inc(1);
        }
        assert_eq!(count("MemberUnfit", &[("code", "200"), ("method", "_")]), 4);
        assert_eq!(count("MemberUnfit", &[("code", "200"), ("method", "GET")]), 2);
        assert_eq!(count("MemberUnfit", &[]), 9);
    }
}
