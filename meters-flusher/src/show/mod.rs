//! How the storage is, in words and as JSON.

mod json;
mod text;

pub(crate) use self::json::as_json;
pub(crate) use self::text::as_text;

use meters::FlushReport;
use meters_redis::Status;
use serde_json::json;

use crate::application::{Application, Terms};
use crate::options::Options;
use crate::{say, wait};

/// One line: what this process has done so far, and what waits.
pub(crate) fn health(
    options: &Options,
    application: &Application,
    terms: &Terms,
    total: &FlushReport,
    status: Option<&Status>,
) -> String {
    let waiting = status.map(|status| Waiting::of(status, terms, options));
    if options.json {
        let mut line = json!({ "application": application.name, "total": say::as_json(total) });
        if let Some(w) = waiting {
            line["health"] = json!({
                "open": w.open, "due": w.due, "claimed": w.claimed, "unfinished": w.unfinished,
                "writers": w.writers, "lag_ms": w.lag.as_millis() as u64,
            });
        }
        return line.to_string();
    }
    let name = &application.name;
    let sofar = format!("so far {} sent, {} refused, {} perhaps twice", total.sent, total.refused, total.ambiguous);
    match waiting {
        Some(w) => format!(
            "{name}: {} open, {} of them due, {} being reported, lag {}; {sofar}",
            w.open,
            w.due,
            w.claimed,
            wait::short(w.lag)
        ),
        None => format!("{name}: {sofar}"),
    }
}

struct Waiting {
    open: u64,
    due: usize,
    claimed: u64,
    unfinished: usize,
    writers: usize,
    lag: std::time::Duration,
}

impl Waiting {
    fn of(status: &Status, terms: &Terms, options: &Options) -> Self {
        Self {
            open: status.shards.iter().map(|shard| shard.open).sum(),
            due: wait::due_periods(status, terms.period, options).len(),
            claimed: status.shards.iter().map(|shard| shard.claimed).sum(),
            unfinished: wait::abandoned(status, options),
            writers: status.shards.iter().map(|shard| shard.writers.len()).max().unwrap_or(0),
            lag: wait::lag(status, terms.period, options),
        }
    }
}
