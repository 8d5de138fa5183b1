//! For programs. Times are milliseconds since 1970 by the server's clock.

use std::time::{SystemTime, UNIX_EPOCH};

use meters_redis::{ClaimStatus, Counts, ShardStatus, Status};
use serde_json::{Value, json};

use crate::application::{Application, Terms};
use crate::options::Options;
use crate::wait;

pub(crate) fn as_json(options: &Options, application: &Application, terms: Option<&Terms>, status: &Status) -> Value {
    let shards: Vec<Value> = status.shards.iter().map(|one| shard(options, one)).collect();
    json!({
        "application": application.name,
        "namespace": terms.map(|terms| &terms.namespace),
        "period_ms": terms.map(|terms| terms.period.as_millis() as u64),
        "server": {
            "url": status.server,
            "version": status.version.map(|(major, minor)| format!("{major}.{minor}")),
            "keeps": status.keeps,
            "replicas": status.replicas,
            "eviction": status.eviction,
        },
        "due": terms.map(|terms| wait::due_periods(status, terms.period, options).len()),
        "lag_ms": terms.map(|terms| wait::lag(status, terms.period, options).as_millis() as u64),
        "unfinished": wait::abandoned(status, options),
        "counts": counts(status.shards.iter().fold(Counts::default(), |all, shard| all.with(shard.counts))),
        "shards": shards,
    })
}

fn counts(counts: Counts) -> Value {
    let Counts { lost, expired, damaged, again, replayed, .. } = counts;
    json!({
        "lost_series": lost,
        "expired_periods": expired,
        "damaged_entries": damaged,
        "datums_sent_again": again,
        "replayed_batches": replayed,
    })
}

fn shard(options: &Options, shard: &ShardStatus) -> Value {
    let periods = shard
        .periods
        .iter()
        .map(|open| json!({ "start_ms": millis(open.start), "batches": open.batches, "bytes": open.bytes }));
    json!({
        "now_ms": millis(shard.now),
        "since_ms": shard.since.map(millis),
        "newest_claimed_ms": shard.newest.map(millis),
        "leader": shard.leader,
        "open": shard.open,
        "claimed": shard.claimed,
        "periods": periods.collect::<Vec<_>>(),
        "claims": shard.claims.iter().map(|one| claim(options, shard, one)).collect::<Vec<_>>(),
        "writers": shard.writers,
        "counts": counts(shard.counts),
    })
}

fn claim(options: &Options, shard: &ShardStatus, claim: &ClaimStatus) -> Value {
    json!({
        "id": claim.id,
        "period_ms": millis(claim.period),
        "owner": claim.owner,
        "deadline_ms": millis(claim.deadline),
        "attempt": claim.attempt,
        "late": claim.late,
        "datums": claim.datums,
        "done": claim.done,
        "unanswered": claim.unanswered,
        "doubtful": claim.doubtful,
        "unfinished": wait::is_abandoned(claim, shard.now, options),
        "batches": claim.batches,
        "bytes": claim.bytes,
    })
}

fn millis(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
