//! A network that loses answers, a Redis that forgets or refuses, values that nobody takes.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use meters_redis_tests::{Append, Cluster, Faults, Proxy, until};

use super::*;

#[test]
fn defect_an_answer_that_is_lost_counts_twice() {
    let server = Server::start();
    let proxy = Proxy::before(server.port(), 7);
    let registry = registry(&proxy.url()).start().unwrap();
    let hits = registry.counter("hits", "").labels(["k"]).register().unwrap();
    let hits = hits.labels(&[("k", &"v")]).unwrap();
    let took = registry.histogram("took", "").buckets([5]).register().unwrap();
    proxy.set(Faults {
        cut: 0.2,
        half: 0.1,
        delay: 0.05,
        delayed: Duration::from_millis(1)..Duration::from_millis(20),
    });
    let mut sum = 0;
    for round in 1..=20 {
        hits.inc(round);
        took.observe(round);
        sum += round;
        registry.transfer(PATIENCE).unwrap();
        assert_eq!(get(&server, "hits::k=\"v\"").unwrap(), sum.to_string());
    }
    assert_eq!((get(&server, "took:s:").unwrap(), get(&server, "took:c:").unwrap()), (sum.to_string(), "20".into()));
    let happened = proxy.happened();
    assert!(happened.cut.load(Relaxed) > 2 && happened.half.load(Relaxed) > 2);
}

#[test]
fn a_transfer_in_doubt_is_the_same_one_later() {
    let server = Server::start();
    let proxy = Proxy::before(server.port(), 7);
    let storage =
        RedisStorage::builder(&proxy.url()).connect_timeout(PATIENCE).response_timeout(Duration::from_millis(50));
    let registry = CollectorRegistry::on(&storage.build(), NS).start().unwrap();
    let hits = registry.counter("hits", "").register().unwrap();
    registry.transfer(PATIENCE).unwrap();
    proxy.set(Faults { cut: 1.0, ..Faults::NONE });
    hits.inc(5);
    assert!(registry.transfer(Duration::from_millis(100)).is_err());
    // It is there, and nobody knows; what comes later goes with a transfer of its own.
    hits.inc(2);
    proxy.set(Faults::NONE);
    registry.transfer(PATIENCE).unwrap();
    assert_eq!(get(&server, "hits::").unwrap(), "7");
}

#[test]
fn what_is_recorded_while_the_redis_is_away_waits() {
    let mut server = Server::start();
    let by_hand = registry(&server.url()).start().unwrap();
    let eager = registry(&server.url()).eager().start().unwrap();
    let [hits, at_once] = [&by_hand, &eager].map(|registry| registry.counter("hits", "").register().unwrap());
    server.kill();
    hits.inc(3);
    at_once.inc(10);
    assert!(by_hand.transfer(AT_ONCE).is_err());
    assert!(eager.transfer(AT_ONCE).is_err());
    hits.inc(4);
    server.restart();
    by_hand.transfer(PATIENCE).unwrap();
    until("what waited arrives by itself", || (get(&server, "hits::")? == "17").then_some(()));
}

#[test]
fn defect_type_and_description_are_never_sent_again() {
    let mut server = Server::start();
    let registry = registry(&server.url()).start().unwrap();
    let hits = registry.counter("hits", "All.").register().unwrap();
    registry.counter("untouched", "Others.").register().unwrap();
    hits.inc(1);
    registry.transfer(PATIENCE).unwrap();
    let all = |hits: &str| {
        of([
            ("hits:t:", "c"),
            ("hits:d:", "All."),
            ("hits::", hits),
            ("untouched:t:", "c"),
            ("untouched:d:", "Others."),
            ("untouched::", "0"),
        ])
    };
    assert_eq!(hash(&server), all("1"));
    server.ask(&["FLUSHALL"]);
    registry.transfer(PATIENCE).unwrap();
    assert_eq!(hash(&server), all("0"));
    server.ask(&["DEL", NS]);
    // A Python process was there first.
    server.ask(&["HINCRBY", NS, "hits::", "1"]);
    hits.inc(2);
    registry.transfer(PATIENCE).unwrap();
    assert_eq!(hash(&server), all("3"));
    // Also where only those of one metric are gone that is used.
    let second = registry.counter("second", "Later.").register().unwrap();
    registry.transfer(PATIENCE).unwrap();
    server.ask(&["HDEL", NS, "second:t:", "second:d:"]);
    second.inc(1);
    registry.transfer(PATIENCE).unwrap();
    assert_eq!((get(&server, "second:t:").unwrap(), get(&server, "second:d:").unwrap()), ("c".into(), "Later.".into()));
    assert!(registry.unregister("second"));
    server.restart();
    registry.transfer(PATIENCE).unwrap();
    assert_eq!(hash(&server), all("0"));
}

