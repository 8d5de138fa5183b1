//! A Redis Cluster whose slots move and whose nodes freeze and die while several processes' worth of writers push and reporters drain:
//! every window is reported once.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

use meters_redis_tests::chaos::{
    Control, Evidence, Failpoints, Journal, Mode, Receiver, Reporter, Told, Trouble, Verdict, Writer, WriterLog,
    storage,
};
use meters_redis_tests::{Append, Cluster, slot, until};

const SEED: u64 = 5;
const WRITERS: u32 = 3;
const REPORTERS: u32 = 2;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// How many lines a journal has.
fn lines(path: &Path) -> usize {
    std::fs::read_to_string(path).unwrap_or_default().lines().count()
}

#[test]
fn nothing_is_lost_while_slots_move_and_nodes_freeze_and_die() {
    let mut cluster = Cluster::start(3, Append::Always);
    let url = format!("redis://{}", cluster.urls().join(",").replace("redis://", ""));
    let (receiver, folder) = (Receiver::start(SEED, Trouble::USUAL), tempfile::tempdir().unwrap());
    let (ending, ended) = (AtomicBool::new(false), AtomicBool::new(false));
    let path = |name: &str, number: u32| folder.path().join(format!("{name}-{number}"));
    thread::scope(|scope| {
        for number in 0..REPORTERS {
            let (url, ended, path, receiver) = (&url, &ended, path("reporter", number), receiver.port());
            let reporter =
                Reporter { number, receiver, seed: SEED, failpoints: Failpoints::default(), read_back: None };
            scope.spawn(move || {
                let storage = storage(url, SEED, Mode::Always, Control::Off);
                runtime().block_on(reporter.run(&*storage, &mut Journal::create(&path), ended, &AtomicBool::new(true)));
            });
        }
        let writers: Vec<_> = (0..WRITERS)
            .map(|number| {
                let (url, ending, path) = (&url, &ending, path("writer", number));
                let writer = Writer { number, seed: SEED, most: u32::MAX };
                scope.spawn(move || {
                    let storage = storage(url, SEED, Mode::Always, Control::Off);
                    runtime().block_on(writer.run(&*storage, &mut Journal::create(&path), ending));
                })
            })
            .collect();
        // Everybody has pushed, or tried to, since.
        let pushes = || {
            let before: Vec<_> = (0..WRITERS).map(|number| lines(&path("writer", number))).collect();
            for (number, before) in (0..WRITERS).zip(before) {
                until("a writer goes on", || (lines(&path("writer", number)) > before + 6).then_some(()));
            }
        };
        let home = slot("m1:{chaos}:open");
        pushes();
        let mut moved = 0;
        for round in 0..3 {
            let to = (cluster.owner(home) + 1 + round % 2) % 3;
            cluster.move_slot(home, to, |key| {
                moved += u32::from(key);
                // Some keys are here then, and some there.
                if !key || moved.is_multiple_of(7) {
                    pushes();
                }
            });
        }
        for _ in 0..2 {
            let owner = cluster.owner(home);
            // What is sent meanwhile is not answered, sent again, and carried out when it thaws.
            cluster.node(owner).freeze();
            pushes();
            cluster.node(owner).thaw();
            cluster.well();
            pushes();
            cluster.node(owner).kill();
            pushes();
            cluster.node(owner).restart();
            cluster.well();
            pushes();
        }
        ending.store(true, SeqCst);
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        let owner = cluster.owner(home);
        let node = cluster.node(owner);
        until("all is reported", || {
            let open: u64 = node.text(&["ZCARD", "m1:{chaos}:open"]).parse().unwrap();
            let claims: u64 = node.text(&["ZCARD", "m1:{chaos}:claims"]).parse().unwrap();
            (open + claims == 0).then_some(())
        });
        ended.store(true, SeqCst);
    });
    let mut evidence = Evidence::of(&receiver, SEED);
    let mut told = Told::default();
    (0..REPORTERS).for_each(|number| told.read(&path("reporter", number)));
    evidence.writers = (0..WRITERS).map(|number| WriterLog::read(number, &path("writer", number), &mut told)).collect();
    evidence.told = told;
    let verdict = Verdict::of(&evidence);
    assert_eq!(verdict.violations, [""; 0], "{verdict:?}");
    assert!(verdict.reported.windows > 60 && verdict.local.windows == 0, "{verdict:?}");
}
