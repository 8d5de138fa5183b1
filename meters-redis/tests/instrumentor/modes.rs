//! When what was recorded gets there, and what of it does.

use std::thread;

use meters_redis_tests::until;

use super::*;

#[test]
fn defect_increments_between_threads_and_during_a_transfer_are_lost() {
    let server = Server::start();
    let registry = registry(&server.url()).start().unwrap();
    let hits = registry.counter("hits", "").register().unwrap();
    let took = registry.histogram("took", "").buckets([0.5]).register().unwrap();
    thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    for _ in 0..50_000 {
                        hits.inc(1);
                        took.observe(0.25);
                    }
                })
            })
            .collect();
        while !writers.iter().all(|writer| writer.is_finished()) {
            registry.transfer(PATIENCE).unwrap();
            // All of an observation is there, or nothing.
            let hash = hash(&server);
            assert_eq!(hash["took:c:"], hash["took:b:le=\"0.5\""]);
            assert_eq!(hash["took:s:"].parse::<f64>().unwrap(), hash["took:c:"].parse::<f64>().unwrap() / 4.0);
        }
    });
    registry.transfer(PATIENCE).unwrap();
    let hash = hash(&server);
    assert_eq!(
        (hash["hits::"].as_str(), hash["took:c:"].as_str(), hash["took:s:"].as_str()),
        ("200000", "200000", "50000")
    );
}

#[test]
fn defect_an_eager_histogram_has_no_count_and_takes_a_call_a_field() {
    let server = Server::start();
    let registry = registry(&server.url()).eager().start().unwrap();
    let took = registry.histogram("took", "").register().unwrap();
    until("it is described", || get(&server, "took:t:"));
    for round in 1..=3u64 {
        let before = calls(&server);
        took.observe(0.2);
        until("it arrived at once", || (get(&server, "took:c:")? == round.to_string()).then_some(()));
        assert_eq!(calls(&server) - before, 1);
    }
    let hash = hash(&server);
    assert_eq!((hash["took:b:le=\"0.25\""].as_str(), hash["took:b:le=\"+Inf\""].as_str()), ("3", "3"));
}

#[test]
fn each_interval_has_its_transfer() {
    let server = Server::start();
    let registry = registry(&server.url()).every(Duration::from_millis(20)).start().unwrap();
    let hits = registry.counter("hits", "").register().unwrap();
    for round in 1..=3 {
        hits.inc(1);
        until("an interval has passed", || (get(&server, "hits::")? == round.to_string()).then_some(()));
    }
}

#[test]
fn defect_nothing_is_flushed_at_the_end() {
    let server = Server::start();
    let first = registry(&server.url()).start().unwrap();
    let hits = first.counter("hits", "").register().unwrap();
    hits.inc(1);
    drop(first);
    assert_eq!(get(&server, "hits::").unwrap(), "1");
    let second = registry(&server.url()).every(PATIENCE).start().unwrap();
    let again = second.counter("hits", "").register().unwrap();
    again.inc(2);
    second.shutdown(PATIENCE).unwrap();
    assert_eq!(get(&server, "hits::").unwrap(), "3");
    again.inc(3);
    let third = registry(&server.url()).start().unwrap();
    third.counter("hits", "").register().unwrap();
    hits.inc(4);
    third.shutdown(PATIENCE).unwrap();
    assert_eq!(get(&server, "hits::").unwrap(), "3");
}

#[test]
fn what_is_recorded_after_the_end_or_into_what_is_unregistered_is_counted_as_lost() {
    let server = Server::start();
    let registry = registry(&server.url()).start().unwrap();
    let hits = registry.counter("hits", "").register().unwrap();
    hits.inc(1);
    assert!(registry.unregister("hits") && !registry.unregister("hits"));
    hits.inc(2);
    assert_eq!(registry.refused().late, 1);
    registry.transfer(PATIENCE).unwrap();
    assert_eq!(get(&server, "hits::").unwrap(), "1");
}

#[test]
fn defect_unregistering_with_something_pending_counts_twice_for_ever() {
    let server = Server::start();
    let registry = registry(&server.url()).start().unwrap();
    let (one, other) =
        (registry.counter("one", "").register().unwrap(), registry.counter("other", "").register().unwrap());
    one.inc(1);
    other.inc(1);
    registry.unregister("one");
    for _ in 0..3 {
        registry.transfer(PATIENCE).unwrap();
    }
    assert_eq!((get(&server, "one::").unwrap(), get(&server, "other::").unwrap()), ("1".into(), "1".into()));
    registry.counter("one", "").register().unwrap().inc(1);
    registry.transfer(PATIENCE).unwrap();
    assert_eq!(get(&server, "one::").unwrap(), "2");
}

