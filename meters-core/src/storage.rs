//! What shares values between processes, as a flusher sees it: each process pushes what it recorded, and one of them takes
//! out a whole period, exclusively, to report it.
//!
//! `meters` drives these traits, and `meters-redis` implements them.

mod marker;

use std::fmt::Debug;
use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::time::{Duration, Instant};

pub use self::marker::{Marker, Marks};
use crate::Error;
use crate::model::{Namespace, Window};

/// Work that the flusher's runtime waits for. May be dropped at any time: nothing is lost by that.
pub type Task<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Shares what several processes record.
pub trait Storage: Debug + Send + Sync + 'static {
    /// Makes this process one of them. A child of `fork` joins anew.
    ///
    /// A server that is away is no error: what is pushed waits. What can never work is one.
    fn join(&self, terms: Terms) -> Task<'_, Result<Joined, Error>>;
}

/// What a process brings with it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Terms {
    /// Where the metrics go.
    pub namespace: Namespace,
    /// How long a period is, unless the storage was told another.
    pub period: Duration,
    /// Whether this process may take out periods and report them.
    pub reports: bool,
    /// How long one request of a report may take: see [`Drain::begin`]. Nothing where none is made.
    pub patience: Duration,
    /// Claims are to have a [`Marker`], by which requests are looked up that nobody heard of again. After so long such a
    /// request cannot arrive any more, and what arrived of it can be seen. Nothing: they are sent again.
    pub read_back: Option<Duration>,
}

impl Terms {
    /// These terms, without a way to look requests up.
    pub fn new(namespace: Namespace, period: Duration, reports: bool) -> Self {
        Self { namespace, period, reports, patience: Duration::ZERO, read_back: None }
    }
}

/// The two ends of a storage that a process holds.
#[derive(Debug)]
#[non_exhaustive]
pub struct Joined {
    /// The way in.
    pub writer: Box<dyn Writer>,
    /// The way out, for processes that report.
    pub drain: Option<Box<dyn Drain>>,
    /// Why the storage could not be reached yet; what is recorded waits for it.
    pub trouble: Option<Error>,
}

impl Joined {
    /// These ends.
    pub fn new(writer: Box<dyn Writer>, drain: Option<Box<dyn Drain>>) -> Self {
        Self { writer, drain, trouble: None }
    }

    /// The storage is away, and is met later.
    #[must_use]
    pub fn away(mut self, trouble: Error) -> Self {
        self.trouble = Some(trouble);
        self
    }
}

/// The way in: what this process recorded.
pub trait Writer: Debug + Send {
    /// Takes in a window, whose series carry all their dimensions. Never waits and never fails: memory is bounded by merging
    /// the oldest.
    fn take(&mut self, window: &Window);

    /// Pushes what was taken in, trying until `deadline`.
    fn push(&mut self, deadline: Instant) -> Task<'_, Pushed>;

    /// Series, each counted once a period, that were taken in and are not known to be stored.
    fn pending(&self) -> u64;

    /// How the way in is doing, for those who operate the storage: what a [`Drain`] tells of is not in it.
    fn health(&self) -> Health {
        Health::default()
    }
}

/// What a push came to.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Pushed {
    /// Series that the storage has taken, each counted once a period.
    pub pushed: u64,
    /// Series that wait for the next push.
    pub pending: u64,
    /// Series that the storage has forgotten, and this process, too.
    pub lost: u64,
    /// Requests made of the storage.
    pub requests: u64,
    /// Bytes of what was taken.
    pub bytes: u64,
    /// Why something is still pending.
    pub error: Option<Error>,
}

/// The way out: what all processes pushed.
///
/// A claim is sent in parts. Before each, [`begin`](Self::begin) says whether it is still this process's to send; after it,
/// [`end`](Self::end) notes what became of it. Datums are told by their place in the claim's list, which the same window
/// always encodes to.
pub trait Drain: Debug + Send {
    /// The oldest period that is due, this process's alone from now on; none where nothing is due, or where another reports.
    fn claim(&mut self, deadline: Instant) -> Task<'_, Result<Option<Claim>, Error>>;

