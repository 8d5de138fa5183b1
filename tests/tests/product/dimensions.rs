//! Names, dimensions, units and resolution of what annotated functions report.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use meters::{Dimension, Registry, metered, monitored};
use meters_local::Series;

use crate::stage::{Stage, assert_close};

fn dimensions(series: &[Series]) -> Vec<Vec<(String, String)>> {
    let mut all: Vec<_> = series.iter().map(|one| one.dimensions.clone()).collect();
    all.sort();
    all
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(own).collect()
}

#[monitored]
fn implied(fail: bool) -> Result<(), ()> {
    if fail { Err(()) } else { Ok(()) }
}

#[metered]
fn counted() {}

#[test]
fn without_a_name_the_function_is_a_dimension() {
    let stage = Stage::global();
    _ = (implied(false), implied(true));
    counted();
    stage.flush();
    let function = concat!(module_path!(), "::implied");
    for (name, unit) in [("Duration", "Microseconds"), ("Errors", "Count")] {
        let metric = stage.cw.metric(name).with("Function", function);
        assert_eq!(metric.sample_count(), 2.0, "{name}");
        assert_eq!(metric.unit(), Some(unit));
        assert_eq!(dimensions(&metric.series()), [owned(&[("Function", function)])]);
    }
    let function = concat!(module_path!(), "::counted");
    let calls = stage.cw.metric("Calls").with("Function", function).exactly();
    assert_eq!(calls.sum(), Some(1.0));
    assert_eq!(calls.unit(), Some("Count/Second"));
}

#[test]
fn with_a_name_there_are_exactly_the_dimensions_that_are_listed() {
    #[monitored(name = "DimensionsNamed")]
    fn bare() {}
    #[monitored(name = "DimensionsListed", dimensions(Route = "checkout"))]
    fn listed() {}
    #[metered(name = "DimensionsMetered", dimensions(Route = "login"))]
    fn metered_too() {}

    let stage = Stage::global();
    bare();
    listed();
    metered_too();
    stage.flush();
    let cases: [(&str, &[(&str, &str)]); 5] = [
        ("DimensionsNamed", &[]),
        ("DimensionsNamed.Errors", &[]),
        ("DimensionsListed", &[("Route", "checkout")]),
        ("DimensionsListed.Errors", &[("Route", "checkout")]),
        ("DimensionsMetered", &[("Route", "login")]),
    ];
    for (name, expected) in cases {
        let series = stage.cw.metric(name).series();
        assert_eq!(dimensions(&series), [owned(expected)], "{name}");
    }
}

#[derive(Clone, Copy, Dimension)]
#[dimension(rename_all = "kebab-case")]
enum Tier {
    Gold,
    NotYetPaid,
}

struct Cart {
    items: Vec<u32>,
}

#[test]
fn a_literal_an_argument_an_expression_and_an_enum() {
    #[monitored(name = "DimensionsAll", dimensions(Route = "cart", tier, Shop = shop, Items = cart.items.len()))]
    fn all(tier: Tier, shop: &str, cart: Cart) -> usize {
        drop(cart);
        shop.len()
    }
    let stage = Stage::global();
    let cart = |items| Cart { items: vec![1; items] };
    all(Tier::Gold, "Bern", cart(2));
    all(Tier::NotYetPaid, "Bern", cart(0));
    all(Tier::Gold, "Bern", cart(2));
    stage.flush();
    let expected = |tier, items| owned(&[("Items", items), ("Route", "cart"), ("Shop", "Bern"), ("tier", tier)]);
    let metric = stage.cw.metric("DimensionsAll");
    assert_eq!(dimensions(&metric.series()), [expected("not-yet-paid", "0"), expected("gold", "2")]);
    assert_eq!(metric.clone().with("tier", "gold").sample_count(), 2.0);
    assert_eq!(metric.with("tier", "not-yet-paid").sample_count(), 1.0);
}

static EVALUATED: AtomicU32 = AtomicU32::new(0);

fn evaluate() -> u32 {
    EVALUATED.fetch_add(1, SeqCst)
}

