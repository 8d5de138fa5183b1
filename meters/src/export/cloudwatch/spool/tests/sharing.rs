//! Several processes and one path.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use super::*;

#[test]
fn what_one_is_sending_no_other_takes_and_none_overwrites() {
    let folder = Folder::new();
    leave(&folder, numbered(20));
    let (mut first, queue, ..) = start(&folder);
    let (mut second, nothing, troubles, _) = start(&folder);
    assert_eq!((queue.datums(), nothing.datums(), troubles), (20, 0, vec![]));
    assert_eq!(second.keep(&self::queue(vec![datum("second", 1.0)], 10), &namespace(), &Turn::default()).0, 1);
    assert_eq!(folder.names(), ["spool", "spool.1"]);
    assert_eq!(first.keep(&queue, &namespace(), &Turn::default()).0, 20);
    drop((first, second, queue));
    let (_spool, queue, ..) = start(&folder);
    assert_eq!(queue.datums(), 21);
}

#[test]
fn what_another_writes_is_not_swept() {
    let folder = Folder::new();
    let writer = folder.spool().temporary().unwrap();
    writer.append(&format::head(&namespace(), 1, 1, 5, 5)).unwrap();
    let (_, _, troubles, lost) = start(&folder);
    assert_eq!((troubles, lost, folder.names().len()), (vec![], 0, 1));
    drop(writer);
    assert_eq!(start(&folder).3, 5);
}

#[test]
fn a_name_that_was_taken_over_in_the_meantime_is_not_held() {
    let folder = Folder::new();
    let path = folder.path();
    let held = Held::make(&path).unwrap().unwrap();
    let owner = held.owner().unwrap();
    assert!(Held::make(&path).unwrap().is_none() && Held::take(&path, owner).unwrap().is_none());
    assert!(Held::take(&path, owner + 1).is_err(), "somebody else's");
    drop(held);
    let mut other = Held::make(&folder.0.join("other")).unwrap().unwrap();
    let late = Held::take(&path, owner).unwrap().unwrap();
    other.rename(&path).unwrap();
    drop(late);
    assert!(Held::take(&path, owner).unwrap().is_none(), "the new one is locked");
}

/// Threads stand for processes: a lock belongs to who opened the file.
#[test]
fn in_any_order_each_datum_is_sent_once_or_is_still_there() {
    for seed in 0..20 {
        let (folder, sent, recorded) = (Folder::new(), Mutex::new(BTreeMap::<String, u32>::new()), AtomicU64::new(0));
        let process = &|mut random: fastrand::Rng, name: usize, round: usize| {
            let (mut spool, mut queue, troubles, lost) = start(&folder);
            assert_eq!((troubles, lost), (vec![], 0));
            for one in 0..random.usize(..30) {
                recorded.fetch_add(1, SeqCst);
                for batch in cut(&namespace(), vec![datum(&format!("{name}-{round}-{one}"), 1.0)], 10) {
                    queue.push(batch, &namespace(), 10);
                }
            }
            let left = random.u64(..=queue.datums());
            while queue.datums() > left {
                let place = random.usize(..queue.len());
                queue.unpack(place);
                let most = queue.next(place).unwrap().len().min((queue.datums() - left) as usize);
                let next = random.usize(1..=most);
                queue.batch(place).begin(next);
                queue.batch(place).end();
                for datum in queue.remove(place, next) {
                    *sent.lock().unwrap().entry(datum.name).or_default() += 1;
                }
            }
            let (kept, error) = spool.keep(&queue, &namespace(), &Turn::default());
            assert!(error.is_none() && kept == left, "{error:?}");
        };
        let mut random = fastrand::Rng::with_seed(seed);
        std::thread::scope(|scope| {
            for name in 0..3 {
                let mut random = random.fork();
                scope.spawn(move || (0..8).for_each(|round| process(random.fork(), name, round)));
            }
        });
        let (_spool, queue, ..) = start(&folder);
        let sent = sent.into_inner().unwrap();
        assert!(sent.values().all(|times| *times == 1), "seed {seed}: {sent:?}");
        let left: BTreeSet<_> = held(&queue).into_iter().map(|datum| datum.name).collect();
        assert!(left.iter().all(|name| !sent.contains_key(name)), "seed {seed}");
        assert_eq!((left.len() as u64, (left.len() + sent.len()) as u64), (queue.datums(), recorded.into_inner()));
    }
}
