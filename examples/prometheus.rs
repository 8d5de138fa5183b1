//! Prometheus scrapes what is recorded: here the program itself does, and prints the page.

#![allow(clippy::print_stdout)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use meters::prometheus::Exposition;
use meters::{Unit, monitored};

#[monitored(name = "checkout", dimensions(tier))]
fn checkout(tier: &str, items: u32) -> Result<u32, String> {
    if items == 0 { Err("nothing to pay".to_owned()) } else { Ok(items * 2) }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let meters = meters::namespace("Shop")
        .prometheus_listener("127.0.0.1:0") // 127.0.0.1:9464 in a program of your own
        .prometheus_pages(Exposition::builder().prefix("shop").label("env", "prod"))
        .without_cloudwatch()
        .start()?;
    let heap = meters::gauge("heap").unit(Unit::Kilobytes).description("Memory in use.").register();
    heap.set(1.5);
    for items in 0..5 {
        _ = checkout("gold", items);
    }
    // Nothing is served where the environment says METERS=off.
    if let Some(address) = meters.prometheus_address() {
        println!("http://{address}/metrics\n\n{}", scrape(address)?);
    }
    Ok(())
}

/// What Prometheus does every few seconds.
fn scrape(address: SocketAddr) -> std::io::Result<String> {
    let mut connection = TcpStream::connect(address)?;
    let accept = "application/openmetrics-text;version=1.0.0";
    write!(connection, "GET /metrics HTTP/1.0\r\nHost: {address}\r\nAccept: {accept}\r\n\r\n")?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    Ok(answer)
}
