//! How long everything takes. All times are settings, so that tests can scale them down.

use std::time::Duration;

/// Times and bounds of a writer and a drain.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Settings {
    /// How long a period is. All processes agree on it.
    pub(crate) period: Duration,
    /// How long after a period's end it is due: jitter of the flushes and a little.
    pub(crate) grace: Duration,
    /// How long a claim is its owner's alone.
    pub(crate) claim: Duration,
    /// How long after that another takes it over: longer than a signed request lives.
    pub(crate) takeover: Duration,
    /// After how long a request that nobody heard of cannot arrive any more, where such are looked up.
    pub(crate) read_back: Option<Duration>,
    /// How long a leader leads without renewing.
    pub(crate) lease: Duration,
    /// How often a leader looks for what is due.
    pub(crate) tick: Duration,
    /// How long the numbers of a silent writer are kept.
    pub(crate) writer_ttl: Duration,
    /// How long a bucket waits for a reporter; also the terms that all agree on.
    pub(crate) bucket_ttl: Duration,
    /// How long at least a stored batch is kept to be pushed again: longer than what a server can forget.
    pub(crate) retention: Duration,
    /// How often a writer with kept batches and nothing to push asks whether they are still stored.
    pub(crate) look: Duration,
    /// How long a finished claim is remembered.
    pub(crate) remember: Duration,
    /// Periods that wait, before the two oldest become one.
    pub(crate) queue_periods: usize,
    /// Bytes that wait, before the two oldest periods become one.
    pub(crate) queue_bytes: usize,
    /// Bytes of stored batches that are kept.
    pub(crate) retained_bytes: usize,
    /// Writers whose reported batches are remembered.
    pub(crate) remembered_writers: usize,
}

impl Default for Settings {
    fn default() -> Self {
        let period = Duration::from_secs(60);
        Self {
            period,
            grace: Duration::from_secs(10),
            claim: Duration::from_secs(120),
            takeover: Duration::from_secs(360),
            read_back: None,
            lease: Duration::from_secs(30),
            tick: Duration::from_secs(10),
            writer_ttl: Duration::from_secs(24 * 3600),
            bucket_ttl: Duration::from_secs(24 * 3600),
            retention: 3 * period,
            look: period,
            remember: Duration::from_secs(600),
            queue_periods: 15,
            queue_bytes: 16 << 20,
            retained_bytes: 16 << 20,
            remembered_writers: 100_000,
        }
    }
}

/// Milliseconds, as scripts have them.
pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
