//! `description`, `level`, `internal`.

use meters::{metered, monitored};

#[monitored(description)]
fn description_alone() {}

#[monitored(description = WORDS)]
fn description_is_no_text() {}

#[metered(description = "  ")]
fn description_is_blank() {}

#[monitored(level = Debg)]
fn level_unknown() {}

#[metered(level = "Debug")]
fn level_in_quotes() {}

#[monitored(level = Debug, internal, level = Runtime)]
fn level_twice() {}

#[monitored(internal = true)]
fn internal_with_a_value() {}

#[monitored(intern)]
fn nearly_internal() {}

struct Store;

impl Store {
    #[monitored(level = None)]
    fn method(&self) {}
}

fn main() {
    let (level, kind) = (1, "a");
    meters::counter!("Orders", level = level);
    meters::float_counter!("Orders", description = kind);
    meters::gauge!("Orders", internal = kind);
    meters::histogram!("Orders", level = Verbose);
    meters::timed!("Orders", level = Off, { 1 });
}
