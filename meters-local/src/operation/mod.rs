//! The operations.

mod get_metric_data;
mod get_metric_statistics;
mod list_metrics;
pub(crate) mod put_metric_data;
mod window;

use crate::error::{self, AwsError};
use crate::protocol::input::Input;
use crate::protocol::{Protocol, Value};
use crate::server::Shared;
use std::time::SystemTime;

/// The result of an operation, and whether it stored datums.
pub(crate) struct Done {
    pub(crate) output: Value,
    pub(crate) stored: bool,
}

/// Runs the operation `name` at the time `now`.
pub(crate) fn run(
    name: &str,
    protocol: Protocol,
    request: &Value,
    shared: &Shared,
    now: SystemTime,
) -> Result<Done, AwsError> {
    let input = Input::root(request, protocol)?;
    let output = match name {
        "PutMetricData" => {
            put_metric_data::run(&input, shared, now)?;
            return Ok(Done { output: Value::Map(Vec::new()), stored: true });
        }
        "ListMetrics" => list_metrics::run(&input, &shared.lock().store, now)?,
        "GetMetricStatistics" => get_metric_statistics::run(&input, &shared.lock().store, now)?,
        "GetMetricData" => get_metric_data::run(&input, &shared.lock().store, now)?,
        _ => {
            let message = format!("meters-local does not provide the operation {name}.");
            return Err(AwsError::new(&error::UNKNOWN_OPERATION, message));
        }
    };
    Ok(Done { output, stored: false })
}
