//! Asks CloudWatch for the marks of requests.

use std::time::Duration;

use meters_core::Namespace;
use meters_core::storage::{Marker, Marks};

use super::sdk::types::{Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat, StatusCode};
use super::{Client, Failure, Reached, RetryConfig, answered, chain, config};

/// What is asked for, and by which name it is told.
const ASKED: [(&str, &str); 2] = [("count", "SampleCount"), ("sum", "Sum")];

impl Client {
    /// The marks that are there, by
    /// [GetMetricData](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html). One that
    /// fails may be asked again: a failure is never ambiguous.
    pub(crate) async fn marks(
        &self,
        namespace: &Namespace,
        marker: &Marker,
        within: Duration,
    ) -> Result<Marks, Failure> {
        let dimension = Dimension::builder().name(Marker::DIMENSION).value(&marker.application).build();
        let metric = Metric::builder().namespace(namespace.as_str()).metric_name(Marker::METRIC);
        let metric = metric.dimensions(dimension).build();
        let query = |(id, stat)| {
            let stat = MetricStat::builder().metric(metric.clone()).period(1).stat(stat).build();
            MetricDataQuery::builder().id(id).metric_stat(stat).build()
        };
        let request = self.sdk.get_metric_data().set_metric_data_queries(Some(ASKED.map(query).into()));
        let request = request.start_time(marker.second(0).into()).end_time(marker.second(Marker::SECONDS).into());
        let request = request.customize();
        let request = request.config_override(config::Config::builder().retry_config(RetryConfig::disabled()));
        let failed = |reached, message| Failure { reached, code: None, message, retry_after: None };
        let answer = match tokio::time::timeout(within, request.send()).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => {
                let unreached = || failed(Reached::NoConnection, chain(&error));
                return Err(error.raw_response().map_or_else(unreached, |response| answered(&error, response)));
            }
            Err(_) => return Err(failed(Reached::NoConnection, format!("no answer within {within:?}"))),
        };
        let [counts, sums] = ASKED.map(|(id, _)| {
            let result = answer.metric_data_results().iter().find(|result| result.id() == Some(id));
            result.and_then(|result| seconds(result, marker))
        });
        match counts.zip(sums) {
            Some((counts, sums)) => {
                let mut marks = Marks::default();
                (0..).zip(counts.into_iter().zip(sums)).for_each(|(at, (count, sum))| marks.add(at, count, sum));
                Ok(marks)
            }
            None => Err(failed(Reached::Answer(500), "CloudWatch told only a part of what was asked".to_owned())),
        }
    }
}

/// The value of each second, of which only those are told that have one. None where not all is told.
fn seconds(result: &MetricDataResult, marker: &Marker) -> Option<[f64; Marker::SECONDS as usize]> {
    if result.status_code() != Some(&StatusCode::Complete) {
        return None;
    }
    let mut all = [0.0; Marker::SECONDS as usize];
    for (moment, value) in result.timestamps().iter().zip(result.values()) {
        let at = u64::try_from(moment.secs()).ok()?.checked_sub(marker.first)?;
        *all.get_mut(usize::try_from(at).ok()?)? += value;
    }
    Some(all)
}
