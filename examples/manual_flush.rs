//! A command that runs and ends: no standing thread, one flush before it goes.
#![allow(clippy::print_stdout)]

use std::time::Duration;

#[meters::monitored]
fn import(lines: &[&str]) -> Result<usize, std::num::ParseIntError> {
    lines.iter().map(|line| line.parse::<usize>()).sum()
}

fn main() -> Result<(), meters::Error> {
    let local = meters_local::start();
    let meters = meters::namespace("Nightly")
        .manual()
        .region("us-east-1")
        .endpoint_url(local.endpoint_url())
        .credentials("local", "local")
        .start()?;

    for lines in [["1", "2", "39"], ["1", "two", "3"]] {
        match import(&lines) {
            Ok(sum) => println!("imported {lines:?}: {sum}"),
            Err(error) => println!("refused {lines:?}: {error}"),
        }
    }
    print!("{}", meters::snapshot());

    let report = meters.flush(Duration::from_secs(5));
    println!("{report}");
    // A batch job may want to fail where its figures did not arrive.
    assert!(report.is_complete());

    let errors = local.metric("Errors");
    println!("CloudWatch holds {} calls, {} of them errors.", errors.sample_count(), errors.sum().unwrap_or_default());
    Ok(())
}
