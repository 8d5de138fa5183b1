//! The bounds of a histogram's own buckets.

use std::sync::Arc;

use crate::error::Error;

/// Upper bounds of buckets that a histogram counts beside the lattice: a value belongs to the first bucket whose bound it does
/// not exceed. In the unit of the histogram; what lies above the last bound is in Prometheus' `+Inf`, which is implied.
///
/// The bounds are finite and rise, and there are 1 to [1,000](Self::MOST) of them.
///
/// ```
/// # use meters_core as meters;
/// use meters::{Buckets, Registry, Unit};
/// let registry = Registry::new();
/// let buckets = Buckets::explicit([0.1, 0.5, 1.0]).unwrap();
/// let wait = registry.histogram("Wait").unit(Unit::Seconds).buckets(buckets).register();
/// [0.1, 0.2, 0.3, 7.0].map(|seconds| wait.observe(seconds));
/// let seen = registry.snapshot().metric("Wait").distribution().unwrap();
/// assert_eq!(seen.explicit(), Some((&[0.1, 0.5, 1.0][..], &[1, 2, 0][..])));
/// assert_eq!(seen.count(), 4); // one is above
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Buckets(Arc<[f64]>);

impl Buckets {
    /// The most bounds: each is a line of each page of each series.
    pub const MOST: usize = 1000;

    /// These bounds.
    ///
    /// # Errors
    /// [`Error::is_invalid_input`] where there is none, or more than [`MOST`](Self::MOST), or one is not finite (`+Inf` is
    /// implied), or they do not rise.
    ///
    /// ```
    /// # use meters_core as meters;
    /// use meters::Buckets;
    /// assert_eq!(Buckets::explicit([0.1, 1.0]).unwrap().bounds(), [0.1, 1.0]);
    /// let error = Buckets::explicit([1.0, 0.1]).unwrap_err();
    /// assert_eq!(error.to_string(), "bounds of buckets rise: 0.1 comes after 1");
    /// ```
    pub fn explicit(bounds: impl IntoIterator<Item = f64>) -> Result<Self, Error> {
        // Of an iterator that never ends, no more than is needed to say so; and -0 is 0.
        let bounds: Arc<[f64]> = bounds.into_iter().take(Self::MOST + 1).map(|bound| bound + 0.0).collect();
        if bounds.is_empty() {
            return Err(refused("a histogram has one bucket at least: name a bound".into()));
        }
        if bounds.len() > Self::MOST {
            return Err(refused(format!("a histogram has {} buckets at most", Self::MOST)));
        }
        if let Some(bound) = bounds.iter().find(|bound| !bound.is_finite()) {
            let implied =
                if *bound == f64::INFINITY { ": the bucket of all values is implied, leave it out" } else { "" };
            return Err(refused(format!("a bound of a bucket is a finite number, and {bound} is none{implied}")));
        }
        let mut pairs = bounds.iter().zip(bounds.iter().skip(1));
        if let Some((one, next)) = pairs.find(|(one, next)| one >= next) {
            return Err(refused(format!("bounds of buckets rise: {next} comes after {one}")));
        }
        Ok(Self(bounds))
    }

    /// `count` bounds, each `width` above the one before, from `start` on.
    ///
    /// # Errors
    /// As of [`explicit`](Self::explicit): where `width` is not more than 0, or too small beside `start` to make a difference.
    ///
    /// ```
    /// # use meters_core as meters;
    /// assert_eq!(meters::Buckets::linear(10.0, 5.0, 3).unwrap().bounds(), [10.0, 15.0, 20.0]);
    /// ```
    pub fn linear(start: f64, width: f64, count: usize) -> Result<Self, Error> {
        if width.is_nan() || width <= 0.0 {
            return Err(refused(format!("buckets are wider than 0, and not {width} wide")));
        }
        // Each from the start, so that no error adds up.
        Self::explicit((0..count).map(|nth| start + width * nth as f64))
    }

