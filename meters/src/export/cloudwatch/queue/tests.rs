use super::super::batch::cut;
use super::super::datum::arbitrary::numbered;
use super::*;

fn namespace() -> Namespace {
    Namespace::new("Shop").unwrap()
}

/// A queue of batches of at most `most` datums.
fn queue(count: usize, most: usize) -> Queue {
    let mut queue = Queue::default();
    for batch in cut(&namespace(), numbered(count), most) {
        queue.push(batch, &namespace(), most);
    }
    queue
}

fn bytes(queue: &Queue) -> usize {
    queue.batches.iter().map(Batch::memory).sum()
}

#[test]
fn windows_that_wait_share_requests() {
    let mut queue = Queue::default();
    for _ in 0..250 {
        for batch in cut(&namespace(), numbered(10), 1_000) {
            queue.push(batch, &namespace(), 1_000);
        }
    }
    assert_eq!((queue.len(), queue.datums()), (3, 2_500));
    assert_eq!(queue.bytes, bytes(&queue));
}

#[test]
fn the_bound_of_bytes_at_its_edges() {
    let packed = || {
        let mut queue = queue(10, 2);
        queue.pack();
        queue
    };
    let ten = bytes(&packed());
    assert!(bytes(&queue(10, 2)) > ten);
    // Whether it is packed already, or has to be.
    for queue in [packed, || queue(10, 2)] {
        let of = |most| {
            let mut queue = queue();
            let given_up = queue.shed(most);
            assert_eq!(queue.bytes, bytes(&queue));
            (given_up, queue.datums())
        };
        assert_eq!([of(ten), of(ten - 1), of(ten + 1), of(0)], [(0, 10), (2, 8), (0, 10), (10, 0)]);
    }
    let mut oldest_gone = packed();
    oldest_gone.shed(ten - 1);
    oldest_gone.unpack(0);
    assert_eq!(oldest_gone.next(0).unwrap()[0].name, "2");
}

#[test]
fn the_bound_of_age_at_its_edges() {
    let taken = numbered(1)[0].timestamp;
    for (now, given_up) in [
        (taken, 0),
        (taken + MOST_AGE, 0),
        (taken + MOST_AGE + Duration::from_secs(1), 10),
        (taken - Duration::from_secs(3600), 0),
        (SystemTime::UNIX_EPOCH, 0),
    ] {
        let mut queue = queue(10, 3);
        assert_eq!((queue.expire(now, Duration::MAX), queue.datums()), (given_up, 10 - given_up));
        assert_eq!(queue.bytes, bytes(&queue));
    }
}

#[test]
fn the_wished_bound_of_age_at_its_edges() {
    let (taken, hour) = (numbered(1)[0].timestamp, Duration::from_secs(3600));
    for (waited, given_up) in [(hour, 0), (hour + Duration::from_nanos(1), 10)] {
        assert_eq!(queue(10, 3).expire(taken + waited, hour), given_up);
    }
}

#[test]
fn only_what_is_too_old_is_given_up() {
    let mut datums = numbered(10);
    let taken = datums[0].timestamp;
    for datum in &mut datums[4..] {
        datum.timestamp = taken + Duration::from_secs(60);
    }
    let mut queue = Queue::default();
    for batch in cut(&namespace(), datums, 3) {
        queue.push(batch, &namespace(), 3);
    }
    assert_eq!(queue.expire(taken + MOST_AGE + Duration::from_secs(30), Duration::MAX), 4);
    assert_eq!((queue.datums(), queue.next(0).unwrap()[0].name.as_str()), (6, "4"));
}

#[test]
fn an_empty_batch_leaves() {
    let mut queue = queue(5, 2);
    assert_eq!(queue.remove(1, 1)[0].name, "2");
    assert_eq!(queue.len(), 3);
    assert_eq!(queue.remove(1, 1)[0].name, "3");
    assert_eq!((queue.len(), queue.next(1).unwrap()[0].name.as_str()), (2, "4"));
    assert_eq!(queue.bytes, bytes(&queue));
}
