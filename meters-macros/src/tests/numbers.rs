//! Buckets, quantiles and a maximum: what is known now, and what is wrong with it.

use super::errors::one;
use super::{short, tokens};
use crate::expand;
use crate::model::Instrument;

fn made(instrument: Instrument, input: &str) -> proc_macro2::TokenStream {
    expand::instrument(instrument, tokens(&format!("(::meters) \"N\", {input}")))
}

fn histogram(input: &str) -> proc_macro2::TokenStream {
    made(Instrument::Histogram, input)
}

fn summary(input: &str) -> proc_macro2::TokenStream {
    made(Instrument::Summary, input)
}

#[test]
fn bounds_are_told_to_the_site() {
    for (written, told) in [
        ("[0.1, 0.5, 1]", "&[0.1,0.5,1.0]"),
        ("[0, 2.5e-3, 1_000,]", "&[0.0,0.0025,1000.0]"),
        ("linear(10, 5, 3)", "&[10.0,15.0,20.0]"),
        ("linear(0, 0.1, 4)", "&[0.0,0.1,0.2,0.30000000000000004]"),
        ("exponential(0.5, 2, 4)", "&[0.5,1.0,2.0,4.0]"),
        ("exponential(1e-9, 10, 1)", "&[0.000000001]"),
    ] {
        let text = short(&histogram(&format!("buckets = {written}, Kind = kind")));
        assert!(text.contains(&format!("(\"Kind\",None)]).buckets({told}).renamed(")), "{text}");
    }
    let timed = expand::timed(tokens("(::meters) \"N\", buckets = [1, 2], { 1 }"));
    assert!(short(&timed).contains(".unit(::meters::Unit::Microseconds).buckets(&[1.0,2.0]);"));
    // Elsewhere it is a dimension like any other.
    assert!(short(&super::counter("\"N\", buckets = \"a\"")).contains("(\"buckets\",Some(\"a\"))"));
}

#[test]
fn a_summary_says_its_quantiles() {
    assert!(short(&summary("")).contains("$::SummarySite::new(\"N\",&[]).quantiles(&[0.5,0.95,0.99]);"));
    let text = short(&summary("quantiles = [0, 0.999, 1], maximum = 60, unit = Seconds"));
    assert!(text.contains(".unit(::meters::Unit::Seconds).quantiles(&[0.0,0.999,1.0]).maximum(60.0);"), "{text}");
}

#[test]
fn mistakes() {
    let many = |count| (0..count).map(|nth| nth.to_string()).collect::<Vec<_>>().join(", ");
    assert!(super::errors::messages(histogram(&format!("buckets = [{}]", many(1000)))).is_empty());
    for (input, part) in [
        ("buckets", "`buckets` needs a value: `buckets = [0.1, 0.5, 1.0]`"),
        ("buckets = BOUNDS", "`buckets` are their upper bounds, known here"),
        ("buckets = BOUNDS", "a dimension of this name is written `\"buckets\" = …`"),
        ("buckets = 5", "`buckets` are their upper bounds"),
        ("buckets = []", "`buckets` lists none"),
        ("buckets = [1, 2, 2]", "bounds rise, and 2 comes after 2"),
        ("buckets = [1, 0.5]", "bounds rise, and 0.5 comes after 1"),
        ("buckets = [-1, 1]", "it cannot be negative"),
        ("buckets = [1, f64::INFINITY]", "a number is wanted, such as 0.5"),
        ("buckets = [1, \"2\"]", "a number is wanted, such as 0.5"),
        ("buckets = [1, 1e999]", "one that is finite"),
        (&format!("buckets = [{}]", many(1001)), "too many bounds: at most 1000 are taken, and here are 1001"),
        ("buckets = [1], buckets = [1]", "`buckets` is given twice"),
        ("buckets = lineal(1, 1, 3)", "did you mean `linear`?"),
        ("buckets = linear", "`buckets` are their upper bounds"),
        ("buckets = linear(1, 1)", "`linear` takes three numbers: `linear(start, width, count)`"),
        ("buckets = exponential(1, 2, 3, 4)", "`exponential(start, factor, count)`"),
        ("buckets = linear(1, 0, 3)", "linear buckets have a width above 0"),
        ("buckets = linear(1, 1, 0)", "a whole number from 1 to 1000"),
        ("buckets = linear(1, 1, 2.5)", "a whole number from 1 to 1000"),
        ("buckets = linear(1, 1, 1001)", "a whole number from 1 to 1000"),
        ("buckets = linear(1e300, 1, 3)", "too close to be told apart"),
        ("buckets = exponential(0, 2, 3)", "exponential buckets start above 0"),
        ("buckets = exponential(1, 1, 3)", "a factor above 1"),
        ("buckets = exponential(1, 1e300, 3)", "too large for a number"),
    ] {
        one(histogram(input), part);
    }
    for (input, part) in [
        ("quantiles", "`quantiles` needs a value"),
        ("quantiles = 0.5", "`quantiles` are listed: `quantiles = [0.5, 0.99]`"),
        ("quantiles = []", "`quantiles` lists none"),
        ("quantiles = [99]", "a quantile is a number from 0 to 1"),
        ("quantiles = [0.9, 0.5]", "quantiles rise, and 0.5 comes after 0.9"),
        ("maximum = MOST", "a number is wanted, such as 0.5"),
        ("maximum = -1", "it cannot be negative"),
        ("maximum = 1e200", "a number from 0 to 2^360"),
        ("maximum = 1, maximum = 1", "`maximum` is given twice"),
    ] {
        one(summary(input), part);
    }
    one(expand::timed(tokens("(::meters) metric = H, buckets = [1], { 1 }")), "`buckets` is said where `H` is made");
}
