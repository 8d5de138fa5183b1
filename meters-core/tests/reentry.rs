//! An allocator that records, in the middle of a record: what the thread is writing to is not given to another.
#![allow(unsafe_code, missing_docs)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::mpsc::channel;
use std::sync::{Barrier, Mutex, OnceLock};

use meters_core::{Histogram, Reader, Registry};

struct Recording;

thread_local! {
    static ARMED: Cell<bool> = const { Cell::new(false) };
}

/// What the allocator does, once, when it is armed.
static ACT: OnceLock<Box<dyn Fn() + Send + Sync>> = OnceLock::new();

// SAFETY: all is left to the system's allocator.
unsafe impl GlobalAlloc for Recording {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if ARMED.try_with(|armed| armed.replace(false)).unwrap_or(false)
            && let Some(act) = ACT.get()
        {
            act();
        }
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Recording = Recording;

/// Another thread, and what it was given, until all is looked at.
static STAYS: Barrier = Barrier::new(2);

fn heat(histogram: Histogram) {
    (0..40).for_each(|_| histogram.observe(1.5));
}

#[test]
fn a_shard_in_mid_record_stays_with_its_owner_though_its_series_expires() {
    let registry = Registry::new();
    registry.expire_after(1);
    let of = |name: &str| registry.histogram(name).register();
    let (writing, next, other) = (of("Writing"), of("Next"), of("Other"));
    let reader: Mutex<Reader> = Mutex::new(registry.reader());
    heat(writing);
    // Hot by another thread: this one takes a shard of it at its first record, and looks what it may give back.
    std::thread::spawn(move || heat(next)).join().unwrap();
    _ = reader.lock().unwrap().window();
    let looked = registry.clone();
    let act = move || {
        _ = reader.lock().unwrap().window();
        assert_eq!(looked.snapshot().metric("Writing").series().count(), 0, "it has expired");
        next.observe(1.0);
        let (heated, wait) = channel();
        std::thread::spawn(move || {
            heat(other);
            heated.send(()).unwrap();
            STAYS.wait();
        });
        wait.recv().unwrap();
    };
    assert!(ACT.set(Box::new(act)).is_ok());
    // Each counts the one before it: the third finds the place of the second's bucket taken by the first, and asks for memory.
    writing.observe(6.0);
    writing.observe(1.5);
    ARMED.set(true);
    writing.observe(1.5);
    assert!(!ARMED.replace(false), "no memory was asked for");
    heat(writing);
    let all = registry.snapshot().since(&Registry::new().snapshot());
    let of = |name: &str| {
        let seen = all.metric(name).distribution().unwrap();
        (seen.count(), seen.sum(), seen.max())
    };
    STAYS.wait();
    assert_eq!(of("Writing"), (83, 82.0 * 1.5 + 6.0, Some(6.0)));
    assert_eq!(of("Next"), (41, 61.0, Some(1.5)));
    assert_eq!(of("Other"), (40, 60.0, Some(1.5)));
}
