//! Where pages come from.

use meters_core::{Error, Registry, Snapshot};

/// What a page is made of, asked for each time that somebody scrapes.
///
/// A [`Registry`] is one, and so is any function that gives a [`Snapshot`]. It may take its time: it runs apart from the
/// thread that serves, and what it panics with is told to the scraper as a server's error.
///
/// ```
/// use meters_core::Registry;
/// use meters_prometheus::Source;
/// fn source() -> impl Source {
///     || Registry::global().snapshot()
/// }
/// ```
pub trait Source: Send + Sync + 'static {
    /// All series at this moment.
    ///
    /// # Errors
    /// Where they are not to be had: the scraper is told so, with the status 503.
    fn snapshot(&self) -> Result<Snapshot, Error>;

    /// A page under another path, in [the text format](crate::Format::TEXT), of one who has such pages; none where there is no
    /// such path.
    ///
    /// # Errors
    /// As of [`snapshot`](Self::snapshot).
    fn other(&self, _path: &str) -> Option<Result<String, Error>> {
        None
    }
}

impl<F: Fn() -> Snapshot + Send + Sync + 'static> Source for F {
    fn snapshot(&self) -> Result<Snapshot, Error> {
        Ok(self())
    }
}

impl Source for Registry {
    fn snapshot(&self) -> Result<Snapshot, Error> {
        Ok(Registry::snapshot(self))
    }
}
