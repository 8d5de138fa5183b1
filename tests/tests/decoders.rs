//! Without a fuzzer, what it looks at: bytes and texts that nobody checked, and how much memory they can make us take.
#![allow(unsafe_code, missing_docs)]
#![cfg(unix)]

#[path = "../../fuzz/checks/texts.rs"]
mod checks;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::LazyLock;
use std::time::Duration;

use meters::__private::read_spool;
use meters::{Interval as _, Registry};
use meters_local::Fault;
use proptest::prelude::*;

/// Counts what a thread holds, and the most that it held.
struct Counting;

thread_local! {
    static HELD: Cell<(isize, isize)> = const { Cell::new((0, 0)) };
}

fn count(bytes: isize) {
    _ = HELD.try_with(|held| {
        let (now, most) = held.get();
        held.set((now + bytes, most.max(now + bytes)));
    });
}

// SAFETY: All is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: As the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: As the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Reads, and says how many bytes were held beyond those that are given, at the most.
fn read(bytes: &[u8]) -> (Option<usize>, isize) {
    HELD.set((0, 0));
    let read = read_spool(bytes);
    (read, HELD.get().1)
}

/// What a shutdown wrote.
static FILE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let cw = meters_local::start();
    cw.faults().always(Fault::AccessDenied);
    let path = std::env::temp_dir().join(format!("meters-decoders-{:016x}", fastrand::u64(..)));
    let registry = Registry::new();
    let builder = meters::namespace("Product").region("us-east-1").endpoint_url(cw.endpoint_url());
    let builder = builder.credentials("test", "test").registry(&registry).manual().max_datums_per_request(10);
    let meters = builder.spool(&path).start().unwrap();
    for n in 1..=12u64 {
        registry.counter("Orders").dimension("N", n).register().inc(n);
        registry.histogram("Size").dimension("N", n).register().observe(n as f64);
        registry.put_statistic("Rows", n as f64);
    }
    assert_eq!(meters.shutdown(Duration::from_secs(30)).spooled, 25);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    bytes
});

/// One block at a time is unpacked, of 4 MiB at the most, and its datums are some ten times that.
const MOST: isize = 64 << 20;

#[test]
fn what_was_written_is_read() {
    assert_eq!(read(&FILE).0, Some(25));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_as_a_spool(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
        let (read, held) = read(&bytes);
        prop_assert_eq!(read, None);
        prop_assert!(held < 4096, "{} B", held);
    }

    #[test]
    fn a_spool_that_something_happened_to(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = FILE.clone();
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(cut.map_or(bytes.len(), |cut| cut.index(bytes.len())));
        let (read, held) = read(&bytes);
        prop_assert!(read.is_none_or(|datums| datums == 25));
        prop_assert!(held < MOST, "{} B", held);
    }

    #[test]
    fn any_text(text in any::<String>()) {
        checks::texts(&text, text.as_str().interval().ok());
    }

    /// Of the pieces of what is right.
    #[test]
    fn a_text_that_is_nearly_right(pieces in prop::collection::vec(
        prop::sample::select(vec!["1", "0", ".", "-", "e9", " ", "ms", "s", "m", "h", "d", "=", ":", "AWS/", "N", "\u{7f}", "é"]),
        0..8,
    )) {
        let text = pieces.concat();
        checks::texts(&text, text.as_str().interval().ok());
    }
}
