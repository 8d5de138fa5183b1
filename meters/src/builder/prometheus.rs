//! What is said of those who come and look.

use super::Builder;

#[cfg(feature = "prometheus")]
#[derive(Default)]
pub(super) struct Scraped {
    listener: Option<meters_prometheus::Listener>,
    pages: meters_prometheus::Builder,
}

#[cfg(feature = "prometheus")]
impl Scraped {
    /// The pages of what is recorded, and who serves them. Where nothing is exported, nobody does.
    pub(super) fn shown(
        self,
        registry: &meters_core::Registry,
        dimensions: &meters_core::Dimensions,
        off: bool,
    ) -> Result<Option<meters_prometheus::Endpoint>, meters_core::Error> {
        let exposition = std::sync::Arc::new(self.pages.dimensions(dimensions).build()?);
        let listener = self.listener.filter(|_| !off);
        let endpoint = listener.map(|listener| listener.serve(exposition.clone(), registry.clone())).transpose()?;
        crate::prometheus::show(registry, &exposition);
        Ok(endpoint)
    }
}

impl Builder {
    /// Serves what is recorded to Prometheus at this address, until what [`start`](Self::start) returns is dropped:
    /// `http://127.0.0.1:9464/metrics`, in the text format, as OpenMetrics or as protobuf with native histograms, whichever is
    /// asked for, and compressed where that is accepted; `/healthz` says that it serves. A port alone is one of 127.0.0.1, and
    /// port 0 any that is free: [`Meters::prometheus_address`](crate::Meters::prometheus_address) says which. Whoever reaches
    /// the address may read all metrics: leave it on loopback, or behind what keeps strangers out.
    ///
    /// It has a thread of its own. What a page holds is said in [`meters_prometheus`]; it shows what this process
    /// recorded, of shared metrics, too. The name of the namespace is not on it, its [dimensions](Self::dimension) are labels of every series. A
    /// [`Listener`](crate::prometheus::Listener) instead of an address says how long clients may take. A child of `fork` does
    /// not serve. Not opened where [`start`](Self::start) exports nothing; an address that is in use is an error of `start`.
    ///
    /// ```no_run
    /// let meters = meters::namespace("Shop").prometheus_listener("127.0.0.1:9464").without_cloudwatch().start()?;
    /// # Ok::<(), meters::Error>(())
    /// ```
    #[cfg(feature = "prometheus")]
    pub fn prometheus_listener(mut self, listener: impl Into<meters_prometheus::Listener>) -> Self {
        self.scraped.listener = Some(listener.into());
        self
    }

    /// How pages for Prometheus shall be: which names begin with what, which labels all series have.
    ///
    /// ```no_run
    /// use meters::prometheus::Exposition;
    /// let pages = Exposition::builder().prefix("shop").label("zone", "eu-1");
    /// let meters = meters::namespace("Shop").prometheus_listener("127.0.0.1:9464").prometheus_pages(pages).start()?;
    /// # Ok::<(), meters::Error>(())
    /// ```
    #[cfg(feature = "prometheus")]
    pub fn prometheus_pages(mut self, pages: meters_prometheus::Builder) -> Self {
        self.scraped.pages = pages;
        self
    }

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