#[test]
fn defect_nan_poisons_a_transfer() {
    let server = Server::start();
    let registry = registry(&server.url()).start().unwrap();
    let hits = registry.counter("hits", "").register().unwrap();
    let level = registry.gauge("level", "").register().unwrap();
    let took = registry.histogram("took", "").buckets([1]).register().unwrap();
    for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        hits.inc(odd);
        level.inc(odd);
        took.observe(odd);
    }
    hits.inc(-1);
    level.set(f64::NAN);
    assert_eq!(registry.refused().values, 11);
    hits.inc(1);
    took.observe(-1);
    registry.transfer(PATIENCE).unwrap();
    let hash = hash(&server);
    let parts = ["hits::", "level::", "took:s:", "took:b:le=\"1\""].map(|field| hash[field].as_str());
    assert_eq!(parts, ["1", "0", "-1", "1"]);
    // As a level it has a meaning.
    level.set(f64::INFINITY);
    registry.transfer(PATIENCE).unwrap();
    assert_eq!(get(&server, "level::").unwrap(), "inf");
}

#[test]
fn a_field_that_holds_no_number_spoils_no_other() {
    let server = Server::start();
    let registry = registry(&server.url()).start().unwrap();
    let [a, b] = ["a", "b"].map(|name| registry.counter(name, "").register().unwrap());
    server.ask(&["HSET", NS, "a::", "many"]);
    a.inc(1);
    b.inc(2);
    registry.transfer(PATIENCE).unwrap();
    assert_eq!((get(&server, "a::").unwrap(), get(&server, "b::").unwrap()), ("many".into(), "2".into()));
    assert_eq!(registry.refused().fields, 1);
}

#[test]
fn a_key_of_another_type_is_told_and_costs_nothing() {
    let server = Server::start();
    let registry = registry(&server.url()).start().unwrap();
    server.ask(&["SET", NS, "x"]);
    registry.counter("hits", "").register().unwrap().inc(3);
    let error = registry.transfer(PATIENCE).unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains(NS), "{error}");
    server.ask(&["DEL", NS]);
    registry.transfer(PATIENCE).unwrap();
    assert_eq!(get(&server, "hits::").unwrap(), "3");
}

#[test]
fn the_rights_in_the_message_suffice() {
    let server = Server::build().user("app on >canary resetkeys -@all +hello +evalsha +client|setname").start();
    let registry = registry(&server.url_as("app", "canary")).start().unwrap();
    let hits = registry.counter("hits", "Hits.").register().unwrap();
    hits.inc(1);
    let message = registry.transfer(PATIENCE).unwrap_err().to_string();
    let (_, command) = message.split_once(": ACL SETUSER ").unwrap_or_else(|| panic!("no command in {message}"));
    server.ask(&["ACL", "SETUSER"].into_iter().chain(command.split(' ')).collect::<Vec<_>>());
    registry.transfer(PATIENCE).unwrap();
    // One that is taken away again does no harm.
    for right in ["hexists", "hget", "hset", "hsetnx", "hincrby", "hincrbyfloat"] {
        server.ask(&["ACL", "SETUSER", "app", &format!("-{right}")]);
        hits.inc(1);
        assert!(registry.transfer(PATIENCE).unwrap_err().is_configuration(), "{right}");
        server.ask(&["ACL", "SETUSER", "app", &format!("+{right}")]);
    }
    registry.transfer(PATIENCE).unwrap();
    assert_eq!(get(&server, "hits::").unwrap(), "7");
}

