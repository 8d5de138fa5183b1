//! What a page takes while it is written: as much for a long one as for a short one.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use meters_core::Registry;
use meters_prometheus::{Exposition, Format};

static LIVE: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

/// Counts the bytes that are in use, and how many were so at the most.
struct Counting;

// SAFETY: all is left to the system's allocator; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        MOST.fetch_max(LIVE.fetch_add(layout.size(), Relaxed) + layout.size(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

struct Counted(usize);

impl Write for Counted {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        self.0 += part.len();
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_page_is_never_held_as_a_whole() {
    let registry = Registry::new();
    registry.set_limit(usize::MAX);
    for nth in 0..20_000u32 {
        let histogram = registry.histogram("took").dimension("nth", nth).register();
        (0..12).for_each(|exponent| histogram.observe(f64::from(1 << exponent)));
    }
    let (snapshot, exposition) = (registry.snapshot(), Exposition::new());
    for format in [Format::TEXT, Format::OPEN_METRICS, Format::PROTOBUF] {
        // Which series there are is kept from the first page on.
        exposition.write(&snapshot, format, &mut Counted(0)).unwrap();
        let before = LIVE.load(Relaxed);
        MOST.store(before, Relaxed);
        let mut page = Counted(0);
        exposition.write(&snapshot, format, &mut page).unwrap();
        let held = MOST.load(Relaxed) - before;
        assert!(page.0 > 4_000_000, "{} bytes", page.0);
        assert!(held < 200_000, "{held} bytes for a page of {}", page.0);
    }
}
