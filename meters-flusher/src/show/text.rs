//! For people.

use std::fmt::Write;
use std::time::SystemTime;

use meters_redis::{ClaimStatus, Counts, ShardStatus, Status};

use crate::application::{Application, Terms};
use crate::options::Options;
use crate::wait::{self, short};

/// Processes that are named, before the rest are counted.
const NAMED: usize = 8;

pub(crate) fn as_text(options: &Options, application: &Application, terms: Option<&Terms>, status: &Status) -> String {
    let mut text = format!("{} on {}", application.name, status.server);
    if let Some((major, minor)) = status.version {
        _ = write!(text, ", version {major}.{minor}");
    }
    _ = match status.keeps {
        Some(file @ ("always" | "everysec" | "no")) => write!(text, ", appendfsync {file}"),
        Some(nothing) => write!(text, ", keeps {nothing} when it stops"),
        None => write!(text, ", does not tell how it keeps its data"),
    };
    _ = writeln!(text, ", {}", counted(u64::from(status.replicas), "replica"));
    if let Some(policy) = status.eviction.as_deref().filter(|policy| *policy != "noeviction") {
        _ = writeln!(text, "  WARNING: maxmemory-policy {policy} removes keys when memory is full: set noeviction");
    }
    match terms {
        Some(terms) => {
            let (period, lag) = (terms.period, wait::lag(status, terms.period, options));
            let shards = counted(status.shards.len() as u64, "shard");
            _ = writeln!(
                text,
                "  namespace {}, period {}, {shards}, lag {}",
                terms.namespace,
                short(period),
                short(lag)
            );
        }
        None => _ = writeln!(text, "  no process has been here yet, or not for long"),
    }
    for (place, one) in status.shards.iter().enumerate() {
        if status.shards.len() > 1 {
            _ = writeln!(text, "  shard {place}");
        }
        shard(&mut text, options, terms, one);
    }
    text
}

/// In a memory that is new, only who reported before may do so at once.
fn nobody(options: &Options, shard: &ShardStatus) -> String {
    let begins = shard.since.map(|since| since + wait::lease(options));
    match begins.and_then(|begins| begins.duration_since(shard.now).ok()) {
        Some(wait) => {
            format!("nobody at present: this memory is new, in {} anybody may", short(wait))
        }
        None => "nobody at present".to_owned(),
    }
}

fn shard(text: &mut String, options: &Options, terms: Option<&Terms>, shard: &ShardStatus) {
    let now = shard.now;
    let since = shard.since.map_or("nothing yet".to_owned(), |since| ago(now, since));
    let leader = shard.leader.clone().unwrap_or_else(|| nobody(options, shard));
    _ = writeln!(text, "  reports    {leader}");
    _ = writeln!(text, "  remembers  since {since}");
    _ = writeln!(text, "  open       {}", counted(shard.open, "period"));
    for open in &shard.periods {
        let due = terms.map(|terms| wait::due(open.start, terms.period, options));
        let when = match due.map(|due| (now.duration_since(due), due)) {
            Some((Ok(late), _)) => format!("due for {}", short(late)),
            Some((Err(_), due)) => format!("due in {}", short(due.duration_since(now).unwrap_or_default())),
            None => format!("began {}", ago(now, open.start)),
        };
        _ = writeln!(text, "    {when}, {}{}", counted_batches(open.batches), bytes(open.bytes));
    }
    let rest = shard.open.saturating_sub(shard.periods.len() as u64);
    if rest > 0 {
        _ = writeln!(text, "    and {rest} younger");
    }
    _ = writeln!(text, "  claimed    {}", counted_batches(shard.claimed));
    for one in &shard.claims {
        claim(text, options, now, one);
    }
    _ = writeln!(text, "  writers    {}", names(&shard.writers));
    _ = writeln!(text, "  so far     {}", counts(&shard.counts));
}

fn claim(text: &mut String, options: &Options, now: SystemTime, claim: &ClaimStatus) {
    let time = match claim.deadline.duration_since(now) {
        Ok(left) => format!("{} left", short(left)),
        Err(_) if wait::is_given_back(claim) => "given back, for whoever looks next".to_owned(),
        Err(_) if wait::is_abandoned(claim, now, options) => "not finished in time, to be taken over".to_owned(),
        Err(_) => format!("not finished in time, taken over after {}", short(wait::takeover(options))),
    };
    _ = write!(text, "    {} by {}, {time}", if claim.late { "late part" } else { "period" }, claim.owner);
    if let Some(datums) = claim.datums {
        _ = write!(text, ", {} of {} done", claim.done, counted(datums.into(), "datum"));
    }
    let notes = [
        (claim.unanswered > 0, format!("{} without an answer", claim.unanswered)),
        (claim.attempt > 1, format!("attempt {}", claim.attempt)),
        (claim.doubtful, "what is sent of it may be counted twice".to_owned()),
    ];
    for (_, note) in notes.iter().filter(|(so, _)| *so) {
        _ = write!(text, ", {note}");
    }
    _ = writeln!(text, "; {}{}", counted_batches(claim.batches), bytes(claim.bytes));
}

/// What went wrong since the Redis remembers.
fn counts(counts: &Counts) -> String {
    let Counts { lost, expired, damaged, again, replayed, .. } = *counts;
    let (lost, again) = (format!("{lost} series lost"), counted(again, "datum"));
    let damaged = if damaged == 1 { "1 entry damaged".to_owned() } else { format!("{damaged} entries damaged") };
    let (expired, replayed) = (counted(expired, "period"), counted_batches(replayed));
    format!("{lost}, {expired} never reported, {damaged}, {again} perhaps counted twice, {replayed} replayed")
}

fn ago(now: SystemTime, then: SystemTime) -> String {
    format!("{} ago", short(now.duration_since(then).unwrap_or_default()))
}

fn counted(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn counted_batches(number: u64) -> String {
    format!("{number} batch{}", if number == 1 { "" } else { "es" })
}

fn bytes(bytes: Option<u64>) -> String {
    match bytes {
        Some(bytes @ 0..10_000) => format!(", {bytes} B"),
        Some(bytes @ 10_000..10_000_000) => format!(", {} kB", bytes / 1000),
        Some(bytes) => format!(", {} MB", bytes / 1_000_000),
        None => String::new(),
    }
}

fn names(writers: &[String]) -> String {
    let named = writers.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match writers.len() {
        0 => "none in what waits".to_owned(),
        all if all > NAMED => format!("{all}: {named} and {} more", all - NAMED),
        all => format!("{all}: {named}"),
    }
}
