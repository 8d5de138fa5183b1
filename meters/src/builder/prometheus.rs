//! What is said of those who come and look.

use super::Builder;

impl Builder {
    /// Leaves CloudWatch out: no region and no credentials are looked for, and no request is made of AWS. For processes that
    /// are scraped by Prometheus, or only push to a [storage](Self::storage). Changes nothing where the feature `cloudwatch`
    /// is off.
    ///
    #[cfg_attr(feature = "redis", doc = "```no_run")]
    #[cfg_attr(not(feature = "redis"), doc = "```ignore")]
    /// let meters = meters::namespace("Shop").redis("redis://127.0.0.1:6379").without_cloudwatch().start()?;
    /// # Ok::<(), meters::Error>(())
    /// ```
    pub fn without_cloudwatch(mut self) -> Self {
        self.reports = false;
        self
    }
}
