//! Metrics of one's own: `metric = …`.

use std::sync::{Arc, LazyLock};

use futures_core::Stream;
use meters::{
    Counter, Family, Gauge, Histogram, Meter, Monitor, MonitoredExt as _, Summary, Unit, metered, monitored, set, timed,
};

use super::stage::{Shape, abandon, caught, panic, rest, run, send, shape, spend};
use super::streams::{Rows, read};

type E = std::num::ParseIntError;

static REQUESTS: LazyLock<Counter> = LazyLock::new(|| meters::counter("OwnRequests").register());
static LATENCY: LazyLock<Histogram> =
    LazyLock::new(|| meters::histogram("OwnLatency").unit(Unit::Milliseconds).register());
static SECONDS: LazyLock<Histogram> = LazyLock::new(|| meters::histogram("OwnSeconds").unit(Unit::Seconds).register());
static CALLS: LazyLock<Monitor> = LazyLock::new(|| meters::monitor("OwnCalls").dimension("Channel", "web").register());

#[metered(metric = REQUESTS)]
fn counted(fails: bool) -> Result<(), ()> {
    if fails { Err(()) } else { Ok(()) }
}

#[metered(metric = REQUESTS)]
fn counted_and_panics() {
    panic();
}

#[metered(metric = REQUESTS, when = paid)]
async fn counted_async(paid: bool) {
    rest().await;
}

struct Shop {
    logins: Meter,
    open: Arc<Gauge>,
    latency: Histogram,
    calls: Monitor,
}

fn shop() -> Shop {
    Shop {
        logins: meters::meter("OwnLogins").register(),
        open: Arc::new(meters::gauge("OwnOpen").register()),
        latency: *LATENCY,
        calls: *CALLS,
    }
}

impl Shop {
    #[metered(metric = self.logins)]
    #[metered(metric = self.open)]
    fn login(&self) {}

    #[monitored(metric = self.latency)]
    async fn wait(&mut self) -> Result<u32, E> {
        rest().await;
        "1".parse()
    }

    #[monitored(metric = self.calls, errors(none))]
    fn find(&self, key: u32) -> Option<u32> {
        spend();
        (key > 0).then_some(key)
    }
}

#[monitored(errors(none), dimensions(Table = self.table), record(in_flight))]
impl Store {
    #[monitored(metric = self.calls)]
    fn get(&self, key: u32) -> Option<u32> {
        spend();
        (key > 0).then_some(key)
    }
}

struct Store {
    #[allow(dead_code)] // only of other methods
    table: &'static str,
    calls: Monitor,
}

#[monitored(metric = LATENCY)]
fn parsed(text: &str) -> Result<u32, E> {
    spend();
    Ok(text.parse::<u32>()? + 1)
}

#[monitored(metric = LATENCY)]
fn panics() -> u32 {
    spend();
    panic()
}

#[monitored(metric = SECONDS)]
async fn waits() {
    rest().await;
    rest().await;
}

#[monitored(metric = LATENCY)]
fn recursive(depth: u32) -> u32 {
    spend();
    if depth == 0 { 0 } else { 1 + recursive(depth - 1) }
}

#[monitored(metric = LATENCY)]
fn passed_on() -> impl Future<Output = ()> + Send {
    rest_of()
}

async fn rest_of() {
    rest().await;
}

#[monitored(metric = LATENCY)]
fn rows() -> impl Stream<Item = Result<u32, &'static str>> {
    Rows { left: 2, fails: true }
}

#[monitored(metric = CALLS)]
fn rows_of_calls() -> impl Stream<Item = Result<u32, &'static str>> {
    Rows { left: 2, fails: false }
}

#[monitored(metric = summary)]
fn waited(summary: Summary) {
    let _ = summary;
}

#[monitored(metric = LATENCY, when = long)]
fn sometimes(long: bool) {
    if long {
        spend();
    }
}

#[monitored(metric = CALLS, when = long)]
async fn sometimes_async(long: bool) {
    if long {
        rest().await;
    }
}

#[monitored(metric = CALLS)]
async fn called(text: &str) -> Result<u32, E> {
    rest().await;
    if text == "panic" {
        panic();
    }
    text.parse()
}

#[monitored(
    metric = CALLS,
    dimensions(Cache = _ "none"),
    on_ok(|number| Large = *number > 9),
    errors(kind = |_| "parse"),
    record(in_flight)
)]
fn late(text: &str) -> Result<u32, E> {
    spend();
    if text == "10" {
        set!(Cache = "hit");
    }
    text.parse()
}

#[monitored(metric = CALLS, sample = 1/2)]
fn sampled() {
    spend();
}

fn block(text: &str) -> Result<u32, E> {
    let number: u32 = timed!(metric = LATENCY, {
        spend();
        text.parse()?
    });
    Ok(number + 1)
}

async fn block_async() -> u32 {
    for _ in 0..3 {
        timed!(metric = &*SECONDS, {
            rest().await;
            break;
        });
    }
    timed!(metric = shop().latency, { 7 })
}

static BY_CODE: LazyLock<Family<Counter>> =
    LazyLock::new(|| meters::counter("OwnByCode").labels(["method", "code"]).family().unwrap());
