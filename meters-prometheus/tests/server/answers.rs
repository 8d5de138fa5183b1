//! What is answered to what.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use flate2::read::GzDecoder;
use meters_core::{Error, Registry, Snapshot};
use meters_prometheus::{Exposition, Format, Source, listener};

use crate::client::{answer, ask, connect, get};

fn registry() -> Registry {
    let registry = Registry::new();
    registry.set_limit(usize::MAX);
    (0..5_000).for_each(|nth: u32| registry.counter("orders").dimension("nth", nth).register().inc(u64::from(nth)));
    registry
}

#[test]
fn each_format_is_what_is_rendered() {
    let registry = registry();
    let exposition = std::sync::Arc::new(Exposition::new());
    let endpoint = listener("127.0.0.1:0").serve(exposition.clone(), registry.clone()).unwrap();
    for (accept, format) in [
        ("", Format::TEXT),
        ("application/openmetrics-text;version=1.0.0;q=0.9,text/plain;q=0.1", Format::OPEN_METRICS),
        (Format::PROTOBUF.content_type(), Format::PROTOBUF),
    ] {
        let mut wanted = Vec::new();
        exposition.write(&registry.snapshot(), format, &mut wanted).unwrap();
        let plain = ask(endpoint.local_addr(), "GET", "/metrics?debug=1", &[("Accept", accept)]);
        assert_eq!((plain.status, plain.header("content-type")), (200, Some(format.content_type())));
        assert_eq!(plain.header("content-encoding"), None);
        assert!(plain.body == wanted, "{accept}");
        let headers = [("Accept", accept), ("Accept-Encoding", "br, gzip")];
        let zipped = ask(endpoint.local_addr(), "GET", "/metrics", &headers);
        assert_eq!(zipped.header("content-encoding"), Some("gzip"));
        assert_eq!(zipped.header("vary"), Some("accept, accept-encoding"));
        assert!(zipped.body.len() * 3 < wanted.len());
        let mut unzipped = Vec::new();
        GzDecoder::new(zipped.body.as_slice()).read_to_end(&mut unzipped).unwrap();
        assert!(unzipped == wanted, "{accept}");
        let head = ask(endpoint.local_addr(), "HEAD", "/metrics", &[("Accept", accept)]);
        assert_eq!((head.status, head.header("content-type")), (200, Some(format.content_type())));
        assert_eq!((head.header("content-length"), head.body.len()), (None, 0));
    }
}

#[test]
fn everything_else_is_said_to_be_elsewhere() {
    let endpoint = listener("0").serve(Exposition::new(), Registry::new()).unwrap();
    let address = endpoint.local_addr();
    assert_eq!(address.ip(), std::net::Ipv4Addr::LOCALHOST);
    let health = get(address, "/healthz");
    assert_eq!((health.status, health.text()), (200, "ok\n"));
    assert_eq!(ask(address, "HEAD", "/healthz", &[]).status, 200);
    for path in ["/", "/metrics/", "/Metrics", "//metrics", "/metrics%00", "*"] {
        assert_eq!(get(address, path).status, 404, "{path}");
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "BREW"] {
        let answer = ask(address, method, "/metrics", &[]);
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")), "{method}");
    }
    // A page without a series is a page.
    let empty = get(address, "/metrics");
    assert_eq!((empty.status, empty.text()), (200, ""));
}

/// Panics, fails and works by turns.
struct Moody(AtomicUsize);

impl Source for Moody {
    fn snapshot(&self) -> Result<Snapshot, Error> {
        match self.0.fetch_add(1, SeqCst) % 3 {
            0 => panic!("a source that panics: this is part of the test"),
            1 => Err(Error::export("the shared storage is away")),
            _ => Ok(Registry::new().snapshot()),
        }
    }
}

#[test]
fn a_source_that_fails_or_panics_is_told_and_asked_again() {
    let endpoint = listener("127.0.0.1:0").serve(Exposition::new(), Moody(AtomicUsize::new(0))).unwrap();
    for _ in 0..3 {
        let panicked = get(endpoint.local_addr(), "/metrics");
        assert_eq!((panicked.status, panicked.text()), (500, "the source of metrics panicked\n"));
        let failed = get(endpoint.local_addr(), "/metrics");
        assert_eq!((failed.status, failed.text()), (503, "no metrics now: the shared storage is away\n"));
        assert_eq!(get(endpoint.local_addr(), "/metrics").status, 200);
        assert_eq!(get(endpoint.local_addr(), "/healthz").status, 200);
    }
}

/// As `printf … | nc -N` does.
#[test]
fn who_says_that_nothing_more_comes_is_answered() {
    let registry = Registry::new();
    registry.counter("orders").register().inc(3);
    let endpoint = listener("127.0.0.1:0").serve(Exposition::new(), registry).unwrap();
    for version in ["1.0", "1.1"] {
        let mut connection = connect(endpoint.local_addr());
        write!(connection, "GET /metrics HTTP/{version}\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        connection.shutdown(std::net::Shutdown::Write).unwrap();
        let answer = answer(&mut connection);
        assert!(answer.status == 200 && answer.text().contains("orders_total 3\n"), "{answer:?}");
    }
}
