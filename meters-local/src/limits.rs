//! The limits of CloudWatch, each with its source.
//!
//! "Model" is the published service model (botocore 1.44.5, `monitoring-2010-08-01`), "API reference" the page of the
//! operation or structure named, "observed" an answer of the real service quoted in a public issue.

use std::time::Duration;

/// Metric datums in one PutMetricData request (API reference, PutMetricData).
pub const MAX_DATUMS: usize = 1_000;

/// Bytes of one request body, before compression: 1 MB (API reference, PutMetricData).
/// That the inflated size counts is inferred from clients that met the limit while compressing.
pub const MAX_REQUEST_BYTES: usize = 1_000_000;

/// Values in one `Values` array (API reference, MetricDatum).
pub const MAX_VALUES: usize = 150;

/// Dimensions of one metric (model, `Dimensions`).
pub const MAX_DIMENSIONS: usize = 30;

/// Characters of a namespace (model, `Namespace`).
pub const MAX_NAMESPACE: usize = 255;

/// Characters of a metric name (model, `MetricName`).
pub const MAX_METRIC_NAME: usize = 255;

/// Characters of a dimension name (model, `DimensionName`).
pub const MAX_DIMENSION_NAME: usize = 255;

/// Characters of a dimension value (model, `DimensionValue`).
pub const MAX_DIMENSION_VALUE: usize = 1_024;

/// The largest magnitude of a value: 2^360 (API reference, MetricDatum).
pub const MAX_MAGNITUDE: f64 = f64::from_bits((1023 + 360) << 52);

/// The smallest magnitude of a value that is not zero: 2^-360. The reference says only that values "too small" are
/// refused; the bound is the mirror of [`MAX_MAGNITUDE`].
pub const MIN_MAGNITUDE: f64 = f64::from_bits((1023 - 360) << 52);

/// How far back a timestamp may lie: two weeks (API reference, MetricDatum).
pub const MAX_AGE: Duration = Duration::from_secs(14 * 24 * 3_600);

/// How far ahead a timestamp may lie: two hours (API reference, MetricDatum).
pub const MAX_AHEAD: Duration = Duration::from_secs(2 * 3_600);

/// Metrics in one answer of ListMetrics (API reference, ListMetrics).
pub const LIST_PAGE: usize = 500;

/// Dimension filters of ListMetrics (model, `DimensionFilters`).
pub const MAX_DIMENSION_FILTERS: usize = 10;

/// Datapoints in one answer of GetMetricStatistics (API reference; observed).
pub const MAX_STATISTICS_DATAPOINTS: u64 = 1_440;

/// `Statistics` of GetMetricStatistics (model, `Statistics`).
pub const MAX_STATISTICS: usize = 5;

/// `ExtendedStatistics` of GetMetricStatistics (model, `ExtendedStatistics`).
pub const MAX_EXTENDED_STATISTICS: usize = 10;

/// Queries in one GetMetricData request (API reference, GetMetricData).
pub const MAX_QUERIES: usize = 500;

/// Datapoints in one answer of GetMetricData (API reference, GetMetricData).
pub const MAX_DATAPOINTS: usize = 100_800;

/// Characters of the `Id` of a query (model, `MetricId`).
pub const MAX_QUERY_ID: usize = 255;

/// The units (model, `StandardUnit`).
pub const UNITS: [&str; 27] = [
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
    "None",
];
