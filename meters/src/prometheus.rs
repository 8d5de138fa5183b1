//! Pages for Prometheus, for a server of your own.
//!
//! [`Builder::prometheus_listener`](crate::Builder::prometheus_listener) serves them by itself. What a page holds, under which
//! names and in which units, is said in [`meters_prometheus`].
//!
//! ```
//! let orders = meters::counter("orders").description("Orders that were paid.").register();
//! orders.inc(3);
//! let page = meters::prometheus::render();
//! assert_eq!(page, "# HELP orders_total Orders that were paid.\n# TYPE orders_total counter\norders_total 3\n");
//! ```

use std::sync::Arc;

use meters_core::Registry;
use meters_core::fork::Lock;
pub use meters_prometheus::{Builder, Endpoint, Exposition, Format, Listener, Page, Source, listener};

/// Of what was started last: what it records into, and the pages of that.
static CURRENT: Lock<Option<(Registry, Arc<Exposition>)>> = Lock::new(None);

/// From here on these are the pages of the process.
pub(crate) fn show(registry: &Registry, exposition: &Arc<Exposition>) {
    let before = CURRENT.lock().replace((registry.clone(), exposition.clone()));
    drop(before);
}

/// Of what was started last; before anything was, of what attributes and macros record into.
fn current() -> (Registry, Arc<Exposition>) {
    CURRENT.lock().get_or_insert_with(|| (Registry::global().clone(), Arc::default())).clone()
}

/// The page of this moment in [the text format](Format::TEXT), to be answered by a server of your own as
/// [its content type](Format::content_type).
pub fn render() -> String {
    let (registry, exposition) = current();
    exposition.text(&registry.snapshot())
}

/// The page of this moment, to be written bit by bit, in the format that the header `Accept` of a request asks for; `""` where
/// it has none. A server of your own answers with the content type of [`Page::format`].
///
/// ```
/// let mut page = meters::prometheus::page("application/openmetrics-text;version=1.0.0");
/// let content_type = page.format().content_type();
/// let mut body = Vec::new();
/// while page.fill(&mut body) {}
/// assert_eq!(content_type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
/// assert!(body.ends_with(b"# EOF\n"));
/// ```
pub fn page(accept: &str) -> Page<meters_core::Snapshot> {
    let (registry, exposition) = current();
    exposition.page(registry.snapshot(), Format::accepted(accept))
}
