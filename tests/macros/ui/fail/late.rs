//! Dimensions that are known late.

use meters::monitored;

#[monitored(dimensions("cache state" = _))]
fn slot_in_quotes() {}

#[monitored(dimensions(type = _))]
fn slot_is_a_keyword() {}

#[monitored(dimensions(Cache = _ none))]
fn default_is_no_text() {}

#[monitored(dimensions(Cache = _ ""))]
fn default_is_empty() {}

#[monitored(dimensions(Kind = "a"), on_ok(|v| Kind = v.len()))]
fn key_is_there() -> String {
    String::new()
}

#[monitored(on_ok(|v| Kind = v.len(), Kind = 2))]
fn key_twice() -> String {
    String::new()
}

#[monitored(on_ok(|v| len))]
fn value_unknown() -> String {
    String::new()
}

#[monitored(on_ok(|v| Kind = _))]
fn slot_at_the_end() -> String {
    String::new()
}

#[monitored(on_ok)]
fn alone() -> String {
    String::new()
}

#[monitored(on_ok(Kind = 1))]
fn no_bars() -> String {
    String::new()
}

#[monitored(on_ok(|v|))]
fn no_dimensions() -> String {
    String::new()
}

#[monitored(on_ok(|v: &String| Kind = v.len()))]
fn with_a_type() -> String {
    String::new()
}

#[monitored(on_ok(|v| Kind = v))]
fn nothing_returned() {}

#[monitored(on_err(|e| Kind = e))]
fn no_result() -> String {
    String::new()
}

#[monitored(errors(kind = |e| e))]
fn kind_without_result() -> u32 {
    1
}

#[monitored(errors(kind = |e| e))]
fn kind_of_nothing() {}

fn outside() {
    meters::set!(Cache = "hit");
}

fn main() {
    meters::set!();
    meters::set!("Cache" = 1);
    meters::set!(Cache);
    meters::set!(Cache = _);
    meters::set!(Cache = "");
    outside();
}
