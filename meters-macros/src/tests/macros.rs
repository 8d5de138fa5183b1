//! `set!`, `timed!`, `monitor!` and `defaults!`.

use super::errors::one;
use super::{short, tokens};
use crate::expand;
use crate::model::Instrument;

fn with_path(input: &str) -> proc_macro2::TokenStream {
    tokens(&format!("(::meters) {input}"))
}

#[test]
fn slots_are_set_by_their_names() {
    assert_eq!(
        short(&expand::set(with_path("Cache = \"hit\", r#type = a + 1, Shown = ?a"))),
        "{monitored_slots.Cache.set_text(\"hit\");monitored_slots.r#type.set(&(a+1));\
         monitored_slots.Shown.set(&$::debug(&a));}"
    );
    one(expand::set(with_path("")), "`set!` names a slot and its value");
    one(expand::set(with_path("Cache")), "`Cache` needs a value");
    one(expand::set(with_path("\"Cache\" = 1")), "stands without quotes");
    one(expand::set(with_path("Cache = _")), "give it a value");
}

#[test]
fn blocks_are_timed() {
    let text = "{let __meters_timer={static __METERS_SITE:$::HistogramSite=$::HistogramSite::new(\"Parse\",\
                &[(\"Kind\",None)]).unit(::meters::Unit::Microseconds).renamed(@,&[true]);\
                __METERS_SITE.at_with((&kind,()))}.start();{a?;b}}";
    assert_eq!(short(&expand::timed(with_path("\"Parse\", Kind = kind, { a?; b }"))), text);
    assert_eq!(short(&expand::timed(with_path("\"Parse\", Kind = kind, { a?; b },"))), text);
    one(expand::timed(with_path("\"Parse\"")), "ends with the block");
    one(expand::timed(with_path("{ 1 }")), "ends with the block");
    one(expand::timed(with_path("\"Parse\" { 1 }")), "ends with the block");
    one(expand::timed(with_path("\"Parse\", unit = Bytes, { 1 }")), "a duration cannot be in `Bytes`");
    one(expand::timed(with_path("name, { 1 }")), "the first argument of `timed!`, is a string literal");
}

#[test]
fn a_monitor_is_a_call_site() {
    assert_eq!(
        short(&expand::instrument(
            Instrument::Monitor,
            with_path("\"Fetch\", \"a\" = 1, unit = Seconds, limit(a = 3)")
        )),
        "{static __METERS_SITE:$::CallSite=$::CallSite::new(\"Fetch\",&[(\"a\",Some(\"1\"))]).named()\
         .unit(::meters::Unit::Seconds).limits(&[(\"a\",3)]);__METERS_SITE.at()}"
    );
    let long = format!("{:?}", "a".repeat(246));
    one(expand::instrument(Instrument::Monitor, with_path(&long)), "at most 245 fit");
    one(expand::instrument(Instrument::Monitor, with_path("\"Fetch\", Cache = _")), "give `Cache` a value");
    one(expand::instrument(Instrument::Counter, with_path("\"N\", limit(a = 3)")), "and there is none");
}

#[test]
fn a_gauge_says_what_several_processes_come_to() {
    let gauge = |input: &str| expand::instrument(Instrument::Gauge, with_path(input));
    assert_eq!(
        short(&gauge("\"Open\", across = Sum")),
        "{static __METERS_SITE:$::GaugeSite=$::GaugeSite::new(\"Open\",&[]).across(::meters::Across::Sum);\
         __METERS_SITE.at()}"
    );
    one(gauge("\"Open\", across = Summ"), "did you mean `Sum`?");
    one(gauge("\"Open\", across = \"Max\""), "write `Max`, without quotes");
    one(gauge("\"Open\", across = 1"), "such as `across = Sum`");
    one(gauge("\"Open\", across"), "`across` needs a value");
    one(gauge("\"Open\", across = Min, across = Min"), "`across` is given twice");
    // Elsewhere it is a dimension like any other.
    let counter = short(&expand::instrument(Instrument::Counter, with_path("\"N\", across = \"a\"")));
    assert!(counter.contains("(\"across\",Some(\"a\"))"), "{counter}");
}

#[test]
fn defaults_stand_at_the_root() {
    let text = short(&expand::defaults(with_path("rename_all = \"SCREAMING_SNAKE_CASE\"")));
    assert!(text.contains("pub(crate)const METERS_DEFAULTS:$::Rename=$::Rename::ScreamingSnake;"), "{text}");
    assert!(text.contains("$::is_root(::core::module_path!())"), "{text}");
    one(expand::defaults(with_path("")), "says nothing");
    one(expand::defaults(with_path("rename_al = \"PascalCase\"")), "did you mean `rename_all`?");
    one(expand::defaults(with_path("rename_all = \"Pascalcase\"")), "did you mean `PascalCase`?");
    one(expand::defaults(with_path("rename_all = \"lowercase\", rename_all = \"lowercase\"")), "is given twice");
}
