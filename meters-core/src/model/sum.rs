//! Sums that stay exact.

/// A sum in two parts, exact far beyond one `f64`: differences of totals stay exact after years.
///
/// The method is the error-free addition of [Knuth, TAOCP vol. 2, 4.2.2](https://www-cs-faculty.stanford.edu/~knuth/taocp.html).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sum {
    pub(crate) high: f64,
    pub(crate) low: f64,
}

impl Sum {
    pub(crate) fn add(&mut self, value: f64) {
        let total = self.high + value;
        let back = total - self.high;
        self.low += (self.high - (total - back)) + (value - back);
        self.high = total;
    }

    pub(crate) fn merge(&mut self, other: Sum) {
        self.add(other.high);
        self.low += other.low;
    }

    pub(crate) fn since(self, previous: Sum) -> Sum {
        let mut difference = self;
        difference.add(-previous.high);
        difference.low -= previous.low;
        difference
    }

    pub(crate) fn value(self) -> f64 {
        self.high + self.low
    }
}
