//! What waits, and for whom.

use std::collections::BTreeSet;
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use meters_redis::{ClaimStatus, ShardStatus, Status};
use serde_json::{Value, json};

use crate::options::Options;

/// As the storage has them where nobody says otherwise.
const GRACE: Duration = Duration::from_secs(5);
const LEASE: Duration = Duration::from_secs(30);
const TAKEOVER: Duration = Duration::from_secs(360);

/// Since when a period that began at `start` could be reported.
pub(crate) fn due(start: SystemTime, period: Duration, options: &Options) -> SystemTime {
    start + period + options.grace.unwrap_or(GRACE)
}

pub(crate) fn takeover(options: &Options) -> Duration {
    options.takeover_after.unwrap_or(TAKEOVER)
}

pub(crate) fn lease(options: &Options) -> Duration {
    options.lease.unwrap_or(LEASE)
}

/// The open periods that are due, by shard and start.
pub(crate) fn due_periods(status: &Status, period: Duration, options: &Options) -> BTreeSet<(usize, SystemTime)> {
    let shards = status.shards.iter().enumerate();
    let of = |(place, shard): (usize, &ShardStatus)| {
        let now = shard.now;
        let due = shard.periods.iter().map(|open| open.start).filter(move |start| due(*start, period, options) <= now);
        due.map(|start| (place, start)).collect::<Vec<_>>()
    };
    shards.flat_map(of).collect()
}

/// All periods that are open or claimed, by shard and start.
pub(crate) fn unreported(status: &Status) -> BTreeSet<(usize, SystemTime)> {
    let shards = status.shards.iter().enumerate();
    let of = |(place, shard): (usize, &ShardStatus)| {
        let starts = shard.periods.iter().map(|open| open.start).chain(shard.claims.iter().map(|claim| claim.period));
        starts.map(|start| (place, start)).collect::<Vec<_>>()
    };
    shards.flat_map(of).collect()
}

/// What is pushed, and not due yet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    batches: u64,
    /// When the first of it is due, and from then on; by the server's clock.
    until: SystemTime,
    time: Duration,
}

impl Waiting {
    pub(crate) fn of(status: &Status, period: Duration, options: &Options) -> Option<Self> {
        let of = |shard: &ShardStatus| {
            let now = shard.now;
            let dues = shard.periods.iter().map(|open| (due(open.start, period, options), open.batches));
            dues.filter_map(|(due, batches)| Some((due, due.duration_since(now).ok()?, batches))).collect::<Vec<_>>()
        };
        let all: Vec<_> = status.shards.iter().flat_map(of).collect();
        let (until, time, _) = all.iter().min_by_key(|(_, time, _)| *time)?;
        Some(Self { batches: all.iter().map(|(.., batches)| batches).sum(), until: *until, time: *time })
    }

    pub(crate) fn as_json(&self) -> Value {
        let until = self.until.duration_since(UNIX_EPOCH).unwrap_or_default();
        json!({ "batches": self.batches, "due_ms": until.as_millis() as u64 })
    }
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.batches {
            1 => write!(f, "1 batch waits, due in {}", short(self.time)),
            more => write!(f, "{more} batches wait, the first due in {}", short(self.time)),
        }
    }
}

/// Whether its owner gave it back: it is whoever's who looks next.
pub(crate) fn is_given_back(claim: &ClaimStatus) -> bool {
    claim.deadline == UNIX_EPOCH
}

/// Whether nobody has finished it in time: whoever looks takes it over, from a Redis that is known for long enough.
pub(crate) fn is_abandoned(claim: &ClaimStatus, now: SystemTime, options: &Options) -> bool {
    !is_given_back(claim) && claim.deadline + takeover(options) < now
}

/// All that nobody has finished in time.
pub(crate) fn abandoned(status: &Status, options: &Options) -> usize {
    let of = |shard: &ShardStatus| shard.claims.iter().filter(|claim| is_abandoned(claim, shard.now, options)).count();
    status.shards.iter().map(of).sum()
}

/// For how long the oldest that is due, or claimed, has been waiting.
pub(crate) fn lag(status: &Status, period: Duration, options: &Options) -> Duration {
    let of = |shard: &ShardStatus| {
        let starts = shard.periods.iter().map(|open| open.start).chain(shard.claims.iter().map(|claim| claim.period));
        starts.map(|start| shard.now.duration_since(due(start, period, options)).unwrap_or_default()).max()
    };
    status.shards.iter().filter_map(of).max().unwrap_or_default()
}

/// A time in few letters: `350ms`, `4.2s`, `3m20s`, `2h5m`, `3d4h`.
pub(crate) fn short(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 => format!("{}ms", time.as_millis()),
        1..10 => format!("{:.1}s", (time.as_secs_f64() * 10.0).floor() / 10.0),
        10..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{}s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{}h{}m", seconds / 3600, seconds / 60 % 60),
        _ => format!("{}d{}h", seconds / 86_400, seconds / 3600 % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        let texts = [350, 4_290, 59_999, 200_000, 7_500_000, 273_600_000].map(|ms| short(Duration::from_millis(ms)));
        assert_eq!(texts, ["350ms", "4.2s", "59s", "3m20s", "2h5m", "3d4h"]);
    }
}
