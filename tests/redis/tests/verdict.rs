//! The campaign's verdict must be able to fail: a storage in memory that is well, and ones that are not.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

use meters_redis_tests::chaos::{
    Evidence, Failpoints, Fake, Flaw, Journal, Receiver, Reporter, Told, Trouble, Verdict, Writer, WriterLog,
};
use meters_redis_tests::until;

/// Three writers of 25 windows each and two reporters, as threads.
fn judge(flaw: Flaw, trouble: Trouble) -> Verdict {
    let (fake, folder, stop) = (Fake::new(flaw), tempfile::tempdir().unwrap(), AtomicBool::new(false));
    let (receiver, seed) = (Receiver::start(1, trouble), 7);
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let path = |name: &str, number: u32| folder.path().join(format!("{name}-{number}"));
    thread::scope(|scope| {
        for number in 0..2 {
            let (fake, stop, path, receiver) = (&fake, &stop, path("reporter", number), receiver.port());
            let failpoints = Failpoints::default();
            let reporter = Reporter { number, receiver, seed, failpoints, read_back: None };
            scope.spawn(move || {
                runtime().block_on(reporter.run(fake, &mut Journal::create(&path), stop, &AtomicBool::new(true)));
            });
        }
        let writers = [0, 1, 2].map(|number| {
            let (fake, path) = (&fake, path("writer", number));
            let writer = Writer { number, seed, most: 25 };
            scope.spawn(move || {
                runtime().block_on(writer.run(fake, &mut Journal::create(&path), &AtomicBool::new(false)));
            })
        });
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        until("the reporters have reported all", || fake.is_empty().then_some(()));
        stop.store(true, SeqCst);
    });
    let mut evidence = Evidence::of(&receiver, seed);
    let mut told = Told::default();
    (0..2).for_each(|number| told.read(&path("reporter", number)));
    evidence.writers = (0..3).map(|number| WriterLog::read(number, &path("writer", number), &mut told)).collect();
    evidence.told = told;
    Verdict::of(&evidence)
}

#[test]
fn a_storage_that_is_well_is_green() {
    let verdict = judge(Flaw::None, Trouble { refuse: 0.2, hang: 0.05, close: 0.05, late: 0.05 });
    assert_eq!(verdict.violations, [""; 0]);
    assert_eq!(verdict.reported.windows, 75);
    assert!(verdict.repeated > 0 && verdict.reported.records > 75 * 1_000, "{verdict:?}");
}

#[test]
fn pushes_that_are_forgotten_are_lost() {
    let verdict = judge(Flaw::LosesPushes, Trouble::NONE);
    assert_eq!((verdict.lost.windows, verdict.double.windows, verdict.reported.windows), (7, 0, 68));
    assert!(!verdict.violations.is_empty());
}

#[test]
fn pushes_that_are_applied_twice_are_double() {
    let verdict = judge(Flaw::DoublesPushes, Trouble::NONE);
    assert_eq!((verdict.lost.windows, verdict.double.windows, verdict.reported.windows), (0, 7, 75));
    assert!(!verdict.violations.is_empty());
}

#[test]
fn periods_that_are_claimed_twice_are_double() {
    let verdict = judge(Flaw::DoublesClaims, Trouble::NONE);
    assert!(verdict.double.windows > 0 && !verdict.violations.is_empty(), "{verdict:?}");
}

#[test]
fn a_series_that_is_missing_is_seen() {
    let verdict = judge(Flaw::LosesSeries, Trouble::NONE);
    assert_eq!((verdict.lost.windows, verdict.double.windows), (0, 0));
    assert!(verdict.violations.iter().any(|said| said.contains("Checkout")), "{verdict:?}");
}

#[test]
fn what_is_sent_again_though_it_was_acknowledged_is_seen() {
    let verdict = judge(Flaw::ForgetsAcks, Trouble::NONE);
    assert!(verdict.violations.iter().any(|said| said.contains("though the first was heard of")), "{verdict:?}");
}
