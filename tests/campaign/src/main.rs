//! Random schedules of load, faults, flushes and restarts against a strict receiver: recorded = sent + pending + refused +
//! dropped, by count and by sum, datum by datum. See `README.md` beside this package.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod account;
mod ledger;
mod load;
mod options;
mod receiver;
mod schedule;
mod table;
mod ticking;
mod verdict;

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::Instant;

use options::Options;
use table::Table;
use verdict::Verdict;

fn main() -> ExitCode {
    let options = match Options::read(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(usage) => {
            eprintln!("{usage}");
            return ExitCode::from(2);
        }
    };
    let (began, next, table) = (Instant::now(), AtomicU64::new(0), Mutex::new(Table::default()));
    thread::scope(|scope| {
        for _ in 0..options.jobs {
            scope.spawn(|| {
                while let Some(seed) = options.seed_of(next.fetch_add(1, SeqCst), began.elapsed()) {
                    let verdict = run(seed, options.verbose());
                    for violation in &verdict.violations {
                        eprintln!("violation of schedule {seed}, after {:.1?}: {violation}", began.elapsed());
                    }
                    table.lock().unwrap().add(seed, verdict);
                }
            });
        }
    });
    let table = table.into_inner().unwrap();
    println!("{table}");
    println!("seed {}, {} at once, {:.1?}", options.seed, options.jobs, began.elapsed());
    table.verdict()
}

/// One schedule in eight leaves the windows to the clock; the others are accounted for datum by datum.
fn run(seed: u64, verbose: bool) -> Verdict {
    let ran = std::panic::catch_unwind(|| match seed % 8 {
        0 => ticking::run(seed, verbose),
        _ => schedule::run(seed, verbose),
    });
    ran.unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().cloned();
        let said = said.or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()));
        Verdict { violations: vec![format!("panic: {}", said.unwrap_or_default())], ..Verdict::default() }
    })
}