static BY_ROUTE: LazyLock<Family<Histogram>> = LazyLock::new(|| {
    meters::histogram("OwnByRoute").unit(Unit::Seconds).dimension("Shop", "north").labels(["route"]).family().unwrap()
});
static BY_KIND: LazyLock<Family<Monitor>> =
    LazyLock::new(|| meters::monitor("OwnByKind").labels(["kind"]).family().unwrap());

#[metered(metric = BY_CODE, dimensions(code, method = "GET"))]
fn responded(code: u16) {}

#[monitored(metric = BY_ROUTE, dimensions("route" = %route.len()))]
async fn routed(route: &str) -> Result<u32, E> {
    rest().await;
    route.parse()
}

#[monitored(metric = &*BY_KIND, dimensions(kind, Cache = _), errors(none))]
fn of_kind(kind: bool) -> Option<()> {
    spend();
    set!(Cache = "hit");
    kind.then_some(())
}

#[monitored(metric = BY_ROUTE, dimensions(route = route))]
fn stream_of(route: &str) -> impl Stream<Item = Result<u32, &'static str>> {
    _ = route;
    Rows { left: 1, fails: false }
}

fn block_of_family(route: &'static str) {
    timed!(metric = BY_ROUTE, route, { spend() });
}

pub(crate) const SHAPES: &[Shape] = &[
    shape("`#[metered]`, a `LazyLock<Counter>`, however the call ends", "3 event", || {
        _ = (counted(true), counted(false));
        caught(counted_and_panics);
    }),
    shape("the same, async, with `when`", "1 event", || {
        run(counted_async(true));
        run(counted_async(false));
        drop(counted_async(true));
    }),
    shape("a field: a `Meter`, and an `Arc<Gauge>`", "2 event", || {
        let (shop, before) = (shop(), shop().open.get().unwrap_or_default());
        shop.login();
        shop.login();
        assert_eq!(shop.open.get(), Some(before + 2.0));
    }),
    shape("`#[monitored]`, a `Histogram`: `?` and a panic", "3 timed", || {
        assert!(parsed("1").is_ok() && parsed("x").is_err());
        caught(|| _ = panics());
    }),
    shape("a `Histogram`, async, and cancelled", "2 timed", || {
        run(send(waits()));
        abandon(waits());
        drop(waits());
    }),
    shape("a `Histogram` in a field, async `&mut self`", "1 timed", || {
        assert_eq!(run(shop().wait()), Ok(1));
    }),
    shape("a `Histogram`, recursion", "3 timed", || assert_eq!(recursive(2), 2)),
    shape("a `Histogram`, `-> impl Future`, passed on", "1 timed", || run(send(passed_on()))),
    shape("a `Histogram`, `-> impl Stream`", "1 timed", || assert_eq!(run(read(rows(), 9)), 2)),
    shape("a `Histogram`, `when`, true and false", "1 timed", || {
        sometimes(true);
        sometimes(false);
    }),
    shape("a `Summary`, one above its maximum", "1 timed, 1 event", || {
        let (wait, none) = (meters::summary("OwnWait").unit(Unit::Seconds), meters::summary("OwnNone").maximum(0.0));
        waited(wait.register());
        waited(none.register());
    }),
    shape("`#[metered]`, a `Family<Counter>`", "3 event", || [200, 404, 200].map(responded).into_iter().collect()),
    shape("a `Family<Histogram>`, async, and cancelled", "3 timed", || {
        _ = (run(routed("1")), run(routed("xx")));
        abandon(routed("22"));
    }),
    shape("a `Family<Monitor>`, with a slot", "1 ok, 1 error", || _ = (of_kind(true), of_kind(false))),
    shape("a `Family<Histogram>`, `-> impl Stream`", "1 timed", || assert_eq!(run(read(stream_of("rows"), 9)), 1)),
    shape("`timed!`, a `Family<Histogram>`", "2 timed", || ["a", "b"].map(block_of_family).into_iter().collect()),
    shape("`.monitored(histogram)`", "1 timed", || run(rest_of().monitored(*LATENCY))),
    shape("a `Monitor`, async: all four ends", "1 ok, 1 error, 1 panic, 1 cancelled", || {
        _ = (run(called("1")), run(called("x")));
        abandon(called("1"));
        caught(|| _ = run(called("panic")));
    }),
    shape("a `Monitor` in a field, `errors(none)`", "1 ok, 1 error", || _ = (shop().find(0), shop().find(1))),
    shape("a `Monitor` of a method, with the rules of its block", "1 ok, 1 error", || {
        let store = Store { table: "orders", calls: *CALLS };
        _ = (store.get(0), store.get(1));
    }),
    shape("a `Monitor`, `-> impl Stream`", "1 ok, 2 event", || assert_eq!(run(read(rows_of_calls(), 9)), 2)),
    shape("a `Monitor`, `when`, async", "1 ok", || {
        run(sometimes_async(true));
        run(sometimes_async(false));
    }),
    shape("a `Monitor`, slots, `on_ok`, `kind`", "2 ok, 1 error, 1 event", || _ = (late("10"), late("1"), late("x"))),
    shape("a `Monitor`, `sample`", "4 ok", || (0..4).for_each(|_| sampled())),
    shape("`timed!`, a block that is left by `?`", "2 timed", || _ = (block("1"), block("x"))),
    shape("`timed!`, with `.await` and `break`", "2 timed", || assert_eq!(run(block_async()), 7)),
];
