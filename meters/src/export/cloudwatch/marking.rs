//! Marks the requests of a claim, and tells by the marks which of them arrived.

use std::ops::Range;
use std::time::{Duration, SystemTime};

use meters_core::storage::{Claim, Marker, Marks};
use meters_core::{Dimension, Dimensions, Namespace, Resolution, Unit};

use super::datum::{Datum, DatumValue};
use super::size;

/// How long CloudWatch tells seconds apart, less a little:
/// [metrics retention](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html) is 3 hours.
const READABLE: Duration = Duration::from_secs(3 * 3_600 - 600);

/// How a claim is cut into requests, and their marks.
pub(super) struct Marking<'c> {
    marker: &'c Marker,
    dimensions: Dimensions,
    /// The whole requests: ascending, without a gap.
    requests: Vec<Range<u32>>,
}

/// Places, and whether they arrived; nothing where nobody can tell.
pub(super) type Found = (Range<u32>, Option<bool>);

impl<'c> Marking<'c> {
    /// None where the storage has given the claim no seconds.
    pub(super) fn of(claim: &'c Claim) -> Option<Self> {
        let marker = claim.marker.as_ref()?;
        let name = Dimension::new(Marker::DIMENSION, &*marker.application).ok()?;
        let dimensions = Dimensions::try_from_iter([name]).ok()?;
        Some(Self { marker, dimensions, requests: Vec::new() })
    }

    /// Bytes that a mark adds to a request.
    pub(super) fn bytes(&self, namespace: &Namespace) -> usize {
        size::datum(&self.mark(&(0..0))) + size::envelope(namespace, 1_000) - size::envelope(namespace, 1)
    }

    /// These are all requests, if none has to be cut further.
    pub(super) fn plan(&mut self, requests: Vec<Range<u32>>) {
        self.requests = requests;
    }

    /// What is missing, each part within one request.
    pub(super) fn cut(&self, missing: &[Range<u32>]) -> Vec<Range<u32>> {
        self.within(missing).map(|(_, part)| part).collect()
    }

    fn within<'m>(&'m self, places: &'m [Range<u32>]) -> impl Iterator<Item = (u32, Range<u32>)> + 'm {
        places.iter().flat_map(|some| {
            let parts = (0..).zip(&self.requests);
            let parts = parts.map(|(at, request)| (at, request.start.max(some.start)..request.end.min(some.end)));
            parts.filter(|(_, part)| !part.is_empty())
        })
    }

    /// The datum that marks a request.
    pub(super) fn mark(&self, places: &Range<u32>) -> Datum {
        let whole = self.requests.binary_search_by_key(&places.start, |request| request.start);
        let whole = whole.ok().filter(|at| self.requests[*at] == *places);
        let (second, value) = self.marker.mark(whole.and_then(|at| u32::try_from(at).ok()));
        Datum {
            name: Marker::METRIC.to_owned(),
            dimensions: self.dimensions.clone(),
            unit: Unit::None,
            resolution: Resolution::High,
            timestamp: self.marker.second(second),
            value: DatumValue::Value(value),
        }
    }

    /// Whether the marks can still be looked up.
    pub(super) fn is_readable(&self, now: SystemTime) -> bool {
        now < self.marker.second(0) + READABLE
    }

    pub(super) fn marker(&self) -> &'c Marker {
        self.marker
    }

    /// What the marks say of the doubtful.
    pub(super) fn tell(&self, doubtful: &[Range<u32>], marks: &Marks) -> Vec<Found> {
        self.within(doubtful).map(|(request, part)| (part, marks.arrived(Some(request)))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use meters_core::Window;

    #[test]
    fn what_is_doubtful_is_told_request_by_request() {
        let empty = Window::from_parts(SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH, Duration::ZERO, Vec::new());
        let mut claim = Claim::new("1".to_owned(), empty);
        assert!(Marking::of(&claim).is_none());
        claim.marker = Some(Marker::new("Shop|3", 1_000));
        let mut marking = Marking::of(&claim).unwrap();
        marking.plan(vec![0..10, 10..20, 20..25]);
        let missing = [3..12, 20..25];
        assert_eq!(marking.cut(&missing), [3..10, 10..12, 20..25]);

        let value = |places| match marking.mark(&places) {
            Datum { value: DatumValue::Value(value), timestamp, .. } => {
                (timestamp.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs(), value)
            }
            other => panic!("{other:?}"),
        };
        assert_eq!([value(0..10), value(10..20), value(20..25)], [(1_000, 1.0), (1_000, 2.0), (1_000, 4.0)]);
        assert_eq!([value(10..15), value(0..25)], [(1_003, 1.0); 2], "no whole request");

        let mut marks = Marks::default();
        marks.add(0, 1.0, 2.0);
        let told = [(3..10, Some(false)), (10..12, Some(true)), (20..25, Some(false))];
        assert_eq!(marking.tell(&missing, &marks), told);
        marks.add(3, 1.0, 1.0);
        let told = [(3..10, None), (10..12, Some(true)), (20..25, None)];
        assert_eq!(marking.tell(&missing, &marks), told, "a half of something arrived");
    }

    #[test]
    fn marks_are_readable_for_less_than_three_hours() {
        let empty = Window::from_parts(SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH, Duration::ZERO, Vec::new());
        let mut claim = Claim::new("1".to_owned(), empty);
        claim.marker = Some(Marker::new("Shop", 1_000));
        let marking = Marking::of(&claim).unwrap();
        let at = |seconds| marking.is_readable(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!([10, 1_000, 11_000, 11_199, 11_200, 99_000].map(at), [true, true, true, true, false, false]);
    }
}
