//! Rules for errors, limits, and values that are formatted.

use meters::{Outcome, metered, monitored};

struct Cart;

enum Error {
    Gone,
}

#[metered(errors(none))]
fn metered_errors() -> Option<u32> {
    None
}

#[monitored(errors)]
fn rules_forgotten() -> Option<u32> {
    None
}

#[monitored(errors(noen))]
fn unknown_rule() -> Option<u32> {
    None
}

#[monitored(errors(none, if = |returned| returned.is_some()))]
fn if_beside_others() -> Option<u32> {
    None
}

#[monitored(errors(ignore(Error::Gone if true)))]
fn guard() -> Result<u32, Error> {
    Err(Error::Gone)
}

#[monitored(errors(none))]
fn none_of_nothing() {}

#[monitored(errors(none))]
fn none_of_number() -> u32 {
    1
}

#[monitored(errors(ignore(Error::Gone)))]
fn ignore_of_option() -> Option<u32> {
    None
}

#[monitored(errors(ignore(Error::Gnoe)))]
fn misspelt_pattern() -> Result<u32, Error> {
    Err(Error::Gone)
}

#[monitored(errors(if = |returned| returned.is_empty()))]
fn wrong_closure() -> Result<u32, Error> {
    Err(Error::Gone)
}

#[monitored(limit = 0)]
fn no_series() {}

#[monitored(limit = "many")]
fn limit_in_words() {}

#[monitored(dimensions(Tier = %))]
fn nothing_to_format() {}

#[monitored(dimensions(?cart.tier))]
fn field_without_key(cart: Cart) -> Cart {
    cart
}

#[monitored(dimensions(%cart))]
fn not_displayed(cart: Cart) -> Cart {
    cart
}

#[derive(Outcome)]
struct Whole;

#[derive(Outcome)]
enum Reply {
    #[outcome(eror)]
    Broken,
}

#[derive(Outcome)]
#[outcome(error)]
enum Elsewhere {
    Broken,
}

#[monitored]
fn used() -> (Whole, Reply, Elsewhere) {
    (Whole, Reply::Broken, Elsewhere::Broken)
}

fn main() {
    let _ = (metered_errors(), rules_forgotten(), unknown_rule(), if_beside_others(), guard(), none_of_nothing());
    let _ = (none_of_number(), ignore_of_option(), misspelt_pattern(), wrong_closure(), no_series(), limit_in_words());
    let _ = (nothing_to_format(), field_without_key(Cart), not_displayed(Cart), used());
    let _ = meters::counter!("Orders", limit = 0);
}