    /// When it is worth while to ask for the next claim.
    fn next(&self) -> Instant;

    /// Adds the claim to what the storage keeps of all that was reported, where somebody asked for that: once, whoever reports it.
    /// To be done before the claim is planned.
    fn keep<'a>(&'a mut self, _claim: &'a Claim) -> Task<'a, Result<(), Error>> {
        Box::pin(async { Ok(()) })
    }

    /// Fixes into how many datums the claim was encoded, and by their fingerprint into which. Returns what an earlier owner
    /// did with them.
    fn plan<'a>(&'a mut self, claim: &'a Claim, datums: u32, fingerprint: u64) -> Task<'a, Result<Progress, Error>>;

    /// A request with these datums is about to leave, and takes `patience` at the most. False: the claim is not, or not long
    /// enough, this process's any more, and must be left.
    fn begin<'a>(
        &'a mut self,
        claim: &'a Claim,
        datums: Range<u32>,
        patience: Duration,
    ) -> Task<'a, Result<bool, Error>>;

    /// What became of these datums. Noted as soon as the storage can be reached, also after an error here.
    fn end<'a>(&'a mut self, claim: &'a Claim, datums: Range<u32>, fate: Fate) -> Task<'a, Result<(), Error>>;

    /// Leaves a claim: what is not done of it is this process's or another's to claim again. Where doubts are looked up, not
    /// before all its requests without an answer are past arriving.
    fn leave(&mut self, claim: Claim) -> Task<'_, ()>;

    /// Reports nothing any more: what this process has goes to whoever asks next, as far as none of its requests may still
    /// arrive. Tries until `deadline`; what is not given back by then is taken over by others when its time is over.
    fn retire(&mut self, _deadline: Instant) -> Task<'_, ()> {
        Box::pin(async {})
    }

    /// How the way out is doing, for those who operate the storage.
    fn health(&self) -> Health;
}

/// A period, or a late part of one, that is this process's to report.
#[derive(Debug)]
#[non_exhaustive]
pub struct Claim {
    /// What the storage knows it by.
    pub id: String,
    /// What all processes recorded in it, merged. Series are in a fixed order.
    pub window: Window,
    /// A part of this period was claimed before: this came late.
    pub late: bool,
    /// How many processes pushed something.
    pub writers: u32,
    /// Entries that were no delta batch, and were left out.
    pub damaged: u32,
    /// By what its requests are found again; nothing where they are not looked up.
    pub marker: Option<Marker>,
}

impl Claim {
    /// These parts, of a period whose first claim it is.
    pub fn new(id: String, window: Window) -> Self {
        Self { id, window, late: false, writers: 0, damaged: 0, marker: None }
    }
}

/// What became of datums that a request was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fate {
    /// They arrived, or were refused for good, or given up: not to be sent again.
    Done,
    /// They did not arrive, that much is certain.
    NotSent,
}

/// What earlier owners of a claim did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Done with; ascending, apart.
    pub done: Vec<Range<u32>>,
    /// A request with these was under way, and nobody noted its fate; ascending, apart.
    pub doubtful: Vec<Range<u32>>,
    /// The plan that was fixed is another: datums are not where they were, and `done` tells nothing.
    pub changed: bool,
    /// Some of the doubtful may have been sent under another plan, or in another claim: the marks of this one do not tell.
    pub unmarked: bool,
}

/// Counts since a process joined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// Batches that the storage had already.
    pub duplicates: u64,
    /// Times that the storage had forgotten something.
    pub gaps: u64,
    /// Batches pushed again for it.
    pub replayed: u64,
    /// Claims taken over from processes that did not finish them.
    pub taken_over: u64,
    /// Entries that were no delta batch.
    pub damaged: u64,
    /// Connections made.
    pub connections: u64,
}