#[test]
fn a_dimension_is_evaluated_once_and_before_the_body() {
    #[monitored(name = "DimensionsOnce", dimensions(Nth = evaluate()))]
    fn plain() -> u32 {
        EVALUATED.load(SeqCst)
    }
    #[monitored(name = "DimensionsOnceAsync", dimensions(Nth = evaluate()))]
    async fn asynchronous() -> u32 {
        EVALUATED.load(SeqCst)
    }
    #[metered(name = "DimensionsOnceMetered", dimensions(Nth = evaluate()))]
    fn metered_too() -> u32 {
        EVALUATED.load(SeqCst)
    }
    #[monitored(name = "DimensionsChanged", dimensions(Name = name))]
    fn changed(name: &mut String) {
        name.push_str("-changed");
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let stage = Stage::global();
    assert_eq!(plain(), 1);
    assert_eq!(runtime.block_on(asynchronous()), 2);
    assert_eq!(metered_too(), 3);
    changed(&mut "first".to_owned());
    stage.flush();
    assert_eq!(EVALUATED.load(SeqCst), 3);
    for (name, nth) in [("DimensionsOnce", "0"), ("DimensionsOnceAsync", "1"), ("DimensionsOnceMetered", "2")] {
        assert!(stage.cw.metric(name).with("Nth", nth).exists(), "{name}");
    }
    let changed = stage.cw.metric("DimensionsChanged").series();
    assert_eq!(dimensions(&changed), [owned(&[("Name", "first")])]);
}

#[test]
fn units_and_resolution_are_as_they_were_said() {
    #[monitored(name = "UnitMilliseconds", unit = Milliseconds, resolution = 1)]
    fn milliseconds() {}
    #[monitored(name = "UnitSeconds", unit = Seconds)]
    fn seconds() {}
    #[metered(name = "UnitFine", resolution = 1)]
    fn fine() {}

    let stage = Stage::global();
    for _ in 0..50 {
        milliseconds();
        seconds();
        fine();
    }
    stage.flush();
    let truth = Registry::global().snapshot();
    for (name, unit, nanoseconds, resolution) in
        [("UnitMilliseconds", "Milliseconds", 1e6, 1), ("UnitSeconds", "Seconds", 1e9, 60)]
    {
        let metric = stage.cw.metric(name);
        assert_eq!(metric.unit(), Some(unit));
        let sum = truth.metric(name).calls().duration.sum();
        assert_close(metric.sum().unwrap(), sum / nanoseconds, 1e-12);
        let errors = stage.cw.metric(format!("{name}.Errors"));
        for datum in metric.datums().iter().chain(&errors.datums()) {
            assert_eq!(datum.resolution, resolution, "{datum:?}");
        }
    }
    assert_eq!(stage.cw.metric("UnitFine").datums()[0].resolution, 1);
}

#[test]
fn threads_and_tasks_do_not_see_the_dimensions_of_others() {
    #[monitored(name = "DimensionsApart", dimensions(Who = who))]
    fn inner(who: u32, depth: u32) {
        if depth > 0 {
            inner(who + 100, depth - 1);
        }
    }
    #[monitored(name = "DimensionsTasks", dimensions(Who = who))]
    async fn task(who: u32) {
        tokio::task::yield_now().await;
    }
    let stage = Stage::global();
    std::thread::scope(|scope| {
        for who in 0..3 {
            scope.spawn(move || (0..300).for_each(|_| inner(who, 1)));
        }
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..90).map(|n| tokio::spawn(task(n % 3))).collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    stage.flush();
    for who in ["0", "1", "2", "100", "101", "102"] {
        let metric = stage.cw.metric("DimensionsApart").with("Who", who);
        assert_eq!(metric.sample_count(), 300.0, "{who}");
    }
    for who in ["0", "1", "2"] {
        let metric = stage.cw.metric("DimensionsTasks").with("Who", who);
        assert_eq!(metric.sample_count(), 30.0, "{who}");
    }
}
