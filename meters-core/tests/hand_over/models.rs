//! Who meets whom. Everything recorded is in exactly one window, and a total never falls.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

use loom::model::Builder;
use loom::thread;

mod endings;

use crate::instrument::local::{end_thread, sweep};
use crate::instrument::{Cut, Origin, Tally, Track};
use crate::model::{Calls, Ended};

/// How long a model is explored, unless `LOOM_MAX_DURATION` says otherwise.
const BRIEFLY: Duration = Duration::from_secs(5);

/// Tries all orders, or as many as there is time for, and prints how many there were.
fn explore(name: &str, model: impl Fn() + Sync + Send + 'static) {
    let count = Arc::new(AtomicU64::new(0));
    let mut builder = Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(2));
    let most = *builder.max_duration.get_or_insert(BRIEFLY);
    let began = Instant::now();
    builder.max_branches = 100_000;
    // So often loom looks at the time.
    builder.checkpoint_interval = 500;
    let counted = count.clone();
    builder.check(move || {
        counted.fetch_add(1, SeqCst);
        model();
    });
    let all = if began.elapsed() < most { "all" } else { "the first" };
    println!("{name}: {all} {} orders", count.load(SeqCst));
}

fn track() -> &'static Track {
    let track: &'static Track = Box::leak(Box::new(Track::new(Cut::plain(Origin::Plain))));
    track.heat();
    track
}

fn tally() -> &'static Tally {
    let tally: &'static Tally = Box::leak(Box::new(Tally::new()));
    tally.heat();
    tally
}

/// What some windows hold together.
#[derive(Default)]
struct Windows {
    count: u64,
    sum: f64,
    errors: u64,
}

impl Windows {
    fn add(&mut self, window: Option<Calls>) {
        if let Some(calls) = window {
            let buckets: u64 = calls.duration.buckets().iter().map(|bucket| bucket.count).sum();
            assert_eq!(buckets, calls.count(), "a window's buckets are its count");
            self.count += calls.count();
            self.sum += calls.duration.sum();
            self.errors += calls.errors;
        }
    }

    fn assert(&self, count: u64, sum: f64, errors: u64) {
        assert_eq!((self.count, self.sum, self.errors), (count, sum, errors));
    }
}

/// One question, and two records that may answer it.
#[test]
fn a_question_meets_a_record() {
    explore("question against record", || {
        let track = track();
        let recording = thread::spawn(move || {
            track.record::<true>(1.0, Ended::Ok);
            track.record::<true>(2.0, Ended::Error);
        });
        let mut windows = Windows::default();
        windows.add(track.seal());
        recording.join().unwrap();
        windows.add(track.seal());
        windows.assert(2, 3.0, 1);
    });
}

/// A bank that was used, left and emptied is taken again: what it held must be gone for its owner too.
#[test]
fn a_bank_comes_back_empty() {
    explore("bank comes back", || {
        let track = track();
        let mut windows = Windows::default();
        track.record::<true>(1.0, Ended::Error);
        windows.add(thread::spawn(move || track.seal()).join().unwrap());
        track.record::<true>(2.0, Ended::Ok);
        let reading = thread::spawn(move || track.seal());
        track.record::<true>(4.0, Ended::Ok);
        windows.add(reading.join().unwrap());
        windows.add(track.seal());
        windows.assert(3, 7.0, 1);
    });
}

/// Both banks in turn: the second question gives back, emptied, the bank that the first record went to.
#[test]
fn a_record_is_in_one_window() {
    explore("hand-over", || {
        let track = track();
        track.record::<true>(1.0, Ended::Ok);
        let reading = thread::spawn(move || {
            let mut windows = Windows::default();
            windows.add(track.seal());
            windows.add(track.seal());
            windows
        });
        track.record::<true>(2.0, Ended::Ok);
        track.record::<true>(4.0, Ended::Ok);
        let mut windows = reading.join().unwrap();
        windows.add(track.seal());
        windows.assert(3, 7.0, 0);
        assert!(track.seal().is_none());
    });
}

/// A snapshot is a moment: count and sum belong together, and neither ever falls.
#[test]
fn a_snapshot_is_whole_and_never_falls() {
    explore("snapshot against record", || {
        let track = track();
        let recording = thread::spawn(move || {
            for _ in 0..3 {
                track.record::<false>(3.0, Ended::Ok);
            }
        });
        let mut last = 0;
        for _ in 0..2 {
            let total = track.total();
            assert!(total.count() >= last, "{} after {last}", total.count());
            assert_eq!(total.duration.sum(), 3.0 * total.count() as f64);
            last = total.count();
        }
        recording.join().unwrap();
        assert_eq!(track.total().count(), 3);
    });
}

/// One ends windows, one looks, one records.
#[test]
fn two_readers_take_nothing_from_each_other() {
    explore("two readers", || {
        let track = track();
        let recording = thread::spawn(move || {
            track.record::<false>(1.0, Ended::Ok);
            track.record::<false>(2.0, Ended::Ok);
        });
        let looking = thread::spawn(move || track.total().count());
        let mut windows = Windows::default();
        windows.add(track.seal());
        assert!(looking.join().unwrap() <= 2);
        recording.join().unwrap();
        windows.add(track.seal());
        windows.assert(2, 3.0, 0);
    });
}

