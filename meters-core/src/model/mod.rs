//! Plain data: what CloudWatch calls things, and what was recorded. Knows nothing of how it is recorded.

pub(crate) mod class;
mod dimension;
mod dimension_value;
mod dimensions;
mod distinct;
pub(crate) mod distribution;
mod ended;
pub mod lattice;
pub(crate) mod magnitude;
mod name;
mod namespace;
mod pairs;
pub(crate) mod policy;
mod rollup;
pub(crate) mod series;
mod snapshot;
mod statistic_set;
pub(crate) mod sum;
mod text;
mod unit;
mod value;

pub use dimension::Dimension;
pub use dimension_value::DimensionValue;
pub use dimensions::Dimensions;
pub use distinct::Distinct;
pub use distribution::{Bucket, Distribution};
pub use ended::Ended;
pub use magnitude::{VALUE_LIMIT, is_sendable};
pub use name::MetricName;
pub use namespace::Namespace;
pub use series::{Kind, Series};
pub use snapshot::{Query, Snapshot, Window};
pub use statistic_set::StatisticSet;
pub use unit::{Resolution, Unit};
pub use value::{Calls, Value};
