//! A real server of hyper, by both versions of HTTP, without a router: what a layer knows by itself.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::body::Incoming;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use meters_services_tests::{Client, Stage, in_time, serve_with_hyper};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tower::{Layer, service_fn};

type Answer = Result<Response<BoxBody<Bytes, std::io::Error>>, Infallible>;

fn data(text: &'static str) -> Result<Frame<Bytes>, std::io::Error> {
    Ok(Frame::data(Bytes::from(text)))
}

async fn answer(request: Request<Incoming>) -> Answer {
    let response = Response::builder();
    let parts = |parts: Vec<_>| BodyExt::boxed(StreamBody::new(stream::iter(parts)));
    let fixed = |text: &'static str| Full::new(Bytes::from(text)).map_err(|never| match never {}).boxed();
    Ok(match request.uri().path() {
        "/full" => response.body(fixed("full")),
        "/parts" => response.body(parts(vec![data("some "), data("parts")])),
        // A server drops such a body with its last byte, and asks for no end.
        "/length" => response.header("content-length", 5).body(parts(vec![data("12"), data("345"), data("more")])),
        "/none" => response.header("content-length", 0).body(parts(vec![data("never sent")])),
        "/trailers" => {
            let trailers: HeaderMap = [("x-end".parse().unwrap(), "yes".parse().unwrap())].into_iter().collect();
            response.header("trailer", "x-end").body(parts(vec![data("text"), Ok(Frame::trailers(trailers))]))
        }
        "/upgrade" => {
            tokio::spawn(async move {
                let mut connection = TokioIo::new(hyper::upgrade::on(request).await.unwrap());
                let mut word = [0; 4];
                connection.read_exact(&mut word).await.unwrap();
                connection.write_all(&word).await.unwrap();
            });
            let response = response.status(StatusCode::SWITCHING_PROTOCOLS).header("upgrade", "echo");
            response.header("connection", "upgrade").body(fixed(""))
        }
        "/odd" => response.status(799).body(fixed("odd")),
        path if path.starts_with("/items/") => response.status(StatusCode::NOT_IMPLEMENTED).body(fixed("not yet")),
        _ => response.status(StatusCode::NOT_FOUND).body(fixed("")),
    }
    .unwrap())
}

#[tokio::test]
async fn bodies_end_where_the_server_asks_for_no_more() {
    let stage = Stage::default();
    let address = serve_with_hyper(stage.layer().layer(service_fn(answer))).await;
    let mut client = Client::connect(address).await;
    for (path, body) in [("/full", "full"), ("/parts", "some parts"), ("/trailers", "text"), ("/none", "")] {
        assert_eq!(client.ask("GET", path).await, (200, Bytes::from(body)), "{path}");
    }
    let mut client = Client::connect(address).await;
    assert_eq!(client.ask("GET", "/length").await, (200, Bytes::from("12345")));
    let seen = stage.seen();
    // Without a router there is no template, and a path is never one.
    assert_eq!(seen.series("Request"), ["GET _unmatched: 5"]);
    assert_eq!((seen.calls().ok(), seen.calls().cancelled, seen.in_flight()), (5, 0, 0.0));
}

#[tokio::test]
async fn an_upgrade_ends_with_its_headers_and_works() {
    let stage = Stage::default();
    let address = serve_with_hyper(stage.layer().layer(service_fn(answer))).await;
    let mut client = Client::connect(address).await;
    let request = Request::get("/upgrade").header("host", "test").header("connection", "upgrade");
    let request = request.header("upgrade", "echo").body(Empty::new()).unwrap();
    let answered = client.send_request(request).await.unwrap();
    assert_eq!(answered.status(), StatusCode::SWITCHING_PROTOCOLS);
    assert_eq!(stage.seen().series("Request.Answers"), ["GET _unmatched 1xx: 1"]);
    assert_eq!(stage.seen().in_flight(), 0.0);
    let mut connection = TokioIo::new(in_time(hyper::upgrade::on(answered)).await.unwrap());
    connection.write_all(b"echo").await.unwrap();
    let mut word = [0; 4];
    in_time(connection.read_exact(&mut word)).await.unwrap();
    assert_eq!((&word, stage.seen().calls().ok()), (b"echo", 1));
}

#[tokio::test]
async fn a_rule_names_the_route_and_another_the_errors() {
    let stage = Stage::default();
    let layer = stage
        .layer()
        .route(|request| match request.uri.path() {
            "/panic" => panic!("a rule must not end a request"),
            path => path.starts_with("/items/").then(|| "/items/{id}".into()),
        })
        .error_if(|answer| match answer.status().as_u16() {
            799 => panic!("nor must this one"),
            status => status == 404,
        });
    let mut client = Client::connect(serve_with_hyper(layer.layer(service_fn(answer))).await).await;
    for path in ["/items/1", "/items/2", "/full", "/missing", "/panic", "/odd"] {
        client.ask("GET", path).await;
    }
    let seen = stage.seen();
    assert_eq!(seen.series("Request"), ["GET _unmatched: 4", "_other /items/{id}: 2"]);
    // Two are 404; and what the rule does not say of 799, the status does.
    assert_eq!((seen.calls().errors, seen.of("Request", &[("Route", "/items/{id}")]).calls().errors), (3, 0));
    let unmatched = ["GET _unmatched 2xx: 1", "GET _unmatched 4xx: 2", "GET _unmatched _other: 1"];
    assert_eq!(seen.series("Request.Answers")[..3], unmatched);
}

#[tokio::test]
async fn of_one_connection_that_ends_each_request_is_told() {
    let stage = Stage::default();
    let service = service_fn(|request: Request<Incoming>| async move {
        let endless = stream::iter([data("first")]).chain(stream::pending());
        Ok::<_, Infallible>(Response::new(match request.uri().path() {
            "/endless" => BodyExt::boxed(StreamBody::new(endless)),
            _ => BodyExt::boxed(StreamBody::new(stream::iter([data("done")]))),
        }))
    });
    let address = serve_with_hyper(stage.layer().layer(service)).await;
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut client, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let mut open = Vec::new();
    for _ in 0..3 {
        let request = Request::get(format!("http://{address}/endless")).body(Empty::<Bytes>::new()).unwrap();
        open.push(in_time(client.send_request(request)).await.unwrap().into_body());
    }
    let request = Request::get(format!("http://{address}/short")).body(Empty::new()).unwrap();
    let short = in_time(client.send_request(request)).await.unwrap();
    assert_eq!(in_time(short.into_body().collect()).await.unwrap().to_bytes(), "done");
    let seen = stage.once(|seen| seen.calls().count() == 1).await;
    assert_eq!((seen.calls().ok(), seen.in_flight()), (1, 3.0));
    // One stream is reset, the others end with the connection.
    open.pop();
    let seen = stage.once(|seen| seen.calls().count() == 2).await;
    assert_eq!((seen.calls().cancelled, seen.in_flight()), (1, 2.0));
    connection.abort();
    drop((open, client));
    let seen = stage.once(|seen| seen.calls().count() == 4).await;
    assert_eq!((seen.calls().ok(), seen.calls().cancelled, seen.in_flight()), (1, 3, 0.0));
}