#[test]
fn defect_a_gauge_adds_its_total_with_each_transfer() {
    let server = Server::start();
    let registry = registry(&server.url()).start().unwrap();
    let level = registry.gauge("level", "").register().unwrap();
    for _ in 0..3 {
        level.inc(1);
        registry.transfer(PATIENCE).unwrap();
    }
    registry.transfer(PATIENCE).unwrap();
    assert_eq!(get(&server, "level::").unwrap(), "3");
}

#[test]
fn defect_of_a_gauge_that_processes_set_and_add_to_the_last_writer_wins() {
    let server = Server::start();
    let [one, other] = [(); 2].map(|()| registry(&server.url()).start().unwrap());
    let level = |registry: &CollectorRegistry| registry.gauge("level", "").register().unwrap();
    level(&one).set(10);
    level(&one).inc(1);
    one.transfer(PATIENCE).unwrap();
    level(&other).inc(5);
    other.transfer(PATIENCE).unwrap();
    level(&one).dec(0.5);
    level(&one).inc(0.5);
    one.transfer(PATIENCE).unwrap();
    assert_eq!(get(&server, "level::").unwrap(), "16");
}

#[test]
fn defect_what_is_registered_and_untouched_is_not_exposed() {
    let server = Server::start();
    let registry = registry(&server.url()).start().unwrap();
    server.ask(&["HSET", NS, "old::", "7", "warm::", "8"]);
    registry.counter("hits", "Hits.").register().unwrap();
    registry.counter("old", "").register().unwrap();
    registry.gauge("warm", "").initial(20.5).register().unwrap();
    registry.gauge("fresh", "").initial(20.5).register().unwrap();
    registry.counter("by_code", "By code.").labels(["code"]).register().unwrap();
    registry.histogram("took", "").buckets([1]).register().unwrap();
    registry.transfer(PATIENCE).unwrap();
    let wanted = "# TYPE old counter\nold 7\n# TYPE warm gauge\nwarm 8\n# TYPE fresh gauge\nfresh 20.5\n\
                  # HELP hits Hits.\n# TYPE hits counter\nhits 0\n# HELP by_code By code.\n# TYPE by_code counter\n\
                  # TYPE took histogram\ntook_bucket{le=\"1\"} 0\ntook_bucket{le=\"+Inf\"} 0\ntook_sum 0\ntook_count 0\n";
    let (mut ours, mut theirs): (Vec<_>, Vec<_>) = (wanted.lines().map(str::to_owned).collect(), Vec::new());
    theirs.extend(page(&server).to_string().lines().map(str::to_owned));
    ours.sort_unstable();
    theirs.sort_unstable();
    assert_eq!(theirs, ours);
}

#[test]
fn defect_calls_inside_of_each_other_are_timed_from_the_last_start() {
    let server = Server::start();
    let registry = registry(&server.url()).start().unwrap();
    let took = registry.histogram("took", "").buckets([1]).register().unwrap();
    let outer = took.timer();
    let began = Instant::now();
    let inner = took.timer().milliseconds();
    thread::sleep(Duration::from_millis(20));
    drop(inner);
    let between = began.elapsed().as_secs_f64();
    drop(outer);
    let panicked = std::panic::catch_unwind(|| {
        let _timer = took.timer();
        panic!("expected");
    });
    assert!(panicked.is_err());
    registry.transfer(PATIENCE).unwrap();
    let hash = hash(&server);
    // The inner one in milliseconds, the outer one as long in seconds at least.
    assert!(hash["took:s:"].parse::<f64>().unwrap() >= 20.0 + 0.02 && between >= 0.02);
    assert_eq!(hash["took:c:"], "3");
}

#[tokio::test]
async fn tasks_transfer_too() {
    let server = Server::start();
    let registry = registry(&server.url()).start().unwrap();
    registry.counter("hits", "").register().unwrap().inc(1);
    registry.transfer_async(PATIENCE).await.unwrap();
    assert_eq!(get(&server, "hits::").unwrap(), "1");
    // Also where nothing runs but a task that ends: dropping blocks, and needs no runtime.
    registry.counter("hits", "").register().unwrap().inc(1);
    drop(registry);
    assert_eq!(get(&server, "hits::").unwrap(), "2");
}