    /// `count` bounds, each `factor` times the one before, from `start` on.
    ///
    /// # Errors
    /// As of [`explicit`](Self::explicit): where `start` is not more than 0, or `factor` not more than 1.
    ///
    /// ```
    /// # use meters_core as meters;
    /// assert_eq!(meters::Buckets::exponential(0.5, 2.0, 4).unwrap().bounds(), [0.5, 1.0, 2.0, 4.0]);
    /// ```
    pub fn exponential(start: f64, factor: f64, count: usize) -> Result<Self, Error> {
        if start.is_nan() || start <= 0.0 {
            return Err(refused(format!("exponential buckets start above 0, and not at {start}")));
        }
        if factor.is_nan() || factor <= 1.0 {
            return Err(refused(format!("exponential buckets grow by a factor above 1, and not by {factor}")));
        }
        Self::explicit(std::iter::successors(Some(start), |bound| Some(bound * factor)).take(count))
    }

    /// The bounds, rising.
    pub fn bounds(&self) -> &[f64] {
        &self.0
    }

    /// Whether [`explicit`](Self::explicit) takes these, for macros that ask while the program is compiled.
    #[doc(hidden)]
    pub const fn are_bounds(bounds: &[f64]) -> bool {
        let mut nth = 0;
        while nth < bounds.len() {
            if !bounds[nth].is_finite() || nth > 0 && bounds[nth - 1] >= bounds[nth] {
                return false;
            }
            nth += 1;
        }
        !bounds.is_empty() && bounds.len() <= Self::MOST
    }

    pub(super) fn shared(&self) -> Arc<[f64]> {
        self.0.clone()
    }
}

fn refused(why: String) -> Error {
    Error::invalid_input(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_are_no_buckets_says_why() {
        let said = |buckets: Result<Buckets, Error>| {
            let error = buckets.unwrap_err();
            assert!(error.is_invalid_input());
            error.to_string()
        };
        assert!(said(Buckets::explicit([])).contains("one bucket at least"));
        assert!(said(Buckets::explicit([1.0, f64::INFINITY])).contains("implied, leave it out"));
        assert!(said(Buckets::explicit([f64::NAN])).contains("NaN"));
        assert!(said(Buckets::explicit([1.0, 1.0])).contains("1 comes after 1"));
        assert!(said(Buckets::explicit([0.0, -0.0])).contains("rise"));
        assert!(said(Buckets::explicit((0..).map(f64::from))).contains("1000 buckets at most"));
        assert!(said(Buckets::linear(0.0, 0.0, 3)).contains("wider than 0"));
        assert!(said(Buckets::linear(0.0, f64::NAN, 3)).contains("wider than 0"));
        assert!(said(Buckets::linear(1e300, 1.0, 3)).contains("rise"));
        assert!(said(Buckets::linear(0.0, 1.0, 0)).contains("one bucket at least"));
        assert!(said(Buckets::linear(0.0, 1.0, usize::MAX)).contains("at most"));
        assert!(said(Buckets::linear(f64::INFINITY, 1.0, 2)).contains("finite"));
        assert!(said(Buckets::exponential(0.0, 2.0, 3)).contains("above 0"));
        assert!(said(Buckets::exponential(1.0, 1.0, 3)).contains("above 1"));
        assert!(said(Buckets::exponential(1.0, 1e300, 3)).contains("finite"));
    }

    #[test]
    fn a_macro_asks_the_same() {
        let whole: Vec<f64> = (0..1001).map(f64::from).collect();
        let cases = [&[][..], &[1.0], &[1.0, 2.0], &[2.0, 1.0], &[f64::NAN], &[-0.0, 0.0], &whole, &whole[..1000]];
        for bounds in cases {
            assert_eq!(Buckets::are_bounds(bounds), Buckets::explicit(bounds.iter().copied()).is_ok(), "{bounds:?}");
        }
    }
}
