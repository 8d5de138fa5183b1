//! The numbers that CloudWatch takes.

/// The largest magnitude of a value: 2^360, about 2.35 × 10^108.
///
/// The rule is that of `Value` in
/// [MetricDatum](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html).
///
/// ```
/// assert!((2.34e108..2.35e108).contains(&meters_core::VALUE_LIMIT));
/// ```
pub const VALUE_LIMIT: f64 = power_of_two(360);

/// The smallest magnitude of a value other than zero: 2^-360. CloudWatch refuses values that are too small.
pub(crate) const SMALLEST: f64 = power_of_two(-360);

/// 2^`exponent` for the exponents of normal numbers, exactly: what `f64::powi` gives is not specified to the bit.
const fn power_of_two(exponent: i64) -> f64 {
    f64::from_bits(((1023 + exponent) as u64) << 52)
}

/// Whether CloudWatch takes `value`: finite, at most 2^360 in magnitude, and zero or at least 2^-360.
///
/// The rule is that of `Value` in
/// [MetricDatum](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html).
///
/// ```
/// use meters_core::is_sendable;
///
/// assert!(is_sendable(0.0) && is_sendable(-2.5));
/// assert!(!is_sendable(f64::NAN) && !is_sendable(1e109) && !is_sendable(1e-109));
/// ```
pub const fn is_sendable(value: f64) -> bool {
    value == 0.0 || (is_within_limit(value) && value.abs() >= SMALLEST)
}

/// Whether `value` is finite and at most [`VALUE_LIMIT`] in magnitude; NaN is not.
pub(super) const fn is_within_limit(value: f64) -> bool {
    value.abs() <= VALUE_LIMIT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_inclusive() {
        for sign in [1.0, -1.0] {
            for (magnitude, sendable) in [
                (VALUE_LIMIT.next_down(), true),
                (VALUE_LIMIT, true),
                (VALUE_LIMIT.next_up(), false),
                (SMALLEST.next_up(), true),
                (SMALLEST, true),
                (SMALLEST.next_down(), false),
                (0.0, true),
                (f64::INFINITY, false),
                (f64::MIN_POSITIVE, false),
            ] {
                assert_eq!(is_sendable(sign * magnitude), sendable, "{sign} × {magnitude:e}");
            }
        }
        assert!(!is_sendable(f64::NAN));
    }

    #[test]
    fn bounds_are_powers_of_two() {
        let halved = (0..360).fold(VALUE_LIMIT, |value, _| value / 2.0);
        let doubled = (0..360).fold(SMALLEST, |value, _| value * 2.0);
        assert_eq!((halved, doubled), (1.0, 1.0));
    }
}
