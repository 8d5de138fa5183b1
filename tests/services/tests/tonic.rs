//! A real server of tonic and a real client, and clients that send what no client of tonic would.

use std::net::SocketAddr;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use meters::tower::MonitorLayer;
use meters_services_tests::{Stage, in_time};
use tokio::net::{TcpListener, TcpStream};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Channel, Server};
use tonic::{Code, Status};
use tonic_health::ServingStatus;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::health_server::HealthServer;

const CHECK: &str = "/grpc.health.v1.Health/Check";
const WATCH: &str = "/grpc.health.v1.Health/Watch";

async fn serve(layer: MonitorLayer, refuse: bool) -> SocketAddr {
    let (reporter, _) = tonic_health::server::health_reporter();
    reporter.set_service_status("shop", ServingStatus::Serving).await;
    let health = tonic_health::server::HealthService::from_health_reporter(reporter);
    let admit = move |request| if refuse { Err(Status::unauthenticated("who are you?")) } else { Ok(request) };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = tonic::service::interceptor::InterceptedService::new(HealthServer::new(health), admit);
    let server = Server::builder().layer(layer).add_service(service);
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    address
}

async fn client(address: SocketAddr) -> HealthClient<Channel> {
    let channel = tonic::transport::Endpoint::from_shared(format!("http://{address}")).unwrap();
    HealthClient::new(channel.connect().await.unwrap())
}

fn of(service: &str) -> HealthCheckRequest {
    HealthCheckRequest { service: service.to_owned() }
}

#[tokio::test]
async fn calls_are_told_apart_by_method_and_code() {
    let stage = Stage::default();
    let mut client = client(serve(stage.layer(), false).await).await;
    for _ in 0..3 {
        client.check(of("shop")).await.unwrap();
    }
    assert_eq!(client.check(of("nobody")).await.unwrap_err().code(), Code::NotFound);
    let seen = stage.once(|seen| seen.calls().count() == 4).await;
    let answers = [format!("POST {CHECK} NOT_FOUND: 1"), format!("POST {CHECK} OK: 3")];
    assert_eq!(seen.series("Request.Answers"), answers);
    assert_eq!(seen.series("Request"), [format!("POST {CHECK}: 4")]);
    // Whose fault it is, the code says: NOT_FOUND is no error of a server.
    assert_eq!((seen.calls().ok(), seen.in_flight()), (4, 0.0));
}

#[tokio::test]
async fn a_stream_lasts_until_it_ends_or_its_client_goes_away() {
    let stage = Stage::default();
    let mut client = client(serve(stage.layer(), false).await).await;
    let mut watched = client.watch(of("shop")).await.unwrap().into_inner();
    in_time(watched.message()).await.unwrap().unwrap();
    assert_eq!((stage.seen().calls().count(), stage.seen().in_flight()), (0, 1.0));
    drop(watched);
    let seen = stage.once(|seen| seen.calls().count() == 1).await;
    assert_eq!((seen.calls().cancelled, seen.in_flight()), (1, 0.0));
    assert_eq!(seen.series("Request.Answers"), [format!("POST {WATCH} _none: 1")]);
}

#[tokio::test]
async fn paths_without_a_method_make_no_series() {
    let stage = Stage::default();
    let address = serve(stage.layer(), false).await;
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    for number in 0..100 {
        for path in
            [format!("/shop.Orders{number}/Place"), format!("/grpc.health.v1.Health/M{number}"), format!("/{number}")]
        {
            let request = Request::post(format!("http://{address}{path}")).header("content-type", "application/grpc");
            let request = request.body(Full::new(Bytes::new())).unwrap();
            let answer = in_time(sender.send_request(request)).await.unwrap();
            assert_eq!(answer.headers()["grpc-status"], "12", "{path}");
            answer.into_body().collect().await.unwrap();
        }
    }
    let seen = stage.once(|seen| seen.calls().count() == 300).await;
    assert_eq!(seen.series("Request.Answers"), ["POST _unmatched UNIMPLEMENTED: 300"]);
}

#[tokio::test]
async fn who_is_refused_makes_no_series_but_of_methods_that_are_known() {
    let stage = Stage::default();
    let layer = stage.layer();
    let mut refused = client(serve(layer.clone(), true).await).await;
    assert_eq!(refused.check(of("shop")).await.unwrap_err().code(), Code::Unauthenticated);
    stage.once(|seen| seen.calls().count() == 1).await;
    // Once it has answered anybody, it is known.
    client(serve(layer, false).await).await.check(of("shop")).await.unwrap();
    stage.once(|seen| seen.calls().count() == 2).await;
    assert_eq!(refused.check(of("shop")).await.unwrap_err().code(), Code::Unauthenticated);
    let seen = stage.once(|seen| seen.calls().count() == 3).await;
    let answers = [
        format!("POST {CHECK} OK: 1"),
        format!("POST {CHECK} UNAUTHENTICATED: 1"),
        "POST _unmatched UNAUTHENTICATED: 1".to_owned(),
    ];
    assert_eq!(seen.series("Request.Answers"), answers);
}
