//! What is recorded, on a page: served by a listener, and rendered for a server of one's own.
#![cfg(feature = "prometheus")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;

use meters::Registry;
use meters::prometheus::{Exposition, Format};

fn scrape(address: SocketAddr) -> String {
    let mut connection = TcpStream::connect(address).unwrap();
    connection.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer
}

/// Nothing is exported in a test that is not told to.
fn alone(test: &str) {
    let this = std::env::current_exe().unwrap();
    let output =
        Command::new(this).args(["--exact", test, "--ignored", "--nocapture"]).env("METERS", "on").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_listener_serves_what_is_recorded_until_the_guard_is_dropped() {
    alone("served");
}

#[test]
#[ignore = "run by the other one"]
fn served() {
    let registry = Registry::new();
    registry.counter("orders").dimension("Env", "dev").register().inc(3);
    let start = |address: &str, name: &str| {
        let builder = meters::namespace(name).registry(&registry).dimension("Env", "prod").dimension("App Name", "x");
        let pages = Exposition::builder().prefix("shop").label("zone", "eu");
        builder.without_cloudwatch().prometheus_listener(address).prometheus_pages(pages).start()
    };
    let meters = start("127.0.0.1:0", "Shop").unwrap();
    let address = meters.prometheus_address().unwrap();
    let wanted = "# TYPE shop_orders_total counter\n\
                  shop_orders_total{U__App_20_Name=\"x\",Env=\"prod\",zone=\"eu\",exported_Env=\"dev\"} 3\n";
    let answer = scrape(address);
    assert!(answer.starts_with("HTTP/1.0 200 OK\r\n") && answer.ends_with(&format!("\r\n\r\n{wanted}")), "{answer}");
    assert_eq!(meters::prometheus::render(), wanted);
    // An address that is taken is told, and does not stand in the way of another try.
    let error = start(&address.to_string(), "Other").unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("something else listens there"), "{error}");
    let other = start("127.0.0.1:0", "Other").unwrap();
    assert!(scrape(other.prometheus_address().unwrap()).ends_with(wanted));
    drop(meters);
    assert!(TcpStream::connect(address).is_err());
    assert!(scrape(other.prometheus_address().unwrap()).ends_with(wanted));
}

#[test]
fn mistakes_are_told_at_the_start_and_nothing_is_served_in_tests() {
    let registry = Registry::new();
    let start = |pages| {
        let builder = meters::namespace("Shop").registry(&registry).without_cloudwatch();
        builder.prometheus_listener("127.0.0.1:0").prometheus_pages(pages).start()
    };
    let error = start(Exposition::builder().prefix("9")).unwrap_err();
    assert!(error.is_invalid_input() && error.to_string().starts_with("invalid prefix"), "{error}");
    let meters = start(Exposition::builder()).unwrap();
    assert_eq!(meters.prometheus_address(), None);
    let mut page = meters::prometheus::page(Format::OPEN_METRICS.content_type());
    assert_eq!(page.format(), Format::OPEN_METRICS);
    let mut text = Vec::new();
    while page.fill(&mut text) {}
    assert_eq!(text, b"# EOF\n");
}
