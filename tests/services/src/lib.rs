//! Servers and clients on loopback, and what was recorded of their requests.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use meters::tower::MonitorLayer;
use meters::{Calls, Query, Registry, Snapshot};
use tokio::net::{TcpListener, TcpStream};
use tower::Service;

/// A registry of one's own, a layer that records there, and what it recorded.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Where the layer records.
    pub registry: Registry,
}

impl Default for Stage {
    fn default() -> Self {
        Self { registry: Registry::new() }
    }
}

impl Stage {
    /// A layer of this stage.
    pub fn layer(&self) -> MonitorLayer {
        MonitorLayer::new().registry(&self.registry)
    }

    /// What was recorded so far.
    pub fn seen(&self) -> Seen {
        Seen(self.registry.snapshot())
    }

    /// What was recorded once that is as wanted: a server learns of its client's end at a time of its own.
    ///
    /// # Panics
    /// Where it is not so after a minute.
    pub async fn once(&self, wanted: impl Fn(&Seen) -> bool) -> Seen {
        for _ in 0..60_000 {
            let seen = self.seen();
            if wanted(&seen) {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        panic!("it was not recorded in a minute:\n{}", self.seen().0);
    }
}

/// What was recorded.
#[derive(Debug)]
pub struct Seen(pub Snapshot);

impl Seen {
    /// Requests of this metric, `name{Key=value}` of them.
    pub fn of<'a>(&'a self, name: &'a str, dimensions: &[(&'a str, &'a str)]) -> Query<'a> {
        dimensions.iter().fold(self.0.metric(name), |query, (key, value)| query.with(key, value))
    }

    /// All requests.
    pub fn calls(&self) -> Calls {
        self.of("Request", &[]).calls()
    }

    /// Requests under way.
    pub fn in_flight(&self) -> f64 {
        self.0.metric("Request.InFlight").gauge().unwrap_or_default()
    }

    /// Each series of a metric and its number of calls, events or observations, in order.
    pub fn series(&self, name: &str) -> Vec<String> {
        let all = self.0.metric(name);
        let mut told: Vec<String> = all
            .series()
            .map(|(series, _)| {
                let one = series.dimensions().fold(self.0.metric(name), |query, (key, value)| query.with(key, value));
                let dimensions: Vec<&str> = series.dimensions().map(|(_, value)| value).collect();
                format!("{}: {}", dimensions.join(" "), one.count())
            })
            .collect();
        told.sort();
        told
    }
}

/// Serves a router of axum until the test ends.
pub async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Serves any service with hyper, by HTTP/1 and HTTP/2, until the test ends.
pub async fn serve_with_hyper<S, B>(service: S) -> SocketAddr
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: http_body::Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = TowerToHyperService::new(service.clone());
            tokio::spawn(async move {
                let builder = auto::Builder::new(TokioExecutor::new());
                _ = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).await;
            });
        }
    });
    address
}

/// One connection of a client, kept alive.
#[derive(Debug)]
pub struct Client {
    sender: http1::SendRequest<Empty<Bytes>>,
    connection: tokio::task::JoinHandle<()>,
}

impl Client {
    /// Connects.
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        let connection = tokio::spawn(async move { _ = connection.with_upgrades().await });
        Self { sender, connection }
    }

    /// Sends a request, and waits for the headers of its answer.
    ///
    /// # Errors
    /// Those of hyper.
    pub async fn send(&mut self, method: &str, path: &str) -> hyper::Result<Response<Incoming>> {
        self.send_request(
            Request::builder().method(method).uri(path).header("host", "test").body(Empty::new()).unwrap(),
        )
        .await
    }

    /// The same of a request of one's own.
    ///
    /// # Errors
    /// Those of hyper.
    pub async fn send_request(&mut self, request: Request<Empty<Bytes>>) -> hyper::Result<Response<Incoming>> {
        self.sender.ready().await?;
        self.sender.send_request(request).await
    }

    /// Sends a request, and reads its answer: the status and the bytes of the body.
    pub async fn ask(&mut self, method: &str, path: &str) -> (u16, Bytes) {
        let answer = self.send(method, path).await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.into_body().collect().await.unwrap().to_bytes())
    }

    /// Goes away at once, whatever is under way.
    pub async fn vanish(self) {
        self.connection.abort();
        _ = self.connection.await;
    }
}

/// The result, or the end of the test where nothing comes.
///
/// # Panics
/// After a minute.
pub async fn in_time<F: Future>(what: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(60), what).await.expect("it came to nothing in a minute")
}
