//! The dimensions that stand on every metric.

use meters_core::{Dimension, Dimensions, Error, Series};

/// Dimensions that are added to those of each metric, and win over them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing(Vec<(String, String)>);

impl Standing {
    /// `dimensions`, and one called `pid` that holds the number of this process, read now: a fork changes it.
    pub(crate) fn new(dimensions: &Dimensions, pid: Option<&str>) -> Self {
        let mut all: Vec<_> = dimensions.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        if let Some(name) = pid.filter(|name| Dimension::is_valid_name(name)) {
            all.retain(|(known, _)| known != name);
            all.push((name.to_owned(), std::process::id().to_string()));
        }
        Self(all)
    }

    /// The dimensions of a datum whose own are `own`.
    ///
    /// # Errors
    /// Where there are more than 30, the limit of
    /// [MetricDatum](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html).
    pub(crate) fn with<'a>(&'a self, own: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Dimensions, Error> {
        let standing = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let own = own.filter(|(name, _)| !self.0.iter().any(|(standing, _)| standing == name));
        Dimensions::try_from_iter(standing.chain(own))
    }

    pub(crate) fn of(&self, series: &Series) -> Result<Dimensions, Error> {
        self.with(series.dimensions())
    }
}
