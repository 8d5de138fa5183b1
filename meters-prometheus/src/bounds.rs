//! Bounds of the user's own, in the base unit.

use meters_core::Distribution;

use crate::base::Base;

/// (bound, how many values are at most that), of each bound that a page can hold; `None` where there are none.
///
/// Bounds that rounding makes one are shown once, and one that is infinite then is that of all. No value lies up to a bound
/// below zero, with which [no sum](https://prometheus.io/docs/specs/om/open_metrics_spec/#histogram-1) may stand.
pub(crate) fn explicit(distribution: &Distribution, base: Base) -> Option<impl Iterator<Item = (f64, u64)>> {
    let (bounds, counts) = distribution.explicit()?;
    let mut below = 0u64;
    let all = bounds.iter().zip(counts).map(move |(bound, count)| {
        below = below.saturating_add(*count);
        (base.convert(*bound), below)
    });
    let mut all = all.filter(|(bound, _)| (0.0..f64::INFINITY).contains(bound)).peekable();
    Some(std::iter::from_fn(move || {
        let mut last = all.next()?;
        while let Some(same) = all.next_if(|(bound, _)| *bound == last.0) {
            last = same;
        }
        Some(last)
    }))
}
