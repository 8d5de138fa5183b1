//! The macros behind `meters`. Use them from there: that is where they are documented.

mod args;
mod expand;
mod item;
mod model;
mod suggest;
#[cfg(test)]
mod tests;
mod validate;

use proc_macro::TokenStream;

use crate::model::{Instrument, Preset};

/// Times a function and counts its outcomes; see `meters::monitored`.
#[proc_macro_attribute]
pub fn monitored(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(Preset::Monitored, arguments.into(), item.into()).into()
}

/// Counts the calls of a function, per second; see `meters::metered`.
#[proc_macro_attribute]
pub fn metered(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(Preset::Metered, arguments.into(), item.into()).into()
}

/// Makes the variants of an enum the values of a dimension; see `meters::Dimension`.
#[proc_macro_derive(Dimension, attributes(dimension))]
pub fn dimension(item: TokenStream) -> TokenStream {
    expand::dimension(item.into()).into()
}

/// Says which variants of an enum are errors; see `meters::Outcome`.
#[proc_macro_derive(Outcome, attributes(outcome))]
pub fn outcome(item: TokenStream) -> TokenStream {
    expand::outcome(item.into()).into()
}

/// Behind `meters::counter!`.
#[proc_macro]
pub fn counter_impl(input: TokenStream) -> TokenStream {
    expand::instrument(Instrument::Counter, input.into()).into()
}

/// Behind `meters::float_counter!`.
#[proc_macro]
pub fn float_counter_impl(input: TokenStream) -> TokenStream {
    expand::instrument(Instrument::FloatCounter, input.into()).into()
}

/// Behind `meters::gauge!`.
#[proc_macro]
pub fn gauge_impl(input: TokenStream) -> TokenStream {
    expand::instrument(Instrument::Gauge, input.into()).into()
}

/// Behind `meters::histogram!`.
#[proc_macro]
pub fn histogram_impl(input: TokenStream) -> TokenStream {
    expand::instrument(Instrument::Histogram, input.into()).into()
}

/// Behind `meters::summary!`.
#[proc_macro]
pub fn summary_impl(input: TokenStream) -> TokenStream {
    expand::instrument(Instrument::Summary, input.into()).into()
}

/// Behind `meters::monitor!`.
#[proc_macro]
pub fn monitor_impl(input: TokenStream) -> TokenStream {
    expand::instrument(Instrument::Monitor, input.into()).into()
}

/// Behind `meters::timed!`.
#[proc_macro]
pub fn timed_impl(input: TokenStream) -> TokenStream {
    expand::timed(input.into()).into()
}

/// Behind `meters::set!`.
#[proc_macro]
pub fn set_impl(input: TokenStream) -> TokenStream {
    expand::set(input.into()).into()
}

/// Behind `meters::defaults!`.
#[proc_macro]
pub fn defaults_impl(input: TokenStream) -> TokenStream {
    expand::defaults(input.into()).into()
}

/// Behind `meters::meter!`.
#[proc_macro]
pub fn meter_impl(input: TokenStream) -> TokenStream {
    expand::instrument(Instrument::Meter, input.into()).into()
}
