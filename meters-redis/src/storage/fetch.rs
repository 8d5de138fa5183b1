//! Reads a batch in slices, and merges as it reads: a period of many processes is far larger than what it comes to.

use std::time::{Duration, Instant, UNIX_EPOCH};

use meters_core::storage::{Claim, Marker};
use meters_core::{Series, Value, Window};
use redis::Cmd;

use crate::connection::{Connection, Failure};
use crate::protocol::drain::{Drain, Wanted};
use crate::protocol::keys::Field;
use crate::wire::{Damaged, Merge};

/// About how many bytes one answer may have: Redis serves nobody else meanwhile.
const SLICE: usize = 1 << 20;
/// Entries of the first slice, whose size is not known.
const FIRST: usize = 16;
const MOST: usize = 1000;
/// A large answer may take so many times as long as another.
const PATIENCE: u32 = 5;

pub(crate) struct Fetched {
    wanted: Wanted,
    items: Vec<(Series, Value)>,
    pub(crate) damaged: u32,
    /// What was the matter with some of them, once for each metric.
    pub(crate) why: Vec<Damaged>,
    /// Entries that should have been there.
    pub(crate) missing: u32,
}

/// What the batch comes to. None where something is missing that must not be.
pub(crate) async fn fetch(
    connection: &mut Connection,
    machine: &mut Drain,
    bid: &str,
    batch: &[u8],
    all: bool,
    deadline: Instant,
) -> Result<Option<Fetched>, Failure> {
    let patience = connection.way().limits.response * PATIENCE;
    let mut names = Cmd::new();
    names.arg("HKEYS").arg(batch);
    let names: Vec<Vec<u8>> = read(connection.ask(names, patience, deadline).await?)?;
    if names.is_empty() && all {
        return Ok(None);
    }
    let wanted = machine.wanted(bid, &names);
    let (mut merge, mut why, mut damaged, mut missing) = (Merge::default(), Vec::<Damaged>::new(), wanted.damaged, 0);
    let (mut rest, mut count) = (&wanted.fields[..], FIRST);
    while !rest.is_empty() {
        let (slice, later) = rest.split_at(count.min(rest.len()));
        let mut values = Cmd::new();
        values.arg("HMGET").arg(batch).arg(slice);
        let values: Vec<Option<Vec<u8>>> = read(connection.ask(values, patience, deadline).await?)?;
        let bytes: usize = values.iter().flatten().map(Vec::len).sum();
        for (name, value) in slice.iter().zip(values) {
            let (Some(value), Some(field)) = (value, Field::parse(name)) else {
                missing += 1;
                continue;
            };
            if let Err(flaw) = merge.add(field.writer.as_bytes(), field.seq, &value) {
                damaged += 1;
                if !why.iter().any(|known| known.metric() == flaw.metric()) {
                    why.push(flaw);
                }
            }
        }
        rest = later;
        count = (SLICE / (bytes / slice.len()).max(1)).clamp(1, MOST);
        if missing > 0 && all {
            return Ok(None);
        }
    }
    Ok(Some(Fetched { wanted, items: merge.finish(), damaged, why, missing }))
}

fn read<T: redis::FromRedisValue>(value: redis::Value) -> Result<T, Failure> {
    redis::from_redis_value(value).map_err(|_| super::agreement::strange())
}

impl Fetched {
    pub(crate) fn into_claim(self, id: String, period: Duration, application: &str) -> Claim {
        let start = UNIX_EPOCH + Duration::from_millis(self.wanted.period);
        let mut claim = Claim::new(id, Window::from_parts(start, start + period, period, self.items));
        claim.late = self.wanted.late;
        claim.writers = self.wanted.writers;
        claim.damaged = self.damaged;
        claim.marker = (self.wanted.mark > 0).then(|| Marker::new(application, self.wanted.mark));
        claim
    }
}
