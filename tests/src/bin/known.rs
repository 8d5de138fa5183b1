//! Sends 1 to 1,000 as one histogram to whatever endpoint the environment names, for `tests/ministack.sh` to read back.

use std::time::Duration;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Nobody pays for a mistake here: without an endpoint the SDK would send to AWS.
    if std::env::var_os("AWS_ENDPOINT_URL_CLOUDWATCH").is_none() {
        return Err("set AWS_ENDPOINT_URL_CLOUDWATCH".into());
    }
    let meters = meters::namespace("Known").manual().start()?;
    let known = meters::histogram("Known").register();
    for value in 1..=1000 {
        known.observe(f64::from(value));
    }
    let report = meters.shutdown(Duration::from_secs(10));
    if report.is_complete() { Ok(()) } else { Err(report.to_string().into()) }
}
