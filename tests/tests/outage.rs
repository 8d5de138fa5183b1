//! CloudWatch is away for many windows: what waits stays within its bound of memory, and arrives afterwards to the last digit.
#![allow(unsafe_code, missing_docs, clippy::print_stdout)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::net::TcpListener;
use std::sync::atomic::{AtomicIsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use meters::{FlushReport, Meters, Registry};
use meters_local::Server;

/// Counts the bytes that are in use, with what the system's allocator adds to each piece.
struct Counting;

static IN_USE: AtomicIsize = AtomicIsize::new(0);

fn block(bytes: usize) -> isize {
    (bytes + 8).next_multiple_of(16).max(32) as isize
}

// SAFETY: All is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        IN_USE.fetch_add(block(layout.size()), Relaxed);
        // SAFETY: As the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(block(layout.size()), Relaxed);
        // SAFETY: As the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn in_use() -> isize {
    IN_USE.load(Relaxed)
}

/// The memory of one test is not that of another.
fn alone() -> impl Drop {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Nothing is done by then that ever will be.
const PATIENCE: Duration = Duration::from_secs(600);

struct Outage {
    meters: Meters,
    registry: Registry,
    port: u16,
    total: FlushReport,
    series: u64,
    windows: u64,
}

impl Outage {
    /// Nobody listens where metrics go to.
    fn new(series: u64, bound: Option<usize>) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let registry = Registry::new();
        let builder = meters::namespace("Product").region("us-east-1").endpoint_url(format!("http://127.0.0.1:{port}"));
        // A thread that stands: one for each flush would still be giving memory back when its report is there.
        let builder =
            builder.credentials("test", "test").interval("14d").registry(&registry).limit(series as usize + 1);
        let builder = match bound {
            Some(bound) => builder.max_pending_bytes(bound),
            None => builder,
        };
        let meters = builder.start().unwrap();
        // A series that is recorded often takes more memory; here, from the first window on.
        for n in 0..series {
            let handle = registry.counter("Orders").dimension("N", n).register();
            (0..100).for_each(|_| handle.inc(0));
        }
        Self { meters, registry, port, total: FlushReport::default(), series, windows: 0 }
    }

    /// Records each series of a window, and fails to send it. Returns nanoseconds a record.
    fn window(&mut self) -> f64 {
        let handles: Vec<_> =
            (0..self.series).map(|n| self.registry.counter("Orders").dimension("N", n).register()).collect();
        let begin = Instant::now();
        for (n, handle) in handles.iter().enumerate() {
            handle.inc(n as u64 + 1);
        }
        let nanoseconds = begin.elapsed().as_nanos() as f64 / self.series as f64;
        self.windows += 1;
        // Long enough for one connection to be refused, too short to wait for another.
        let report = self.meters.flush(Duration::from_millis(50));
        assert_eq!(report.sent, 0, "{report}");
        self.total.merge(report);
        // It packs what waits after its answer, and is done with that when it answers again.
        assert!(self.meters.put_now("Rest", 1.0).timeout(Duration::ZERO).send().is_err());
        nanoseconds
    }

    /// CloudWatch is there again: all that waits is sent.
    fn end(&mut self) -> Server {
        let cw = Server::builder().port(self.port).max_stored_bytes(8 << 30).start().unwrap();
        self.total.merge(self.meters.shutdown(PATIENCE));
        assert_eq!((self.total.pending, self.total.refused, self.total.ambiguous), (0, 0, 0), "{}", self.total);
        cw
    }

    /// What each window recorded.
    fn sum(&self) -> f64 {
        (self.series * (self.series + 1) / 2) as f64
    }
}

fn everything_arrives(series: u64, windows: u64) {
    let _alone = alone();
    let mut outage = Outage::new(series, None);
    let (mut before, mut speed) = (0, Vec::new());
    for window in 0..windows {
        speed.push(outage.window());
        if window == 0 {
            before = in_use();
        }
    }
    let grown = in_use() - before;
    let waiting = outage.total.pending;
    println!(
        "{series} series, {windows} windows away: {waiting} datums wait in {grown} B, {:.1} B each; a record took {:.1} ns in \
         the first window, {:.1} ns in the last",
        grown as f64 / waiting as f64,
        speed[0],
        speed[speed.len() - 1]
    );
    // Below the default bound, or something would have been dropped.
    assert!(grown < 64 << 20, "{grown}");
    assert_eq!((outage.total.dropped, waiting), (0, series * windows));
    let cw = outage.end();
    // Shutdown's own window holds a zero for each series that fell silent.
    assert_eq!((outage.total.sent, outage.total.dropped), (series * (windows + 1), 0), "{}", outage.total);
    let orders = cw.metric("Orders");
    assert_eq!(orders.sum(), Some(outage.sum() * windows as f64));
    assert_eq!((cw.datums().len() as u64, cw.dropped_datums()), (series * (windows + 1), 0));
    let last = orders.with("N", (series - 1).to_string());
    assert_eq!((last.sum(), last.datums().len() as u64), (Some((series * windows) as f64), windows + 1));
    let stamps: Vec<_> = last.datums().iter().map(|datum| datum.timestamp).collect();
    assert!(stamps.is_sorted(), "sent in order, with their own timestamps");
    println!("{}", outage.total);
}

#[test]
fn everything_arrives_after_an_outage() {
    everything_arrives(1_000, 20);
}

/// `cargo test --release -p meters-tests --test outage -- --ignored --nocapture`
#[test]
#[ignore = "a minute: the long form of the outage"]
fn everything_arrives_after_a_hundred_windows_of_ten_thousand_series() {
    everything_arrives(10_000, 100);
}

#[test]
fn what_waits_holds_no_more_memory_than_it_may() {
    let _alone = alone();
    const BOUND: usize = 1_000_000;
    let mut outage = Outage::new(1_000, Some(BOUND));
    outage.window();
    let before = in_use();
    let mut most = 0;
    while outage.total.dropped == 0 || outage.windows < 20 {
        outage.window();
        most = most.max(in_use() - before);
        assert!(outage.windows < 1_000, "it has no bound");
    }
    let waiting = outage.total.pending;
    println!("{BOUND} B allowed: {most} B in use, {waiting} datums of {} windows", outage.windows);
    assert!(most <= BOUND as isize, "{most} B in use");
    // A bound that is counted, not guessed: it is used, less the newest window, which was there at the first look.
    assert!(most >= BOUND as isize / 4, "{most} B in use");
    let recorded = outage.windows * outage.series;
    assert_eq!(outage.total.dropped + outage.total.pending, recorded);
    let cw = outage.end();
    let arrived = cw.datums();
    assert_eq!(outage.total.sent, arrived.len() as u64);
    // The oldest were given up: of each series the newest windows are there.
    assert_eq!(outage.total.sent + outage.total.dropped, recorded + outage.series);
}
