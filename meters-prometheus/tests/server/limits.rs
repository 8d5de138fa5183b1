//! Who takes too long, or sends too much.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use meters_core::Registry;
use meters_prometheus::{Exposition, listener};

use crate::client::{ask, connect, get, rest};

const SHORT: Duration = Duration::from_millis(100);
const LONG: Duration = Duration::from_secs(600);

#[test]
fn who_does_not_finish_the_head_of_a_request_is_hung_up_on() {
    let listener = listener("127.0.0.1:0").header_timeout(SHORT).write_timeout(LONG);
    let endpoint = listener.serve(Exposition::new(), Registry::new()).unwrap();
    for sent in ["", "GET /metrics HTTP/1.1\r\nAccept: te"] {
        let mut connection = connect(endpoint.local_addr());
        connection.write_all(sent.as_bytes()).unwrap();
        let answer = rest(&mut connection);
        assert!(!answer.windows(4).any(|four| four == b" 200"), "{}", String::from_utf8_lossy(&answer));
    }
    // One that is kept open for the next request is no exception.
    let mut connection = connect(endpoint.local_addr());
    connection.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    assert!(rest(&mut connection).starts_with(b"HTTP/1.1 200 OK"));
}

#[test]
fn who_takes_nothing_is_hung_up_on_and_the_next_one_is_served() {
    let registry = Registry::new();
    registry.set_limit(usize::MAX);
    let long = "x".repeat(1_000);
    // More than the buffers of both ends hold.
    (0..40_000)
        .for_each(|nth: u32| registry.counter("orders").dimension("nth", nth).dimension("x", &*long).register().inc(1));
    let listener = listener("127.0.0.1:0").write_timeout(SHORT).max_connections(1);
    let endpoint = listener.serve(Exposition::new(), registry).unwrap();
    let mut lazy = connect(endpoint.local_addr());
    lazy.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").unwrap();
    // There is room for one: this is answered once the other one is gone.
    assert_eq!(get(endpoint.local_addr(), "/healthz").status, 200);
    let page = rest(&mut lazy);
    assert!(page.starts_with(b"HTTP/1.0 200 OK") && page.len() < 40_000_000, "{} bytes", page.len());
}

#[test]
fn heads_are_bounded() {
    let endpoint = listener("127.0.0.1:0").serve(Exposition::new(), Registry::new()).unwrap();
    let address = endpoint.local_addr();
    let names: Vec<_> = (0..70).map(|nth| format!("x-{nth}")).collect();
    let many: Vec<_> = names.iter().map(|name| (name.as_str(), "1")).collect();
    assert_eq!(ask(address, "GET", "/healthz", &many[..50]).status, 200);
    assert_eq!(ask(address, "GET", "/healthz", &many).status, 431);
    let mut connection = connect(address);
    // It may hang up before all of it is sent.
    _ = connection.write_all(format!("GET /healthz HTTP/1.0\r\nx: {}\r\n\r\n", "y".repeat(1 << 20)).as_bytes());
    let answer = rest(&mut connection);
    assert!(!answer.windows(4).any(|four| four == b" 200"), "{}", String::from_utf8_lossy(&answer));
    assert_eq!(get(address, "/healthz").status, 200);
}

#[test]
fn who_asks_and_leaves_makes_no_more_pages_than_there_is_room_for() {
    let (inside, most, gate) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(())));
    let (seen, wait, shut) = (Arc::clone(&most), Arc::clone(&gate), gate.lock().unwrap());
    let source = move || {
        seen.fetch_max(inside.fetch_add(1, SeqCst) + 1, SeqCst);
        drop(wait.lock());
        inside.fetch_sub(1, SeqCst);
        Registry::new().snapshot()
    };
    let endpoint = listener("127.0.0.1:0").serve(Exposition::new(), source).unwrap();
    let address = endpoint.local_addr();
    for _ in 0..20 {
        let mut hasty = connect(address);
        hasty.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").unwrap();
        // It is at work by now.
        assert_eq!(get(address, "/healthz").status, 200);
        drop(hasty);
        assert_eq!(get(address, "/healthz").status, 200);
    }
    drop(shut);
    assert_eq!(get(address, "/metrics").status, 200);
    assert!(most.load(SeqCst) <= 4, "{most:?}");
}
