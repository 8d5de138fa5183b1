//! `metric = …`: any expression that is a metric.
#![deny(warnings)]
#![allow(unused_crate_dependencies)]

use std::rc::Rc;
use std::sync::{Arc, LazyLock};

use meters::{Counter, FloatCounter, Histogram, Level, Monitor, Unit, metered, monitored, timed};

meters::defaults! { rename_all = "PascalCase" }

static COUNTER: LazyLock<Counter> = LazyLock::new(|| meters::counter("Counter").register());
static MONITOR: LazyLock<Monitor> = LazyLock::new(|| meters::monitor("Monitor").register());

mod metrics {
    pub(crate) static BUSY: std::sync::LazyLock<meters::Histogram> =
        std::sync::LazyLock::new(|| meters::histogram("Busy").unit(meters::Unit::Seconds).register());

    pub(crate) fn amount() -> meters::FloatCounter {
        meters::float_counter("Amount").register()
    }
}

#[metered(metric = metrics::amount())]
#[metered(metric = &*COUNTER)]
#[metered(metric = meters::counter!("Macro", description = "Made where it stands", level = Runtime))]
#[monitored(metric = metrics::BUSY)]
fn all() {}

/// Of an argument.
#[metered(metric = counter)]
fn argument(counter: &Counter, _moved: String) {
    drop(_moved);
}

#[metered(metric = if paid { Rc::new(*COUNTER) } else { Rc::new(meters::counter("Free").register()) })]
fn chosen(paid: bool) {
    assert!(paid || !paid);
}

struct Generic<T> {
    amount: Box<FloatCounter>,
    busy: Arc<Histogram>,
    all: [Counter; 2],
    value: T,
}

impl<T: Clone> Generic<T> {
    #[metered(metric = self.amount)]
    #[metered(metric = self.all[1])]
    #[monitored(metric = self.busy)]
    fn value(&self) -> Result<T, ()> {
        Ok(self.value.clone())
    }

    #[monitored(metric = self.busy)]
    async fn owned(self) -> T {
        timed!(metric = metrics::BUSY, { self.value })
    }
}

trait Trait {
    fn given(&self) -> impl Future<Output = u8> + Send;
}

impl<T: Clone + Sync> Trait for Generic<T> {
    #[monitored(metric = self.busy)]
    fn given(&self) -> impl Future<Output = u8> + Send {
        async move { 1 }
    }
}

#[monitored(metric = MONITOR, dimensions(cache_state = _ "cold"), on_ok(|size| is_large = *size > 1))]
fn spelt(size: u32) -> u32 {
    if size > 2 {
        meters::set!(cache_state = "warm");
    }
    size
}

/// It takes any metric that is timed.
fn any<M: meters::Timed, C: meters::Counted>(timed: &M, counted: &C) {
    fn is_send<T: Send>(_: &T) {}
    #[metered(metric = *COUNTER)]
    #[monitored(metric = MONITOR)]
    async fn inner() {}
    is_send(&inner());
    let _ = (timed, counted);
}

#[monitored(metric = MONITOR, doc = false)]
async fn never() -> ! {
    std::future::pending().await
}

fn main() {
    all();
    argument(&COUNTER, String::new());
    chosen(true);
    chosen(false);
    let of = |name: &str| meters::counter(name).register();
    let generic = Generic {
        amount: Box::new(metrics::amount()),
        busy: Arc::new(*metrics::BUSY),
        all: [of("First"), of("Second")],
        value: 5,
    };
    assert_eq!(generic.value(), Ok(5));
    assert_eq!(poll(generic.given()), Some(1));
    assert_eq!(poll(generic.owned()), Some(5));
    assert_eq!((spelt(1), spelt(3)), (1, 3));
    any(&*MONITOR, &*COUNTER);
    assert!(poll(never()).is_none());

    let all = meters::snapshot();
    assert_eq!(all.counter("Counter"), 3);
    assert_eq!((all.counter("Free"), all.counter("First"), all.counter("Second")), (1, 0, 1));
    assert_eq!(all.metric("Amount").amount(), 2.0);
    assert_eq!(all.counter("Macro"), 1);
    assert_eq!(all.metric("Macro").series().next().unwrap().0.level(), Level::Runtime);
    let busy = all.metric("Busy");
    assert_eq!((busy.count(), busy.series().next().unwrap().0.unit()), (5, Unit::Seconds));
    assert_eq!(all.metric("Monitor").with("CacheState", "cold").with("IsLarge", "false").calls().ok(), 1);
    assert_eq!(all.metric("Monitor").with("CacheState", "warm").with("IsLarge", "true").calls().ok(), 1);
    assert_eq!(all.metric("Monitor").calls().cancelled, 1);
    assert_eq!(all.metric("Duration").count() + all.metric("Calls").count(), 0);
}

fn poll<F: Future>(future: F) -> Option<F::Output> {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}
