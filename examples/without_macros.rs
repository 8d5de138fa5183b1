//! Everything without macros: handles made from names, kept where they are used.
#![allow(clippy::print_stdout)]

use std::time::Duration;

use meters::{Counter, Gauge, Histogram, Unit};

/// A worker keeps its handles: making one looks a series up, using one does not.
struct Worker {
    jobs: Counter,
    waiting: Gauge,
    took: Histogram,
}

impl Worker {
    fn new(queue: &str) -> Self {
        Self {
            jobs: meters::counter("Jobs").dimension("Queue", queue).register(),
            waiting: meters::gauge("Waiting").dimension("Queue", queue).register(),
            took: meters::histogram("JobDuration").unit(Unit::Milliseconds).dimension("Queue", queue).register(),
        }
    }

    fn run(&self, job: u64) {
        let _timer = self.took.start();
        std::thread::sleep(Duration::from_millis(job % 5));
        self.jobs.inc(1);
        self.waiting.dec(1.0);
    }
}

fn main() -> Result<(), meters::Error> {
    let local = meters_local::start();
    let meters = meters::namespace("Workers")
        .region("us-east-1")
        .endpoint_url(local.endpoint_url())
        .credentials("local", "local")
        .start()?;

    let mail = Worker::new("mail");
    mail.waiting.set(20.0);
    for job in 0..20 {
        mail.run(job);
    }
    // Now and then, without a handle:
    meters::put("BatchSize", 20.0).unit(Unit::Count).dimension("Queue", "mail");
    meters::put_statistic("RowsRead", 1250.0);
    // At once, with an answer:
    meters::put_now("DeployFinished", 1.0).unit(Unit::Count).dimension("Version", "1.2.3").send()?;

    println!("{}", meters.shutdown(Duration::from_secs(5)));
    let took = local.metric("JobDuration").with("Queue", "mail");
    let (jobs, p90) = (local.metric("Jobs").sum().unwrap_or_default(), took.percentile(90.0).unwrap_or_default());
    println!("jobs: {jobs}, p90: {p90:.1} ms");
    Ok(())
}
