//! By what a request is found again in CloudWatch, of which nobody heard whether it arrived.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Requests that share one second: so many bits of a sum are exact in a double.
const BITS: u32 = 40;

/// The seconds of a metric that are one claim's alone. Each request leaves a mark in one of them, and who takes over looks
/// which are there.
///
/// The claim's datums are cut into requests in the same way by everybody. Request *n* adds 2^*n* to its second, so that the sum
/// tells which arrived. What is sent otherwise, as a half of a request that was too large, is counted in the last second: whether
/// there was any is all that it tells.
///
/// ```
/// use meters_core::storage::{Marker, Marks};
///
/// let marker = Marker::new("Shop", 1_800_000_000);
/// let (second, value) = marker.mark(Some(2));
/// assert_eq!((second, value), (0, 4.0));
/// let mut marks = Marks::default();
/// marks.add(second, 1.0, value);
/// assert_eq!((marks.arrived(Some(2)), marks.arrived(Some(1))), (Some(true), Some(false)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// Tells the marks of one application, or shard of it, from those of others in the same namespace.
    pub application: String,
    /// The first of the seconds, since 1970.
    pub first: u64,
}

impl Marker {
    /// The metric that marks are values of.
    pub const METRIC: &'static str = "meters.Requests";
    /// The name of its one dimension.
    pub const DIMENSION: &'static str = "Application";
    /// How many seconds a claim has.
    pub const SECONDS: u32 = 4;

    /// The seconds from `first` on.
    pub fn new(application: impl Into<String>, first: u64) -> Self {
        Self { application: application.into(), first }
    }

    /// In which of the seconds a request leaves its mark, and the value of that; none for what is not a whole request.
    pub fn mark(&self, request: Option<u32>) -> (u32, f64) {
        match place(request) {
            Some((second, bit)) => (second, (1_u64 << bit) as f64),
            None => (Self::SECONDS - 1, 1.0),
        }
    }

    /// When that second is.
    pub fn second(&self, second: u32) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.first) + Duration::from_secs(second.into())
    }
}

/// The second and the bit of a request that has one of its own.
fn place(request: Option<u32>) -> Option<(u32, u32)> {
    let request = request.filter(|request| request / BITS < Marker::SECONDS - 1)?;
    Some((request / BITS, request % BITS))
}

/// The marks of a claim that were found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marks {
    /// How many there are in each second, and their sum.
    seconds: [(f64, f64); Marker::SECONDS as usize],
}

impl Marks {
    /// What was found in one of the seconds: how many, and their sum.
    pub fn add(&mut self, second: u32, count: f64, sum: f64) {
        if let Some(all) = self.seconds.get_mut(second as usize) {
            *all = (all.0 + count, all.1 + sum);
        }
    }

    /// Whether a request arrived; none for what is not a whole one. Nothing where the marks do not tell.
    pub fn arrived(&self, request: Option<u32>) -> Option<bool> {
        let (others, _) = self.seconds[Marker::SECONDS as usize - 1];
        if let Some((second, bit)) = place(request) {
            let (count, sum) = self.seconds[second as usize];
            let bits = sum as u64;
            // Where one is there twice, or somebody else wrote here, the sum tells nothing.
            if bits as f64 != sum || bits >> BITS != 0 || f64::from(bits.count_ones()) != count {
                return None;
            }
            if bits >> bit & 1 == 1 {
                return Some(true);
            }
        }
        // A part of it may be among those that are only counted.
        (others == 0.0).then_some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(requests: &[Option<u32>]) -> Marks {
        let (marker, mut marks) = (Marker::new("Shop", 7), Marks::default());
        for request in requests {
            let (second, value) = marker.mark(*request);
            marks.add(second, 1.0, value);
        }
        marks
    }

    #[test]
    fn each_request_is_told_from_all_others() {
        let last = BITS * 3 - 1;
        let some = [0, 1, 39, 40, 79, 80, last];
        let marks = marked(&some.map(Some));
        for request in 0..=last {
            assert_eq!(marks.arrived(Some(request)), Some(some.contains(&request)), "{request}");
        }
        assert_eq!([marks.arrived(Some(last + 1)), marks.arrived(None)], [Some(false); 2]);
    }

    #[test]
    fn what_is_not_a_whole_request_leaves_only_what_is_there_for_certain() {
        for rest in [None, Some(BITS * 3), Some(u32::MAX)] {
            let marks = marked(&[Some(3), rest]);
            assert_eq!(marks.arrived(Some(3)), Some(true));
            assert_eq!([marks.arrived(Some(4)), marks.arrived(rest), marks.arrived(None)], [None; 3]);
        }
    }

    #[test]
    fn a_mark_that_is_there_twice_tells_nothing() {
        let marks = marked(&[Some(3), Some(3)]);
        assert_eq!([3, 4, 5].map(|request| marks.arrived(Some(request))), [None; 3]);
        let mut foreign = Marks::default();
        foreign.add(0, 1.0, 0.5);
        assert_eq!(foreign.arrived(Some(0)), None);
        assert_eq!(foreign.arrived(Some(BITS)), Some(false), "another second");
    }
}
