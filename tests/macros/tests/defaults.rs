//! `meters::defaults!`: keys written as identifiers are spelt as the crate says, wherever they stand.
#![allow(missing_docs)]

use meters::{metered, monitored};

meters::defaults! { rename_all = "PascalCase" }

mod inside {
    #[meters::monitored(
        name = "Served",
        dimensions(type_of_request, Tier = "gold", "as it is" = 1, cache_state = _ "none"),
        on_ok(|size| answer_size = *size)
    )]
    pub(crate) fn serve(type_of_request: &str) -> usize {
        meters::set!(cache_state = "hit");
        type_of_request.len()
    }
}

#[test]
fn of_attributes() {
    assert_eq!(inside::serve("read"), 4);
    let all = meters::snapshot();
    let served = all.metric("Served").with("TypeOfRequest", "read").with("Tier", "gold").with("as it is", "1");
    assert_eq!(served.with("CacheState", "hit").with("AnswerSize", "4").calls().count(), 1);
}

#[metered(name = "Marked", dimensions(of_tenant))]
fn marked(of_tenant: u32) -> u32 {
    of_tenant
}

#[test]
fn of_meters_and_of_macros() {
    marked(3);
    let http_status = 200;
    meters::counter!("Counted", http_status = http_status, "as_it_is" = 1).inc(1);
    let all = meters::snapshot();
    assert_eq!(all.metric("Marked").with("OfTenant", "3").count(), 1);
    assert_eq!(all.metric("Counted").with("HttpStatus", "200").with("as_it_is", "1").count(), 1);
}

#[monitored(dimensions(function = "other"))]
fn taken() {}

#[test]
fn never_by_a_name_that_another_dimension_has() {
    taken();
    let all = meters::snapshot();
    let taken = all.metric("Duration").with("Function", concat!(module_path!(), "::taken"));
    assert_eq!(taken.with("function", "other").calls().count(), 1);
}

#[test]
fn handles_by_name_keep_theirs() {
    meters::counter("ByName").dimension("of_tenant", "1").register().inc(1);
    assert_eq!(meters::snapshot().metric("ByName").with("of_tenant", "1").count(), 1);
}

#[monitored(name = "Limited", dimensions(of_tenant, step = _), limit(of_tenant = 1), rollup([step]))]
fn limited(of_tenant: u32) {
    let _ = of_tenant;
    meters::set!(step = "end");
}

#[test]
fn what_is_limited_and_rolled_up_is_spelt_likewise() {
    (0..3).for_each(limited);
    let all = meters::snapshot();
    let calls = |tenant| all.metric("Limited").with("OfTenant", tenant).with("Step", "end").calls().count();
    assert_eq!((calls("0"), calls("_other")), (1, 2));
}
