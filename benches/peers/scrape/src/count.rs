//! An allocator that counts.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Bytes taken in all, held now, and held at the most.
static TAKEN: AtomicUsize = AtomicUsize::new(0);
static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

pub struct Counting;

// SAFETY: all is done by the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grew(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        HELD.fetch_sub(layout.size(), Relaxed);
        grew(size);
        unsafe { System.realloc(place, layout, size) }
    }
}

fn grew(bytes: usize) {
    TAKEN.fetch_add(bytes, Relaxed);
    let held = HELD.fetch_add(bytes, Relaxed) + bytes;
    PEAK.fetch_max(held, Relaxed);
}

/// (taken, held) from here on.
pub fn begin() -> (usize, usize) {
    PEAK.store(HELD.load(Relaxed), Relaxed);
    (TAKEN.load(Relaxed), HELD.load(Relaxed))
}

/// (taken, held at the most) since.
pub fn since((taken, held): (usize, usize)) -> (usize, usize) {
    (TAKEN.load(Relaxed) - taken, PEAK.load(Relaxed) - held)
}
