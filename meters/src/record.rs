//! Recording without attributes, in the registry of this process.

use meters_core::{
    Counter, FloatCounter, Gauge, Histogram, Level, Meter, Monitor, Putting, Register, RegisterClicks, RegisterLink,
    Registry, Snapshot, Summary,
};

/// A counter in the registry of this process; the macro of the same name gives a handle where it stands.
///
/// ```
/// let orders = meters::counter("Orders").dimension("Kind", "web").register();
/// orders.inc(1);
/// meters::counter!("Orders", Kind = "web").inc(1);
/// assert_eq!(meters::snapshot().counter("Orders"), 2);
/// ```
pub fn counter(name: &str) -> Register<'static, Counter> {
    Registry::global().counter(name)
}

/// A counter of amounts that are no whole numbers, in the registry of this process.
///
/// ```
/// let paid = meters::float_counter("Paid").register();
/// paid.inc(2.5);
/// assert_eq!(meters::snapshot().metric("Paid").amount(), 2.5);
/// ```
pub fn float_counter(name: &str) -> Register<'static, FloatCounter> {
    Registry::global().float_counter(name)
}

/// A gauge in the registry of this process. With [`from_fn`](Register::from_fn) it is read from a function.
///
/// ```
/// meters::gauge("Threads").from_fn(|| std::thread::available_parallelism().map_or(1.0, |n| n.get() as f64));
/// assert!(meters::snapshot().metric("Threads").gauge().unwrap() >= 1.0);
/// ```
pub fn gauge(name: &str) -> Register<'static, Gauge> {
    Registry::global().gauge(name)
}

/// A histogram in the registry of this process.
pub fn histogram(name: &str) -> Register<'static, Histogram> {
    Registry::global().histogram(name)
}

/// A summary in the registry of this process.
pub fn summary(name: &str) -> Register<'static, Summary> {
    Registry::global().summary(name)
}

/// A meter in the registry of this process.
pub fn meter(name: &str) -> Register<'static, Meter> {
    Registry::global().meter(name)
}

/// A monitor in the registry of this process: what [`MonitoredExt`](crate::MonitoredExt) hands to a future or a stream.
///
/// Its unit is one of time, Microseconds unless told.
///
/// ```
/// let fetch = meters::monitor("FetchPage").unit(meters::Unit::Milliseconds).dimension("Route", "home").register();
/// # let _ = fetch;
/// ```
pub fn monitor(name: &str) -> Register<'static, Monitor> {
    Registry::global().monitor(name)
}

/// How many events came in the last so many seconds, in the registry of this process: see [`Registry::clicks`].
pub fn clicks(name: &str) -> RegisterClicks<'static> {
    Registry::global().clicks(name)
}

/// Whether something that is called again and again answers, in the registry of this process: see [`Registry::link`].
pub fn link(name: &str) -> RegisterLink<'static> {
    Registry::global().link(name)
}

/// For how many seconds this process has run, in its registry: see [`Registry::uptime`].
pub fn uptime(name: &str) {
    Registry::global().uptime(name);
}

/// For whom this process records from now on: see [`Registry::set_level`].
///
/// ```
/// use meters::Level;
/// let retries = meters::counter("Retries").level(Level::Debug).register();
/// retries.inc(1); // costs a look at a flag, and is nowhere
/// meters::set_level(Level::Debug);
/// retries.inc(1);
/// assert_eq!(meters::snapshot().counter("Retries"), 1);
/// ```
pub fn set_level(level: Level) {
    Registry::global().set_level(level);
}

/// Takes all series of a metric away from the registry of this process, and says how many there were: see
/// [`Registry::unregister`].
pub fn unregister(name: &str) -> usize {
    Registry::global().unregister(name)
}

/// Puts one value: each distinct value of a window reaches CloudWatch with its count, as `Values` and `Counts`.
///
/// It is recorded at the end of the statement; `unit`, `dimension` and `resolution` may be said before.
///
/// ```
/// use meters::Unit;
/// meters::put("BatchSize", 12.0).unit(Unit::Count).dimension("Queue", "mail");
/// ```
pub fn put(name: &str, value: f64) -> Putting<'static> {
    Registry::global().put(name, value)
}

/// Puts one value of which CloudWatch is told count, sum, minimum and maximum only: the smallest datum there is.
///
/// ```
/// meters::put_statistic("RowsRead", 250.0).dimension("Table", "orders");
/// ```
pub fn put_statistic(name: &str, value: f64) -> Putting<'static> {
    Registry::global().put_statistic(name, value)
}

/// All values of this process at this moment; for tests, and for looking.
pub fn snapshot() -> Snapshot {
    Registry::global().snapshot()
}
