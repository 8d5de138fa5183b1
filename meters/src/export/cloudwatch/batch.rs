//! Cuts datums into requests, and finds the datum that spoils one.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use meters_core::Namespace;

use super::datum::{Datum, block};
use super::packed::Packed;
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
    /// In the place of the datums, while it is not its turn.
    packed: Option<Packed>,
    /// When its first datum was.
    oldest: Option<SystemTime>,
    /// How long its windows were at the most: so much later than its timestamp a datum began to wait.
    span: Duration,
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
        Self {
            datums: Vec::new(),
            packed: None,
            oldest: None,
            span: Duration::ZERO,
            bytes: 0,
            heap: 0,
            suspects: 0,
            portion: usize::MAX,
            in_flight: 0,
            tried: false,
            doubtful: 0,
            mark: None,
        }
    }

    /// What was found in the spool, of which `done` datums are done with, and `doubtful` behind them may have been counted.
    /// `None` for what is no batch.
    pub(crate) fn resumed(packed: Packed, mark: Mark, done: usize, doubtful: usize, portion: usize) -> Option<Self> {
        let mut batch = Self { datums: packed.datums()?, portion, tried: doubtful > 0, ..Self::new() };
        batch.datums.drain(..done.min(batch.datums.len()));
        batch.weigh();
        batch.bytes = batch.datums.iter().map(size::datum).sum();
        match done {
            0 => batch.hold(packed),
            _ => batch.pack(),
        }
        Some(Self { doubtful, mark: Some(mark), ..batch })
    }

    pub(crate) fn len(&self) -> usize {
        self.packed.as_ref().map_or(self.datums.len(), Packed::len)
    }

    /// Bytes of memory that it holds.
    pub(crate) fn memory(&self) -> usize {
        size_of::<Self>() + block(self.datums.capacity() * size_of::<Datum>()) + self.heap
    }

    fn weigh(&mut self) {
        self.oldest = self.datums.first().map(|datum| datum.timestamp);
        self.heap = self.datums.iter().map(Datum::heap).sum();
    }

    /// Waits in less memory from now on, unless it is under way.
    pub(crate) fn pack(&mut self) {
        if self.packed.is_some() || self.in_flight > 0 || self.datums.is_empty() {
            return;
        }
        let packed = Packed::of(&self.datums);
        // Nothing is given away that would not be the same afterwards.
        if packed.datums().as_ref() == Some(&self.datums) {
            self.hold(packed);
        }
    }

    fn hold(&mut self, packed: Packed) {
        self.datums = Vec::new();
        self.heap = packed.heap();
        self.packed = Some(packed);
    }

    /// Its turn has come.
    pub(crate) fn unpack(&mut self) {
        if let Some(datums) = self.packed.as_ref().and_then(Packed::datums) {
            (self.datums, self.packed) = (datums, None);
            self.weigh();
        }
    }

    /// All datums, as a file has them.
    pub(crate) fn packed(&self) -> Cow<'_, Packed> {
        self.packed.as_ref().map_or_else(|| Cow::Owned(Packed::of(&self.datums)), Cow::Borrowed)
    }

    /// All datums.
    #[cfg(test)]
    pub(crate) fn datums(&self) -> Vec<Datum> {
        self.packed().datums().unwrap()
    }

    /// It waits from `end` on, when its window ended.
    pub(crate) fn wait_from(&mut self, end: SystemTime) {
        self.span = self.oldest.and_then(|first| end.duration_since(first).ok()).unwrap_or_default();
    }

    /// How much later than its timestamp a datum began to wait.
    pub(crate) fn span(&self) -> Duration {
        self.span
    }

    /// When its first datum was.
    pub(crate) fn oldest(&self) -> Option<SystemTime> {
        self.oldest
    }

    /// How many datums from the first on may have been counted already.
    pub(crate) fn doubtful(&self) -> usize {
        self.doubtful
    }

    pub(crate) fn mark(&self) -> Option<&Mark> {
        self.mark.as_ref()
    }

    /// What the next request holds, of a batch that is not packed: all, or the part that halves the search for a refused datum.
    pub(crate) fn next(&self) -> &[Datum] {
        let count = match self.suspects {
            0 => self.datums.len(),
            // Alone, so that it is CloudWatch who says what is wrong with it.
            1 => 1,
            suspects => suspects / 2,
        };
        &self.datums[..count.min(self.portion)]
    }

    /// The first `count` datums leave, of a batch that is not packed: they were sent, or given up.
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

    /// All datums leave, unseen.
    pub(crate) fn give_up(&mut self) {
        let count = self.len();
        if let Some(mark) = &mut self.mark {
            mark.advance(count, 0);
        }
    }

    /// How many datums from the first on `old` says yes to, of a batch that is not packed.
    pub(crate) fn leading(&self, old: impl Fn(&Datum) -> bool) -> usize {
        self.datums.partition_point(old)
    }

    /// Takes `other` in behind, where both fit one request; gives it back where they do not.
    pub(crate) fn append(&mut self, mut other: Batch, namespace: &Namespace, most: usize) -> Option<Batch> {
        let count = self.len() + other.len();
        let fits = count <= most && size::envelope(namespace, count) + self.bytes + other.bytes <= MOST_BYTES;
        let marked = self.mark.is_some() || other.mark.is_some();
        if marked
            || self.packed.is_some()
            || other.packed.is_some()
            || self.tried
            || self.in_flight > 0
            || self.suspects > 0
            || self.portion < usize::MAX
            || !fits
        {
            return Some(other);
        }
        self.datums.append(&mut other.datums);
        self.bytes += other.bytes;
        self.heap += other.heap;
        self.span = self.span.max(other.span);
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
            batch.oldest = batch.datums.first().map(|datum| datum.timestamp);
        }
    }
    // Lists grow by doubling: what is not needed is given back before a batch waits for hours.
    batches.iter_mut().for_each(|batch| batch.datums.shrink_to_fit());
    batches
}