/// A thread ends while its shard is being read, and the next thread is given that shard for another series.
#[test]
fn a_thread_ends_and_its_shard_goes_on() {
    explore("thread end", || {
        let (first, second) = (track(), track());
        let ending = thread::spawn(move || {
            first.record::<false>(1.0, Ended::Ok);
            first.record::<false>(2.0, Ended::Panic);
            end_thread();
            // As a destructor of the thread's may do.
            first.record::<false>(4.0, Ended::Ok);
        });
        let mut windows = Windows::default();
        windows.add(first.seal());
        ending.join().unwrap();
        let next = thread::spawn(move || {
            second.record::<false>(8.0, Ended::Ok);
            end_thread();
        });
        windows.add(first.seal());
        let mut others = Windows::default();
        others.add(second.seal());
        next.join().unwrap();
        others.add(second.seal());
        windows.assert(3, 7.0, 0);
        others.assert(1, 8.0, 0);
    });
}

/// A series becomes hot while two threads record it.
#[test]
fn a_series_warms_up_under_two_threads() {
    explore("cold to hot", || {
        let track: &'static Track = Box::leak(Box::new(Track::new(Cut::plain(Origin::Plain))));
        track.record::<false>(1.0, Ended::Ok);
        let recording = thread::spawn(move || track.record::<false>(2.0, Ended::Ok));
        let heating = thread::spawn(move || {
            track.heat();
            track.record::<false>(4.0, Ended::Ok);
        });
        let mut windows = Windows::default();
        windows.add(track.seal());
        recording.join().unwrap();
        heating.join().unwrap();
        windows.add(track.seal());
        windows.assert(3, 7.0, 0);
    });
}

/// Cells of a counter: two threads count, one of them ends, a third ends windows.
#[test]
fn an_event_is_in_one_window() {
    explore("tally", || {
        let tally = tally();
        let counting = thread::spawn(move || {
            tally.add(1);
            tally.add(2);
            end_thread();
            tally.add(4);
        });
        let other = thread::spawn(move || tally.add(8));
        let first = tally.seal();
        assert!(tally.total() >= first);
        counting.join().unwrap();
        other.join().unwrap();
        assert_eq!(first + tally.seal(), 15);
    });
}

/// A counter that becomes hot at its second event, while another thread still takes it for a cold one.
#[test]
fn a_counter_warms_up_under_two_threads() {
    explore("tally, cold to hot", || {
        let tally: &'static Tally = Box::leak(Box::new(Tally::new()));
        let counting = thread::spawn(move || {
            (0..3).for_each(|_| tally.add(1));
            end_thread();
        });
        tally.add(8);
        let first = tally.seal();
        counting.join().unwrap();
        assert_eq!(first + tally.seal(), 11);
    });
}

/// A series cools while a thread records it: what goes to the shard that the thread found before is told, and so is what
/// comes back by the slow way.
#[test]
fn a_series_cools_under_a_record() {
    explore("cooling against record and seal", || {
        let track = track();
        track.record::<false>(1.0, Ended::Ok);
        let cooling = thread::spawn(move || {
            let mut windows = Windows::default();
            windows.add(track.seal());
            track.cool();
            windows.add(track.seal());
            windows
        });
        track.record::<false>(2.0, Ended::Ok);
        track.record::<false>(4.0, Ended::Error);
        let mut windows = cooling.join().unwrap();
        windows.add(track.seal());
        windows.assert(3, 7.0, 1);
        track.cool();
        assert!(track.seal().is_none());
        track.record::<false>(8.0, Ended::Ok);
        windows.add(track.seal());
        windows.assert(4, 15.0, 1);
    });
}

/// It cools as one of its threads ends, and another one comes to it.
#[test]
fn a_series_cools_as_a_thread_ends() {
    explore("cooling against thread end", || {
        let track = track();
        let ending = thread::spawn(move || {
            track.record::<false>(1.0, Ended::Ok);
            end_thread();
            track.record::<false>(2.0, Ended::Ok);
        });
        let cooling = thread::spawn(move || {
            track.cool();
            track.record::<false>(4.0, Ended::Ok);
            end_thread();
        });
        let mut windows = Windows::default();
        windows.add(track.seal());
        ending.join().unwrap();
        cooling.join().unwrap();
        windows.add(track.seal());
        windows.assert(3, 7.0, 0);
        assert_eq!((track.total().count(), track.total().duration.sum()), (3, 7.0));
    });
}

/// Its owner gives a shard back for another series, and another thread takes it, while it is asked for.
#[test]
fn a_shard_of_a_series_that_cooled_goes_to_another() {
    explore("giving back", || {
        let (idle, busy) = (track(), track());
        idle.record::<false>(1.0, Ended::Ok);
        let mut windows = Windows::default();
        let reading = thread::spawn(move || {
            let mut windows = Windows::default();
            windows.add(idle.seal());
            idle.cool();
            windows.add(idle.seal());
            windows
        });
        let other = thread::spawn(move || {
            busy.record::<false>(8.0, Ended::Ok);
            end_thread();
        });
        sweep();
        idle.record::<false>(2.0, Ended::Ok);
        let mut idles = reading.join().unwrap();
        windows.add(busy.seal());
        other.join().unwrap();
        windows.add(busy.seal());
        idles.add(idle.seal());
        idles.assert(2, 3.0, 0);
        windows.assert(1, 8.0, 0);
    });
}

/// A counter cools while two threads count, of which one gives its cell back.
#[test]
fn a_counter_cools_under_two_threads() {
    explore("tally, cooling", || {
        let tally = tally();
        tally.add(1);
        let counting = thread::spawn(move || {
            tally.add(2);
            tally.add(4);
            end_thread();
        });
        let cooling = thread::spawn(move || {
            tally.cool();
            tally.seal()
        });
        tally.add(8);
        sweep();
        tally.add(16);
        let first = cooling.join().unwrap();
        counting.join().unwrap();
        assert_eq!(first + tally.seal(), 31);
    });
}
