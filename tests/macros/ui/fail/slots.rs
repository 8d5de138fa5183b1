//! A slot that the attribute does not have, and a value that is none.

use meters::monitored;

#[monitored(dimensions(Cache = _))]
fn misspelt() {
    meters::set!(Cahce = "hit");
}

#[monitored(dimensions(Cache = _))]
fn no_value() {
    meters::set!(Cache = 1.5 + 2.0);
}

#[monitored(on_ok(|v| Kind = v))]
fn no_dimension_value() -> std::time::Duration {
    std::time::Duration::ZERO
}

#[monitored(when = 1)]
fn no_condition() {}

fn main() {
    misspelt();
    no_value();
    no_dimension_value();
    no_condition();
}
