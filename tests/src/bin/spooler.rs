//! A process with a spool, for others to kill: records values under names of its own, and shuts down.

use std::io::{Write as _, stdout};
use std::time::Duration;

use meters::Ambiguous;

fn say(line: &str) {
    let mut out = stdout().lock();
    // Whoever started this may have gone.
    _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let said = |name: &str| std::env::var(format!("SPOOLER_{name}"));
    let (name, count): (String, u64) = (said("NAME")?, said("COUNT")?.parse()?);
    let timeout = Duration::from_millis(said("TIMEOUT")?.parse()?);
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
