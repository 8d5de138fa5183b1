//! CloudWatch's 27 units, as the variants of `meters::Unit` are called.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, LitStr, Result};

use crate::suggest;

/// What the unit is to measure.
#[derive(Clone, Copy)]
pub(super) enum Measure {
    Anything,
    Time,
    Rate,
}

const ALL: [&str; 27] = [
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "BytesPerSecond",
    "KilobytesPerSecond",
    "MegabytesPerSecond",
    "GigabytesPerSecond",
    "TerabytesPerSecond",
    "BitsPerSecond",
    "KilobitsPerSecond",
    "MegabitsPerSecond",
    "GigabitsPerSecond",
    "TerabitsPerSecond",
    "CountPerSecond",
    "None",
];

/// What people write instead.
const SHORT: [(&str, &str); 9] = [
    ("us", "Microseconds"),
    ("micros", "Microseconds"),
    ("ms", "Milliseconds"),
    ("millis", "Milliseconds"),
    ("s", "Seconds"),
    ("sec", "Seconds"),
    ("secs", "Seconds"),
    ("kb", "Kilobytes"),
    ("mb", "Megabytes"),
];

impl Measure {
    fn units(self) -> Vec<&'static str> {
        let fits = |unit: &&str| match self {
            Self::Anything => true,
            Self::Time => unit.ends_with("econds"),
            Self::Rate => unit.ends_with("PerSecond"),
        };
        ALL.into_iter().filter(fits).collect()
    }

    fn refuse(self, unit: &str) -> String {
        match self {
            Self::Anything => format!("CloudWatch has no unit `{unit}`"),
            Self::Time => format!("a duration cannot be in `{unit}`"),
            Self::Rate => format!("a rate cannot be in `{unit}`"),
        }
    }
}

/// One of the 27, by its identifier, that measures what it should.
pub(super) fn parse(input: ParseStream<'_>, measure: Measure) -> Result<Ident> {
    if input.peek(LitStr) {
        let literal: LitStr = input.parse()?;
        let written = literal.value().replace("/Second", "PerSecond");
        return Err(refused(&written, literal.span(), measure));
    }
    let unit = input
        .call(Ident::parse_any)
        .map_err(|error| Error::new(error.span(), "a unit is a name, such as `Milliseconds`"))?;
    let name = unit.to_string();
    if measure.units().contains(&name.as_str()) {
        return Ok(unit);
    }
    Err(refused(&name, unit.span(), measure))
}

fn refused(written: &str, span: Span, measure: Measure) -> Error {
    let known = measure.units();
    if known.contains(&written) {
        let message = format!("a unit is a name: write `{written}`, without quotes");
        return Error::new(span, message);
    }
    let refused = measure.refuse(written);
    let rate = format!("{written}PerSecond");
    let lower = written.to_ascii_lowercase();
    let short = SHORT.iter().find(|(short, _)| *short == lower);
    let meant = match short {
        _ if known.contains(&rate.as_str()) => format!(": did you mean `{rate}`?"),
        Some((_, unit)) if known.contains(unit) => format!(": did you mean `{unit}`?"),
        _ => suggest::did_you_mean(written, &known),
    };
    let known = suggest::list(&known);
    Error::new(span, format!("{refused}{meant}\nknown units are {known}"))
}
