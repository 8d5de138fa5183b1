//! Numbers as text: right to the last bit, and no longer than that takes.

/// Below this, whole numbers of an `f64` are exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The shortest text that reads as this very number.
pub(crate) fn float(out: &mut Vec<u8>, value: f64) {
    if value.is_finite() {
        if value.abs() < EXACT && value.fract() == 0.0 && (value != 0.0 || value.is_sign_positive()) {
            return out.extend_from_slice(itoa::Buffer::new().format(value as i64).as_bytes());
        }
        out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes());
    } else {
        out.extend_from_slice(unbounded(value));
    }
}

fn unbounded(value: f64) -> &'static [u8] {
    if value.is_nan() {
        b"NaN"
    } else if value > 0.0 {
        b"+Inf"
    } else {
        b"-Inf"
    }
}

/// A whole number.
pub(crate) fn whole(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// `value`·10^−`places`, exactly.
pub(crate) fn decimal(out: &mut Vec<u8>, value: u128, places: usize) {
    let (mut digits, mut places) = (value, places);
    while places > 0 && digits % 10 == 0 {
        (digits, places) = (digits / 10, places - 1);
    }
    let mut buffer = itoa::Buffer::new();
    let text = buffer.format(digits).as_bytes();
    if places == 0 {
        return out.extend_from_slice(text);
    }
    let before = text.len().saturating_sub(places);
    out.extend_from_slice(if before == 0 { b"0" } else { &text[..before] });
    out.push(b'.');
    out.extend(std::iter::repeat_n(b'0', places.saturating_sub(text.len())));
    out.extend_from_slice(&text[before..]);
}

/// How a bound or a quantile stands in a label: as Prometheus writes those that it read from a protobuf, so that a series is the
/// same one whatever format it was scraped in. The rule is that of
/// [canonical numbers](https://prometheus.io/docs/specs/om/open_metrics_spec/#considerations-canonical-numbers).
pub(crate) fn canonical(value: f64) -> String {
    if !value.is_finite() {
        return String::from_utf8_lossy(unbounded(value)).into_owned();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if value != 0.0 && !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    let plain = format!("{value}");
    if plain.contains('.') { plain } else { plain + ".0" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn bounds_are_written_as_prometheus_writes_them() {
        for (value, wanted) in [
            (0.0, "0.0"),
            (1.0, "1.0"),
            (0.25, "0.25"),
            (100.0, "100.0"),
            (524_288.0, "524288.0"),
            (1_048_576.0, "1.048576e+06"),
            (1e6, "1e+06"),
            (1e21, "1e+21"),
            (0.0001, "0.0001"),
            (0.000_061_035_156_25, "6.103515625e-05"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (f64::NAN, "NaN"),
            (-2.5e-9, "-2.5e-09"),
            (1e100, "1e+100"),
        ] {
            assert_eq!(canonical(value), wanted);
        }
    }

    #[test]
    fn decimals_are_exact() {
        for (value, places, wanted) in [
            (0, 0, "0"),
            (0, 3, "0"),
            (7, 3, "0.007"),
            (1_500, 3, "1.5"),
            (12_345, 2, "123.45"),
            (1_000, 3, "1"),
            (u128::from(u64::MAX), 6, "18446744073709.551615"),
        ] {
            assert_eq!(text(|out| decimal(out, value, places)), wanted);
        }
    }

    #[test]
    fn what_is_not_finite_has_its_own_words() {
        assert_eq!(text(|out| float(out, f64::NAN)), "NaN");
        assert_eq!(text(|out| float(out, f64::INFINITY)), "+Inf");
        assert_eq!(text(|out| float(out, f64::NEG_INFINITY)), "-Inf");
        assert_eq!(text(|out| float(out, -3.0)), "-3");
    }

    proptest! {
        #[test]
        fn a_number_is_read_as_it_was(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            let read: f64 = text(|out| float(out, value)).parse().unwrap();
            prop_assert_eq!(read.to_bits(), bits);
            prop_assert_eq!(canonical(value).parse::<f64>().unwrap(), value);
        }

        #[test]
        fn a_decimal_is_read_as_divided(value in 0u64..1 << 53, places in 0usize..7) {
            let read: f64 = text(|out| decimal(out, u128::from(value), places)).parse().unwrap();
            prop_assert_eq!(read, value as f64 / 10f64.powi(places as i32));
        }
    }
}
