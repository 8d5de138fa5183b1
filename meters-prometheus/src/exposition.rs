//! What remembers, from page to page, which names were given and which bounds were shown.

use std::borrow::Borrow;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};

use meters_core::fork::{self, Lock};
use meters_core::{Dimensions, Error, Snapshot};

use crate::config::Config;
use crate::format::Format;
use crate::name::Book;
use crate::order::{Group, Order, families};
use crate::page::Page;
use crate::view::{Beginning, Kept};

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
    state: Lock<State>,
}

#[derive(Debug, Default)]
struct State {
    book: Book,
    kept: Kept,
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

    /// Labels of every series, as [`label`](Self::label) makes them, for dimensions that stand on every metric; but where there
    /// is a label of that name.
    pub fn dimensions(mut self, dimensions: &Dimensions) -> Self {
        self.0.dimensions(dimensions);
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

    /// How far back the quantiles of summaries look: ten minutes unless told, and up to a tenth and the time between two pages
    /// further. They are NaN where nothing was recorded in that time. Before as much time has passed, they look at everything
    /// that was ever recorded.
    pub fn quantile_window(mut self, window: Duration) -> Self {
        self.0.quantile_window = window;
        self
    }

    /// The exposition.
    ///
    /// # Errors
    /// [`Error::is_invalid_input`] for a prefix that no name may begin with; for a label that has no name or a reserved one, has no value
    /// or is given twice.
    pub fn build(self) -> Result<Exposition, Error> {
        Ok(Exposition { config: Arc::new(self.0.checked()?), state: Lock::default() })
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
        self.page_at(Instant::now(), snapshot, format)
    }

    fn page_at<S: Borrow<Snapshot>>(&self, now: Instant, snapshot: S, format: Format) -> Page<S> {
        let (config, whole) = (Arc::clone(&self.config), snapshot.borrow());
        let items = whole.items();
        let mut order = Arc::clone(&self.state.lock().order);
        if !order.is_of(items) {
            // Sorting takes its time, and a fork waits for who has the lock.
            let name = |groups: &[Group]| families(groups, &mut self.state.lock().book, &config);
            order = Arc::new(Order::new(items, &config, name));
            let mut state = self.state.lock();
            state.kept.prune(&order, items);
            state.order = Arc::clone(&order);
        }
        let mut state = self.state.lock();
        let (began, is_late) = state.beginning.of(whole.taken(), whole.age(), fork::generation());
        let views = state.kept.views((now, is_late), &order, items, &config);
        let began = began.filter(|_| config.created);
        drop(state);
        let created = began.and_then(|began| began.duration_since(UNIX_EPOCH).ok());
        Page {
            order,
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

#[cfg(test)]
mod tests {
    use super::*;
    use meters_core::{Registry, Unit};

    fn lines(exposition: &Exposition, now: Instant, registry: &Registry) -> Vec<String> {
        let mut page = Vec::new();
        exposition.page_at(now, registry.snapshot(), Format::TEXT).write_to(&mut page).unwrap();
        String::from_utf8(page).unwrap().lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
    }

    #[test]
    fn quantiles_are_of_the_last_minutes_and_totals_of_all_time() {
        let registry = Registry::new();
        let wait = registry.summary("wait_window").unit(Unit::Milliseconds).quantiles([0.5, 1.0]);
        let wait = wait.dimension("route", "a").register();
        let exposition = Exposition::builder().quantile_window(Duration::from_secs(60)).build().unwrap();
        let began = Instant::now();
        let labelled = |end: &str, quantile: &str, value: &str| {
            format!("wait_window_seconds{end}{{route=\"a\"{quantile}}} {value}")
        };
        let page = |half: &str, whole: &str, sum: &str, count: &str| {
            [
                labelled("", ",quantile=\"0.5\"", half),
                labelled("", ",quantile=\"1.0\"", whole),
                labelled("_sum", "", sum),
                labelled("_count", "", count),
            ]
        };
        assert_eq!(lines(&exposition, began, &registry), page("NaN", "NaN", "0", "0"));
        wait.observe(8_000.0);
        assert_eq!(lines(&exposition, began, &registry), page("8", "8", "8", "1"));
        (1..60).for_each(|passed| _ = lines(&exposition, began + Duration::from_secs(passed), &registry));
        wait.observe(2_000.0);
        assert_eq!(lines(&exposition, began + Duration::from_secs(70), &registry), page("2", "2", "10", "2"));
        assert_eq!(lines(&exposition, began + Duration::from_secs(140), &registry), page("NaN", "NaN", "10", "2"));
    }

    /// As two scrapers do: the page of the earlier snapshot is made last.
    #[test]
    fn a_page_that_comes_late_makes_nothing_begin_anew() {
        let registry = Registry::new();
        let wait = registry.summary("wait_late").quantiles([1.0]).register();
        let exposition = Exposition::builder().quantile_window(Duration::from_secs(60)).build().unwrap();
        let began = Instant::now();
        let page = |passed: u64, snapshot: &Snapshot| {
            let mut page = Vec::new();
            let at = began + Duration::from_secs(passed);
            exposition.page_at(at, snapshot, Format::OPEN_METRICS).write_to(&mut page).unwrap();
            let page = String::from_utf8(page).unwrap();
            let of = |end: &str| page.lines().find_map(|line| line.strip_prefix(end).map(str::to_owned)).unwrap();
            // A value is known to its bucket.
            (of("wait_late{quantile=\"1.0\"} ").starts_with('3'), of("wait_late_created "))
        };
        wait.observe(9.0);
        let created = page(0, &registry.snapshot()).1;
        (1..70).for_each(|passed| _ = page(passed, &registry.snapshot()));
        wait.observe(2.0);
        let earlier = registry.snapshot();
        wait.observe(3.0);
        let later = registry.snapshot();
        let shown = [page(70, &later), page(70, &earlier), page(71, &registry.snapshot())];
        assert_eq!(shown, [(); 3].map(|()| (true, created.clone())));
    }

    #[test]
    fn what_began_once_is_told_the_same_on_every_page() {
        let (taken, age) = (UNIX_EPOCH + Duration::from_secs(1_000), Duration::from_secs(10));
        let mut beginning = Beginning::default();
        let began = |seconds| Some(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(beginning.of(taken, age, 0), (began(990), false));
        // The clock was set, and time went on.
        assert_eq!(beginning.of(taken + Duration::from_secs(3_600), age * 2, 0), (began(990), false));
        // One that was taken before, and shown after.
        assert_eq!(
            beginning.of(taken + Duration::from_secs(3_600), age * 2 - Duration::from_nanos(1), 0),
            (began(990), true)
        );
        // A child of `fork`, which began anew; and another registry.
        let later = taken + Duration::from_secs(60);
        assert_eq!(beginning.of(later, Duration::from_secs(19), 1), (began(1_041), false));
        assert_eq!(beginning.of(later, Duration::from_secs(1), 1), (began(1_059), false));
    }
}
