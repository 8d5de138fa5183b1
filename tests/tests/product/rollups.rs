//! Roll-ups and limits of single dimensions, as CloudWatch holds them.

use meters::__private::{CallSite, CounterSite, Ended, MeterSite};
use meters::Registry;

use crate::stage::{Stage, assert_close};

static ORDERS: CallSite =
    CallSite::new("Duration", &[("Function", Some("rollups::place")), ("Route", None), ("Tenant", None)])
        .limits(&[("Tenant", 3)])
        .rollups(&[&["Function"], &["Function", "Route"]]);

#[test]
fn children_add_up_to_their_parents() {
    let stage = Stage::global();
    let ended = [Ended::Ok, Ended::Error, Ended::Ok, Ended::Panic, Ended::Cancelled];
    for n in 0..300_usize {
        ORDERS.enter_with((["cart", "pay"][n % 2], (&(n % 7), ()))).finish(ended[n % 5]);
    }
    stage.flush();
    for (metric, sum) in [("Duration", None), ("Errors", Some(120.0)), ("Cancelled", Some(60.0))] {
        let whole = stage.cw.metric(metric).with("Function", "rollups::place").exactly();
        let routes = ["cart", "pay"].map(|route| whole.clone().with("Route", route));
        // Each level by itself: all series, less those of the levels above it.
        let every = stage.cw.metric(metric).with("Function", "rollups::place");
        let tenants = || ["0", "1", "2", "_other"].map(|tenant| every.clone().with("Tenant", tenant));
        assert_eq!(every.series().len(), 1 + 2 + 8, "{metric}");
        let total = |of: &[meters_local::Metric<'_>]| of.iter().filter_map(meters_local::Metric::sum).sum::<f64>();
        let count = |of: &[meters_local::Metric<'_>]| of.iter().map(meters_local::Metric::sample_count).sum::<f64>();
        assert_close(total(&routes), whole.sum().unwrap(), 1e-12);
        assert_close(total(&tenants()), whole.sum().unwrap(), 1e-12);
        if let Some(sum) = sum {
            assert_eq!(whole.sum(), Some(sum), "{metric}");
        }
        if metric != "Cancelled" {
            assert_eq!(whole.sample_count(), 300.0, "{metric}");
            assert_eq!((count(&routes), count(&tenants())), (300.0, 300.0), "{metric}");
        }
        let extremes = tenants().map(|tenant| (tenant.minimum().unwrap(), tenant.maximum().unwrap()));
        let least = extremes.iter().map(|(least, _)| *least).fold(f64::INFINITY, f64::min);
        let most = extremes.iter().map(|(_, most)| *most).fold(0.0, f64::max);
        if metric == "Duration" {
            assert_eq!((whole.minimum(), whole.maximum()), (Some(least), Some(most)));
            let truth = Registry::global().snapshot();
            let truth = truth.metric("Duration").with("Function", "rollups::place").calls();
            assert_eq!(truth.count(), 300, "parents are no part of what was recorded");
            assert_close(whole.sum().unwrap(), truth.duration.sum() / 1e3, 1e-12);
        }
    }
}

#[test]
fn a_parent_of_several_functions_is_one_metric() {
    const ROLLED: &[&[&str]] = &[&[], &["Kind"]];
    static ONE: MeterSite = MeterSite::new("RollupCalls", &[("Function", Some("one")), ("Kind", None)]).rollups(ROLLED);
    static TWO: MeterSite = MeterSite::new("RollupCalls", &[("Function", Some("two")), ("Kind", None)]).rollups(ROLLED);
    let stage = Stage::global();
    for n in 0..10u8 {
        ONE.mark_with((&(n % 2), ()));
        TWO.mark_with((&0u8, ()));
    }
    stage.flush();
    let all = stage.cw.metric("RollupCalls").exactly();
    assert_eq!((all.sum(), all.datums().len()), (Some(20.0), 1));
    assert_eq!(all.clone().with("Kind", "0").sum(), Some(15.0));
    assert_eq!(all.with("Kind", "1").sum(), Some(5.0));
    // Idle now: a zero for each of the three parents and three children.
    stage.flush();
    assert_eq!(stage.cw.metric("RollupCalls").exactly().datums().len(), 2);
    assert_eq!(stage.cw.metric("RollupCalls").datums().len(), 12);
    stage.flush();
    assert_eq!(stage.cw.metric("RollupCalls").datums().len(), 12);
}

#[test]
fn a_limit_of_one_dimension_leaves_the_others_alone() {
    static SITE: CounterSite =
        CounterSite::new("RollupLimited", &[("Route", None), ("Tenant", None)]).limits(&[("Tenant", 2)]);
    let stage = Stage::global();
    for n in 0..40u64 {
        SITE.at_with((["a", "b"][n as usize % 2], (&(n / 4), ()))).inc(n);
    }
    stage.flush();
    let metric = stage.cw.metric("RollupLimited");
    assert_eq!((metric.series().len(), metric.sum()), (6, Some(780.0)));
    let even = (8..40).step_by(2).sum::<u64>() as f64;
    assert_eq!(metric.with("Route", "a").with("Tenant", "_other").sum(), Some(even));
}
