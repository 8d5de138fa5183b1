//! Nothing that the user has in scope matters to an expansion, nor the other way round.
#![no_implicit_prelude]
#![deny(warnings)]
#![allow(dead_code, unused_macros, non_camel_case_types, non_upper_case_globals)]
#![forbid(unsafe_code)]

mod std {}
mod core {}
mod alloc {}
mod meters {}

macro_rules! concat {
    () => {};
}
macro_rules! module_path {
    () => {};
}

type str = u8;
type usize = u8;
struct Result;
struct Option;
trait FnOnce {}
const Ok: u32 = 1;
const Err: u32 = 1;
const Some: u32 = 1;
const None: u32 = 1;
const SITE: u32 = 4;

use ::meters::{Dimension, metered, monitored};

#[derive(Dimension)]
enum Tier {
    Free,
    __R,
    __f,
}

#[monitored(dimensions(Site = SITE, One = Ok))]
fn checked(__meters_call: u32, __meters_result: u32, call: u32, result: u32) -> ::core::result::Result<u32, u8> {
    let sum = Some + None + Err + SITE;
    ::core::result::Result::Ok(sum + __meters_call + __meters_result + call + result)
}

#[monitored(dimensions(Site = SITE, tier))]
async fn asynchronous(tier: Tier, __meters_edge: u32, __meters_call: u32) -> ::core::result::Result<u32, u8> {
    let _ = tier;
    ::core::result::Result::Ok(__meters_edge + __meters_call + SITE)
}

#[monitored]
fn plain() {}

#[monitored]
async fn unit() {}

#[metered(dimensions(r#type, n))]
fn r#match(r#type: u32, n: u32) -> u32 {
    r#type + n
}

fn main() {
    plain();
    r#match(1, 2);
    let _ = checked(1, 2, 3, 4);
    let _ = (asynchronous(Tier::Free, 1, 2), unit());
    ::meters::counter!("Orders", Site = SITE, Tier = Tier::__R, Last = Tier::__f).inc(1);
    let all = ::meters::snapshot();
    ::core::assert_eq!(all.metric("Duration").with("Site", "4").with("One", "1").count(), 1);
    ::core::assert_eq!(all.metric("Calls").with("Function", ::core::concat!(::core::module_path!(), "::match")).with("type", "1").count(), 1);
    ::core::assert_eq!(all.metric("Orders").with("Site", "4").with("Tier", "__R").count(), 1);
}
