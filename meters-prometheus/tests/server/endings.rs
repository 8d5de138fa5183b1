//! How an endpoint begins and ends.

use std::sync::mpsc;

use meters_core::Registry;
use meters_prometheus::{Exposition, listener};

use crate::client::{connect, get, rest};

#[test]
fn an_address_that_cannot_be_had_is_an_error_that_says_what_to_do() {
    let endpoint = listener("127.0.0.1:0").serve(Exposition::new(), Registry::new()).unwrap();
    let taken = endpoint.local_addr().to_string();
    for (address, advice) in [
        (taken.as_str(), "something else listens there: stop it, choose another port, or 0 for any that is free"),
        ("192.0.2.1:9464", "this host has no such address"),
        ("nonsense", "an address and a port, such as 127.0.0.1:9464"),
        ("", "127.0.0.1:9464"),
        ("127.0.0.1:99999", "127.0.0.1:9464"),
    ] {
        let error = listener(address).serve(Exposition::new(), Registry::new()).unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains(advice), "{address}: {error}");
        assert!(error.to_string().contains(&format!("{address:?}")), "{error}");
    }
}

#[test]
fn one_that_is_dropped_hangs_up_and_gives_its_port_back() {
    let endpoint = listener("127.0.0.1:0").serve(Exposition::new(), Registry::new()).unwrap();
    let address = endpoint.local_addr();
    let mut idle = connect(address);
    assert_eq!(get(address, "/healthz").status, 200);
    drop(endpoint);
    assert_eq!(rest(&mut idle), [0; 0]);
    let again = listener(address.to_string()).serve(Exposition::new(), Registry::new()).unwrap();
    assert_eq!((again.local_addr(), get(address, "/healthz").status), (address, 200));
}

#[test]
fn a_source_that_hangs_holds_up_neither_others_nor_the_end() {
    let (go_on, wait) = mpsc::channel::<()>();
    let (entered, has_entered) = mpsc::channel();
    let wait = std::sync::Mutex::new(wait);
    let source = move || {
        _ = entered.send(());
        _ = wait.lock().unwrap().recv();
        Registry::new().snapshot()
    };
    let endpoint = listener("127.0.0.1:0").serve(Exposition::new(), source).unwrap();
    let address = endpoint.local_addr();
    let mut scraper = connect(address);
    std::io::Write::write_all(&mut scraper, b"GET /metrics HTTP/1.0\r\n\r\n").unwrap();
    has_entered.recv().unwrap();
    assert_eq!(get(address, "/healthz").status, 200);
    drop(endpoint);
    assert_eq!(rest(&mut scraper), [0; 0]);
    drop(go_on);
}

#[test]
fn its_thread_has_its_name() {
    let (tell, told) = mpsc::channel();
    let source = move || {
        _ = tell.send(std::thread::current().name().map(str::to_owned));
        Registry::new().snapshot()
    };
    let endpoint = listener("127.0.0.1:0").serve(Exposition::new(), source).unwrap();
    assert_eq!(get(endpoint.local_addr(), "/metrics").status, 200);
    assert_eq!(told.recv().unwrap().as_deref(), Some("meters-prometheus"));
}
