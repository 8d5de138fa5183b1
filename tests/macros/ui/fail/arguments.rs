//! Each mistake is one error at its token, and the function stays.

use meters::{metered, monitored};

#[monitored(nmae = "Checkout")]
fn misspelt() {}

#[monitored(registry = "Checkout")]
fn unheard_of() {}

#[monitored(tier)]
fn dimension_outside_its_list(tier: u32) -> u32 {
    tier
}

#[metered(nam = "Logins")]
fn misspelt_meter() {}

#[monitored("Checkout")]
fn name_without_keyword() {}

#[monitored(name)]
fn name_without_value() {}

#[monitored(name =)]
fn name_with_nothing() {}

const NAME: &str = "Checkout";

#[monitored(name = NAME)]
fn name_from_a_const() {}

#[monitored(name = "Checkout", resolution = 1, name = "Cart")]
fn name_twice() {}

#[monitored(dimensions(Route = "a"), dimensions(Tier = "b"))]
fn dimensions_twice() {}

#[metered(resolution = 60, resolution = 60)]
fn resolution_twice() {}

#[monitored(resolution = 10)]
fn resolution_in_between() {}

#[monitored(resolution = "1s")]
fn resolution_as_text() {}

#[monitored(crate = "meters")]
fn crate_in_quotes() {}

#[monitored(name = "Checkout" resolution = 1)]
fn comma_forgotten() {}

fn main() {
    misspelt();
    unheard_of();
    dimension_outside_its_list(1);
    misspelt_meter();
    name_without_keyword();
    name_without_value();
    name_with_nothing();
    name_from_a_const();
    name_twice();
    dimensions_twice();
    resolution_twice();
    resolution_in_between();
    resolution_as_text();
    crate_in_quotes();
    comma_forgotten();
    let _ = NAME;
}