#[test]
fn a_full_server_is_waited_for() {
    let server = Server::start();
    let registry = registry(&server.url()).start().unwrap();
    let hits = registry.counter("hits", "").register().unwrap();
    hits.inc(1);
    server.ask(&["CONFIG", "SET", "maxmemory", "1"]);
    assert!(registry.transfer(Duration::from_millis(20)).is_err());
    server.ask(&["CONFIG", "SET", "maxmemory", "0"]);
    registry.transfer(PATIENCE).unwrap();
    assert_eq!(get(&server, "hits::").unwrap(), "1");
}

#[test]
fn settings_that_cannot_work_are_told_at_the_start() {
    for wrong in
        [registry("localhost"), CollectorRegistry::builder("redis://h", ""), registry("redis://h").every(AT_ONCE)]
    {
        assert!(wrong.start().unwrap_err().is_configuration());
    }
}

#[test]
fn the_end_waits_no_longer_than_it_may_for_a_redis_that_hangs() {
    let server = Server::start();
    let [dropped, shut_down] = [(); 2].map(|()| registry(&server.url()).start().unwrap());
    for registry in [&dropped, &shut_down] {
        registry.transfer(PATIENCE).unwrap();
        registry.counter("hits", "").register().unwrap().inc(1);
    }
    server.freeze();
    // Both return, or this never ends: connections of these wait for an answer for a minute.
    drop(dropped);
    assert!(shut_down.shutdown(Duration::from_millis(1)).unwrap_err().is_timeout());
    server.thaw();
}

#[test]
fn a_cluster_keeps_all_of_a_namespace_in_one_slot() {
    let cluster = Cluster::start(3, Append::No);
    let urls = cluster.urls();
    for namespace in ["shop", "orders", "{shop}:x"] {
        // From the wrong node, too.
        for url in &urls {
            let storage = RedisStorage::builder(url).connect_timeout(PATIENCE).response_timeout(PATIENCE).build();
            let registry = CollectorRegistry::on(&storage, namespace).start().unwrap();
            registry.counter("hits", "").register().unwrap().inc(1);
            registry.shutdown(PATIENCE).unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let page = runtime.block_on(Exposition::on(&storage, namespace).unwrap().page(Instant::now() + PATIENCE));
            assert!(
                page.unwrap()
                    .to_string()
                    .ends_with(&format!("hits {}\n", 1 + urls.iter().position(|one| one == url).unwrap()))
            );
        }
    }
}

#[test]
fn a_redis_that_dies_and_keeps_its_log_has_each_record_once() {
    let mut server = Server::build().append(Append::Always).start();
    let storage = RedisStorage::builder(&server.url()).connect_timeout(PATIENCE).response_timeout(PATIENCE).build();
    let registry = CollectorRegistry::on(&storage, NS).eager().start().unwrap();
    let hits = registry.counter("hits", "").register().unwrap();
    let took = registry.histogram("took", "").buckets([1]).register().unwrap();
    let ended = AtomicBool::new(false);
    let recorded = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut recorded = 0u64;
                    while !ended.load(Relaxed) {
                        hits.inc(1);
                        took.observe(2);
                        recorded += 1;
                        std::thread::yield_now();
                    }
                    recorded
                })
            })
            .collect();
        for round in 1..=3 {
            let before = get(&server, "hits::").map_or(0, |hits| hits.parse::<u64>().unwrap());
            until("it goes on", || (get(&server, "hits::")?.parse::<u64>().unwrap() > before).then_some(()));
            server.kill();
            assert!(server.try_ask(&["PING"]).is_err(), "round {round}");
            server.restart();
        }
        ended.store(true, Relaxed);
        writers.into_iter().map(|writer| writer.join().unwrap()).sum::<u64>()
    });
    registry.shutdown(PATIENCE).unwrap();
    let hash = hash(&server);
    let all = recorded.to_string();
    assert_eq!((&hash["hits::"], &hash["took:c:"], &hash["took:s:"]), (&all, &all, &(2 * recorded).to_string()));
}
