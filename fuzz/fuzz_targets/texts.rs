//! Texts that users give: intervals, names, values of dimensions.
#![no_main]

#[path = "../checks/texts.rs"]
mod checks;
#[path = "../../meters/src/interval.rs"]
mod interval;

use interval::Interval as _;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| checks::texts(text, text.interval().ok()));
