//! PutMetricData: all or nothing.

use crate::datum::Datum;
use crate::error::AwsError;
use crate::limits;
use crate::protocol::input::{Input, Path};
use crate::protocol::{Protocol, Value};
use crate::server::Shared;
use crate::validate;
use std::time::SystemTime;

/// Most complaints in one message. The real service lists several too.
const MAX_COMPLAINTS: usize = 10;

pub(super) fn run(input: &Input<'_>, shared: &Shared, now: SystemTime) -> Result<(), AwsError> {
    let datums = read(input, now)?;
    if let Some(index) = shared.faults.first_poison(&datums) {
        let path = input.path("MetricData");
        let path = Path::Element(&path, index + 1);
        return Err(AwsError::value(format_args!("The value for parameter {path} is invalid: scripted poison.")));
    }
    shared.lock().store.put(datums);
    Ok(())
}

/// The datums of a request, whether it is to be refused for other reasons or not; none where they cannot be read.
pub(crate) fn contents(request: &Value, protocol: Protocol, now: SystemTime) -> Vec<Datum> {
    Input::root(request, protocol).and_then(|input| read(&input, now)).unwrap_or_default()
}

fn read(input: &Input<'_>, now: SystemTime) -> Result<Vec<Datum>, AwsError> {
    let namespace = validate::namespace(input)?;
    if namespace.starts_with("AWS/") {
        return Err(AwsError::value(format_args!("The value {namespace} for parameter Namespace is invalid.")));
    }
    if input.list("EntityMetricData")?.is_some_and(|entities| !entities.is_empty()) {
        let message = "The parameter EntityMetricData is not provided by meters-local; send MetricData.";
        return Err(AwsError::value(message));
    }
    let items = input.list("MetricData")?.unwrap_or_default();
    let path = input.path("MetricData");
    if items.is_empty() {
        return Err(AwsError::missing(path));
    }
    validate::size(items.len(), limits::MAX_DATUMS, path)?;
    let mut first: Option<AwsError> = None;
    let mut complaints = 0;
    let mut datums = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        match read_one(input, item, Path::Element(&path, index + 1), namespace, now) {
            Ok(datum) => datums.push(datum),
            Err(error) => {
                complaints += 1;
                add_complaint(&mut first, error);
            }
        }
        if complaints == MAX_COMPLAINTS {
            break;
        }
    }
    first.map_or(Ok(datums), Err)
}

fn read_one(
    input: &Input<'_>,
    item: &Value,
    path: Path<'_>,
    namespace: &str,
    now: SystemTime,
) -> Result<Datum, AwsError> {
    validate::datum(&input.below(item, &path)?, namespace, now)
}

/// Joins the complaints of the kind of the first; an answer has one code only.
fn add_complaint(first: &mut Option<AwsError>, error: AwsError) {
    match first {
        None => *first = Some(error),
        Some(first) if first.kind == error.kind => {
            first.message.push('\n');
            first.message.push_str(&error.message);
        }
        Some(_) => {}
    }
}
