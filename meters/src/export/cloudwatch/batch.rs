//! Cuts datums into requests, and finds the datum that spoils one.

use std::time::SystemTime;

use meters_core::Namespace;

use super::datum::{Datum, block};
use super::size;
use super::spool::Mark;

#[cfg(test)]
mod tests;

/// The most datums that a request may hold
/// ([PutMetricData](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html)).
pub(crate) const MOST_DATUMS: usize = 1_000;
/// The most bytes of a request before compression: CloudWatch takes 1 MB, and this is what AWS's own agent allows itself.
pub(crate) const MOST_BYTES: usize = 999_000;

/// What goes out as one request, unless CloudWatch says otherwise.
#[derive(Debug)]
pub(crate) struct Batch {
    datums: Vec<Datum>,
    /// Of the datums alone, without the envelope.
    bytes: usize,
    /// Of memory, behind the list of datums.
    heap: usize,
    /// How many datums from the first on are known to contain one that CloudWatch refuses.
    suspects: usize,
    /// How many datums go into a request, since more were too large.
    portion: usize,
    /// How many datums are in a request that is under way.
    in_flight: usize,
    /// A request with some of it may have arrived.
    tried: bool,
    /// How many datums from the first on that was.
    doubtful: usize,
    /// Where it stands in a file of the spool, if it came from there.
    mark: Option<Mark>,
}

impl Batch {
    fn new() -> Self {
        let (datums, mark) = (Vec::new(), None);
        let (suspects, portion, in_flight, tried, doubtful) = (0, usize::MAX, 0, false, 0);
        Self { datums, bytes: 0, heap: 0, suspects, portion, in_flight, tried, doubtful, mark }
    }

    /// What was found in the spool, of which `doubtful` datums from the first on may have been counted.
    pub(crate) fn resumed(datums: Vec<Datum>, mark: Mark, doubtful: usize, portion: usize) -> Self {
        let bytes = datums.iter().map(size::datum).sum();
        let heap = datums.iter().map(Datum::heap).sum();
        Self { datums, bytes, heap, portion, tried: doubtful > 0, doubtful, mark: Some(mark), ..Self::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.datums.len()
    }

    /// Bytes of memory that it holds.
    pub(crate) fn memory(&self) -> usize {
        size_of::<Self>() + block(self.datums.capacity() * size_of::<Datum>()) + self.heap
    }

    pub(crate) fn datums(&self) -> &[Datum] {
        &self.datums
    }

    /// When its first datum was.
    pub(crate) fn oldest(&self) -> Option<SystemTime> {
        self.datums.first().map(|datum| datum.timestamp)
    }

    /// How many datums from the first on may have been counted already.
    pub(crate) fn doubtful(&self) -> usize {
        self.doubtful
    }

    pub(crate) fn mark(&self) -> Option<&Mark> {
        self.mark.as_ref()
    }

    /// What the next request holds: all, or the part that halves the search for a refused datum.
    pub(crate) fn next(&self) -> &[Datum] {
        let count = match self.suspects {
            0 => self.datums.len(),
            // Alone, so that it is CloudWatch who says what is wrong with it.
            1 => 1,
            suspects => suspects / 2,
        };
        &self.datums[..count.min(self.portion)]
    }

    /// The first `count` datums leave: they were sent, or given up.
    pub(crate) fn remove(&mut self, count: usize) -> impl Iterator<Item = Datum> {
        self.suspects = self.suspects.saturating_sub(count);
        self.doubtful = self.doubtful.saturating_sub(count);
        if let Some(mark) = &mut self.mark {
            mark.advance(count, self.doubtful);
        }
        self.bytes -= self.datums[..count].iter().map(size::datum).sum::<usize>();
        self.heap -= self.datums[..count].iter().map(Datum::heap).sum::<usize>();
        self.datums.drain(..count)
    }

    /// One of the first `count` datums is refused: further requests halve them until it stands alone.
    pub(crate) fn suspect(&mut self, count: usize) {
        self.suspects = count;
    }

    /// `count` datums are too large a request: further ones hold half as many.
    pub(crate) fn halve(&mut self, count: usize) {
        self.portion = count / 2;
    }

    /// A request with the first `count` datums goes out.
    pub(crate) fn begin(&mut self, count: usize) {
        self.in_flight = count;
        if let Some(mark) = &self.mark {
            mark.begin(count.max(self.doubtful));
        }
    }

    /// The request came to an end. Says how many datums it held; 0 where there was none.
    pub(crate) fn end(&mut self) -> usize {
        std::mem::take(&mut self.in_flight)
    }

    /// The first `count` datums may have arrived: nothing is added to it any more.
    pub(crate) fn doubt(&mut self, count: usize) {
        self.tried = true;
        self.doubtful = self.doubtful.max(count);
    }

    /// The request did not arrive, that much is certain.
    pub(crate) fn settle(&mut self) {
        if let Some(mark) = &self.mark {
            mark.settle(self.doubtful);
        }
    }

    /// How many datums from the first on `old` says yes to.
    pub(crate) fn leading(&self, old: impl Fn(&Datum) -> bool) -> usize {
        self.datums.partition_point(old)
    }

    /// Takes `other` in behind, where both fit one request; gives it back where they do not.
    pub(crate) fn append(&mut self, mut other: Batch, namespace: &Namespace, most: usize) -> Option<Batch> {
        let count = self.len() + other.len();
        let fits = count <= most && size::envelope(namespace, count) + self.bytes + other.bytes <= MOST_BYTES;
        let marked = self.mark.is_some() || other.mark.is_some();
        if marked || self.tried || self.in_flight > 0 || self.suspects > 0 || self.portion < usize::MAX || !fits {
            return Some(other);
        }
        self.datums.append(&mut other.datums);
        self.bytes += other.bytes;
        self.heap += other.heap;
        None
    }
}

/// Cuts `datums`, in their order, into batches of at most `most` datums and [`MOST_BYTES`] bytes.
pub(crate) fn cut(namespace: &Namespace, datums: Vec<Datum>, most: usize) -> Vec<Batch> {
    let most = most.clamp(1, MOST_DATUMS);
    let mut batches: Vec<Batch> = Vec::new();
    for datum in datums {
        let (bytes, heap) = (size::datum(&datum), datum.heap());
        let fits = batches.last().is_some_and(|batch| {
            let count = batch.len() + 1;
            count <= most && size::envelope(namespace, count) + batch.bytes + bytes <= MOST_BYTES
        });
        if !fits {
            batches.push(Batch::new());
        }
        if let Some(batch) = batches.last_mut() {
            batch.datums.push(datum);
            batch.bytes += bytes;
            batch.heap += heap;
        }
    }
    // Lists grow by doubling: what is not needed is given back before a batch waits for hours.
    batches.iter_mut().for_each(|batch| batch.datums.shrink_to_fit());
    batches
}
