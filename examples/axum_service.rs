//! A service of axum under load over real sockets: what the clients counted is what CloudWatch is told, and what
//! Prometheus finds, to the last request.
//!
//! `cargo run --example axum_service`, with the layer `MonitorLayer` as the only line about metrics in the service.
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::{Request, StatusCode};
use axum::routing::{get, post};
use axum::{Router, serve};
use futures_util::stream;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use meters::tower::MonitorLayer;
use meters_local::Server;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// How long there is load, unless `METERS_EXAMPLE_SECONDS` says otherwise.
const SECONDS: f64 = 4.0;
const CLIENTS: u32 = 8;

fn service() -> Router {
    Router::new()
        .route("/users/{id}", get(user))
        .route("/orders", post(order))
        .route("/events", get(events))
        .layer(MonitorLayer::new().name("http_request").dimension("Service", "shop").time_to_first())
}

async fn user(Path(id): Path<u32>) -> Result<String, StatusCode> {
    tokio::time::sleep(Duration::from_millis(u64::from(id % 3))).await;
    if id.is_multiple_of(50) { Err(StatusCode::NOT_FOUND) } else { Ok(format!("user {id}")) }
}

async fn order() -> Result<StatusCode, StatusCode> {
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    if number % 20 == 19 { Err(StatusCode::SERVICE_UNAVAILABLE) } else { Ok(StatusCode::CREATED) }
}

/// Goes on for as long as somebody listens.
async fn events() -> Body {
    Body::from_stream(stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        Some((Ok::<_, Infallible>(Bytes::from("event\n")), ()))
    }))
}

/// What clients were answered: requests by status, and those that they gave up while the answer still came.
#[derive(Default)]
struct Count {
    statuses: BTreeMap<u16, u64>,
    given_up: u64,
}

impl Count {
    fn requests(&self) -> u64 {
        self.statuses.values().sum()
    }

    /// Of one class: `2xx`.
    fn class(&self, class: &str) -> u64 {
        let hundreds = |status: u16| format!("{}xx", status / 100);
        self.statuses.iter().filter(|(status, _)| hundreds(**status) == class).map(|(_, count)| count).sum()
    }
}

/// One client after another on this task, until it is time to close.
async fn client(
    address: SocketAddr,
    number: u32,
    closing: Instant,
) -> Result<Count, Box<dyn std::error::Error + Send + Sync>> {
    let (mut count, mut random) = (Count::default(), fastrand::Rng::with_seed(number.into()));
    while Instant::now() < closing {
        let (mut sender, connection) = http1::handshake(TokioIo::new(TcpStream::connect(address).await?)).await?;
        let connection = tokio::spawn(connection);
        // Some requests by each connection; the last of them may be one that is given up.
        for _ in 0..random.u32(1..40) {
            let (method, path) = match random.u32(0..10) {
                0..6 => ("GET", format!("/users/{}", random.u32(..))),
                6..9 => ("POST", "/orders".to_owned()),
                // Whatever strangers look for is one series.
                _ => ("GET", format!("/{}.php", random.u32(..))),
            };
            let request =
                Request::builder().method(method).uri(path).header("host", "shop").body(Empty::<Bytes>::new())?;
            let answer = sender.send_request(request).await?;
            *count.statuses.entry(answer.status().as_u16()).or_default() += 1;
            answer.into_body().collect().await?;
        }
        if random.u32(0..4) == 0 {
            let request = Request::get("/events").header("host", "shop").body(Empty::new())?;
            let mut answer = sender.send_request(request).await?;
            *count.statuses.entry(answer.status().as_u16()).or_default() += 1;
            for _ in 0..3 {
                answer.frame().await.ok_or("the events have ended")??;
            }
            count.given_up += 1;
        }
        connection.abort();
    }
    Ok(count)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let local = meters_local::start();
    let meters = meters::namespace("Shop")
        .interval("500ms")
        .region("us-east-1")
        .endpoint_url(local.endpoint_url())
        .credentials("local", "local")
        .start()?;

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (close, closed) = oneshot::channel::<()>();
    let server = serve(listener, service()).with_graceful_shutdown(async { _ = closed.await });
    let server = tokio::spawn(async { server.await });

    let seconds = std::env::var("METERS_EXAMPLE_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(SECONDS);
    let closing = Instant::now() + Duration::from_secs_f64(seconds);
    let clients: Vec<_> = (0..CLIENTS).map(|number| tokio::spawn(client(address, number, closing))).collect();
    let mut count = Count::default();
    for client in clients {
        let one = client.await??;
        one.statuses.into_iter().for_each(|(status, requests)| *count.statuses.entry(status).or_default() += requests);
        count.given_up += one.given_up;
    }
    // The last connections end, also those whose clients went away: all of it is recorded.
    _ = close.send(());
    server.await??;
    print!("recorded:\n{}\n", meters::snapshot());
    println!("{}\n", meters.shutdown_async(Duration::from_secs(5)).await);
    compare(&count, &local);
    Ok(())
}

/// The same numbers, by each who counted.
fn compare(count: &Count, local: &Server) {
    let seen = meters::snapshot();
    // What a `/metrics` of the service's own would show; a listener does it by itself.
    let page = Page(meters_prometheus::Exposition::new().text(&seen));
    let sum = |metric: &str| local.metric(metric).sum().unwrap_or_default();
    let status = |class: &str| local.metric("http_request_answers").with("Status", class).sum().unwrap_or_default();
    println!("{:<12}{:>10}{:>12}{:>12}{:>12}", "", "clients", "recorded", "CloudWatch", "Prometheus");
    let row = |what: &str, clients: u64, recorded: u64, cloudwatch: f64, prometheus: f64| {
        println!("{what:<12}{clients:>10}{recorded:>12}{cloudwatch:>12}{prometheus:>12}");
        assert_eq!((clients, [clients as f64; 2]), (recorded, [cloudwatch, prometheus]), "{what}");
    };
    let calls = seen.metric("http_request").calls();
    row(
        "requests",
        count.requests(),
        calls.count(),
        local.metric("http_request").sample_count(),
        page.sum("http_request_seconds_count", ""),
    );
    for class in ["2xx", "4xx", "5xx"] {
        let recorded = seen.metric("http_request_answers").with("Status", class).count();
        row(
            class,
            count.class(class),
            recorded,
            status(class),
            page.sum("http_request_answers_total", &format!("Status=\"{class}\"")),
        );
    }
    row(
        "errors",
        count.class("5xx"),
        calls.errors,
        sum("http_request.Errors"),
        page.sum("http_request_errors_total", ""),
    );
    row(
        "given up",
        count.given_up,
        calls.cancelled,
        sum("http_request.Cancelled"),
        page.sum("http_request_cancelled_total", ""),
    );
    let users = local.metric("http_request").with("Route", "/users/{id}");
    let percentile = |p| users.percentile(p).unwrap_or_default() / 1e3;
    println!("\n/users/{{id}}: p50 {:.1} ms, p99 {:.1} ms", percentile(50.0), percentile(99.0));
}

/// A page for Prometheus.
struct Page(String);

impl Page {
    /// The sum of all samples of this name that have this label.
    fn sum(&self, name: &str, label: &str) -> f64 {
        let of = |line: &str| {
            line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']) && rest.contains(label))
        };
        let value = |line: &str| line.rsplit_once(' ').and_then(|(_, value)| value.parse::<f64>().ok());
        self.0.lines().filter(|line| of(line)).filter_map(value).sum()
    }
}
