//! What remembers, from page to page, which names were given and which bounds were shown.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use meters_core::{Error, Snapshot};

use crate::config::Config;
use crate::format::Format;
use crate::name::{Book, Who};
use crate::order::Order;
use crate::page::Page;
use crate::view::{Beginning, Bounds, views};

/// Makes pages of snapshots. Keep one as long as its pages are scraped: it remembers the names that it gave, the bounds that it
/// showed and when counters began, so that what was once on a page stays as it was.
///
/// ```
/// use meters_core::{Registry, Unit};
/// use meters_prometheus::Exposition;
/// let registry = Registry::new();
/// registry.counter("orders").dimension("kind", "web").description("Orders that were paid.").register().inc(3);
/// registry.gauge("heap").unit(Unit::Kilobytes).register().set(1.5);
/// let exposition = Exposition::builder().prefix("shop").label("env", "prod").build()?;
/// assert_eq!(exposition.text(&registry.snapshot()), r#"# TYPE shop_heap_bytes gauge
/// shop_heap_bytes{env="prod"} 1500
/// ## HELP shop_orders_total Orders that were paid.
/// ## TYPE shop_orders_total counter
/// shop_orders_total{env="prod",kind="web"} 3
/// "#);
/// # Ok::<(), meters_core::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Exposition {
    config: Arc<Config>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    book: Book,
    bounds: HashMap<Who, Vec<Bounds>>,
    beginning: Beginning,
    order: Arc<Order>,
}

/// How pages shall be; made by [`Exposition::builder`]. Nothing fails before [`build`](Self::build).
#[derive(Clone, Debug, Default)]
#[must_use = "nothing is made until `build()`"]
pub struct Builder(Config);

impl Builder {
    /// What the name of every metric begins with: `shop` makes `orders` `shop_orders`.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.0.prefix = prefix.into();
        self
    }

    /// A label of every series. A dimension of that name becomes `exported_` and its name.
    pub fn label(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.labels.standing.push((name.into(), value.into()));
        self
    }

    /// The most classic buckets of a histogram, 64 unless told; 0 for none but the one of all.
    pub fn classic_buckets(mut self, most: usize) -> Self {
        self.0.classic_buckets = most;
        self
    }

    /// The most buckets of a native histogram, 160 unless told: neighbours are merged until they fit. 0 for no native
    /// histograms.
    pub fn native_buckets(mut self, most: usize) -> Self {
        self.0.native_buckets = most;
        self
    }

    /// Whether it is told when counters and distributions began, as it is unless told otherwise. In OpenMetrics that is one more
    /// sample, `_created`, of each.
    pub fn created(mut self, told: bool) -> Self {
        self.0.created = told;
        self
    }

    /// The exposition.
    ///
    /// # Errors
    /// [`Error::is_invalid_input`] for a prefix that no name may begin with; for a label that may not be called so, has no value
    /// or is given twice.
    pub fn build(self) -> Result<Exposition, Error> {
        Ok(Exposition { config: Arc::new(self.0.checked()?), state: Mutex::default() })
    }
}

impl Exposition {
    /// One without prefix and labels.
    pub fn new() -> Self {
        Self::default()
    }

    /// How to make one with more.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The page of a snapshot, or of a reference to one.
    pub fn page<S: Borrow<Snapshot>>(&self, snapshot: S, format: Format) -> Page<S> {
        let config = Arc::clone(&self.config);
        let items = snapshot.borrow().items();
        // What a panic left behind is at worst a name that nobody has.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State { book, bounds, beginning, order } = &mut *state;
        if !order.is_of(items) {
            *order = Arc::new(Order::new(items, &config, book));
        }
        let views = views(bounds, order, items, &config);
        let began = beginning.of(snapshot.borrow().taken(), snapshot.borrow().age()).filter(|_| config.created);
        let created = began.and_then(|began| began.duration_since(UNIX_EPOCH).ok());
        Page {
            order: Arc::clone(order),
            views,
            config,
            format,
            created: created.map(|since| (since.as_secs(), since.subsec_nanos())),
            snapshot,
            family: 0,
            place: 0,
            ended: false,
        }
    }

    /// Writes the page of a snapshot, in parts of some 32 KiB.
    ///
    /// # Errors
    /// Those of `to`.
    pub fn write(&self, snapshot: &Snapshot, format: Format, to: &mut (impl io::Write + ?Sized)) -> io::Result<()> {
        self.page(snapshot, format).write_to(to)
    }

    /// The page in [the text format](Format::TEXT).
    pub fn text(&self, snapshot: &Snapshot) -> String {
        let mut page = self.page(snapshot, Format::TEXT);
        let mut text = Vec::new();
        while page.fill(&mut text) {}
        String::from_utf8(text).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }
}
