//! A process with a spool, for others to kill: records values under names of its own, and shuts down.

use std::io::{Write as _, stdout};
use std::time::Duration;

use meters::Ambiguous;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

fn say(line: &str) {
    let mut out = stdout().lock();
    // Whoever started this may have gone.
    _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Says at once what else a process would tell at its end, which it may not live to see.
struct Doubts;

impl Visit for Doubts {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "count" {
            say(&format!("doubted {value}"));
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

impl Subscriber for Doubts {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn event(&self, event: &Event<'_>) {
        // Those that say whether it is dropped.
        if event.metadata().fields().field("drop").is_some() {
            event.record(&mut Doubts);
        }
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let said = |name: &str| std::env::var(format!("SPOOLER_{name}"));
    let (name, count): (String, u64) = (said("NAME")?, said("COUNT")?.parse()?);
    let timeout = Duration::from_millis(said("TIMEOUT")?.parse()?);
    tracing::subscriber::set_global_default(Doubts)?;
    let meters = meters::namespace("Product")
        .region("us-east-1")
        .endpoint_url(said("ENDPOINT")?)
        .credentials("test", "test")
        .manual()
        .max_datums_per_request(said("PORTION")?.parse()?)
        .spool(said("PATH")?)
        .on_ambiguous(if said("AMBIGUOUS")? == "drop" { Ambiguous::Drop } else { Ambiguous::Resend })
        .on_error(|error| say(&format!("error {error}")))
        .start()?;
    say("started");
    for number in 0..count {
        meters::put(&format!("{name}-{number}"), 1.0);
    }
    say("recorded");
    let report = meters.shutdown(timeout);
    let meters::FlushReport { sent, pending, refused, dropped, spooled, ambiguous, .. } = report;
    say(&format!("report {sent} {pending} {refused} {dropped} {spooled} {ambiguous}"));
    Ok(())
}
