//! A real server of axum, and what its clients do to it.

use std::convert::Infallible;

use axum::body::Body;
use axum::extract::Path;
use axum::response::IntoResponse;
use axum::routing::{any, get, post};
use axum::{Router, middleware};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use meters_services_tests::{Client, Stage, in_time, serve};

#[tokio::test]
async fn requests_are_told_apart_by_template_method_and_status() {
    let stage = Stage::default();
    let inner = Router::new().route("/{item}", get(|Path((_, item)): Path<(String, String)>| async move { item }));
    let router = Router::new()
        .route("/users/{id}", get(|| async { "user" }).post(|| async { StatusCode::CREATED }))
        .route("/moved", get(|| async { (StatusCode::SEE_OTHER, [("location", "/")]) }))
        .route("/broken", get(|| async { (StatusCode::BAD_GATEWAY, "broken") }))
        .nest("/shop/{tenant}", inner)
        .fallback(|| async { (StatusCode::NOT_FOUND, "nothing here") })
        .layer(stage.layer());
    let mut client = Client::connect(serve(router).await).await;
    for path in ["/users/1", "/users/2", "/users/%F0%9F%90%88", "/moved", "/broken", "/shop/a/b", "/shop/c/d?e=f"] {
        client.ask("GET", path).await;
    }
    assert_eq!(client.ask("POST", "/users/3").await.0, 201);
    assert_eq!(client.ask("GET", "/users/3/secret").await, (404, Bytes::from("nothing here")));
    let seen = stage.seen();
    let requests = [
        "GET /broken: 1",
        "GET /moved: 1",
        "GET /shop/{tenant}/{item}: 2",
        "GET /users/{id}: 3",
        "GET _unmatched: 1",
        "POST /users/{id}: 1",
    ];
    assert_eq!(seen.series("Request"), requests);
    let answers = [
        "GET /broken 5xx: 1",
        "GET /moved 3xx: 1",
        "GET /shop/{tenant}/{item} 2xx: 2",
        "GET /users/{id} 2xx: 3",
        "GET _unmatched 4xx: 1",
        "POST /users/{id} 2xx: 1",
    ];
    assert_eq!(seen.series("Request.Answers"), answers);
    assert_eq!((seen.calls().ok(), seen.calls().errors, seen.in_flight()), (8, 1, 0.0));
    assert_eq!(seen.of("Request", &[("Route", "/broken")]).calls().errors, 1);
}

#[tokio::test]
async fn whatever_clients_send_makes_no_series() {
    let stage = Stage::default();
    let router = Router::new().route("/users/{id}", get(|| async { "user" })).layer(stage.layer());
    let mut client = Client::connect(serve(router).await).await;
    for number in 0..300 {
        client.ask("GET", &format!("/wp-admin/{number}")).await;
        let request = Request::builder()
            .method(&*format!("BREW{number}"))
            .uri(format!("/users/{number}"))
            .header("host", format!("h{number}.example"))
            .header("content-type", "application/grpc")
            .header("user-agent", format!("agent {number}"));
        let answer = client.send_request(request.body(Empty::new()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
        answer.into_body().collect().await.unwrap();
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"] {
        assert_eq!(client.ask(method, "/users/1").await.0, 405);
    }
    let seen = stage.seen();
    assert_eq!(seen.series("Request"), ["GET _unmatched: 300", "_other /users/{id}: 306"]);
    assert_eq!(seen.series("Request.Answers"), ["GET _unmatched 4xx: 300", "_other /users/{id} 4xx: 306"]);
}

#[tokio::test]
async fn more_routes_than_the_limit_are_one() {
    let stage = Stage::default();
    let router = (0..20).fold(Router::new(), |router, number| router.route(&format!("/r{number}"), any(|| async {})));
    let mut client = Client::connect(serve(router.layer(stage.layer().limit(3))).await).await;
    for number in (0..20).chain(0..20) {
        client.ask("GET", &format!("/r{number}")).await;
    }
    assert_eq!(stage.seen().series("Request"), ["GET /r0: 2", "GET /r1: 2", "GET /r2: 2", "GET _other: 34"]);
}

#[tokio::test]
async fn answers_without_a_body_end_with_their_headers() {
    let stage = Stage::default();
    let endless = || async { Body::from_stream(stream::repeat(Ok::<_, Infallible>(Bytes::from("more")))) };
    let router = Router::new()
        .route("/text", get(|| async { "text" }))
        .route("/endless", get(endless))
        .route("/empty", get(|| async { StatusCode::NO_CONTENT }))
        .route(
            "/same",
            get(|| async {
                (StatusCode::NOT_MODIFIED, Body::from_stream(stream::pending::<Result<Bytes, Infallible>>()))
            }),
        )
        .layer(stage.layer());
    let mut client = Client::connect(serve(router).await).await;
    assert_eq!(client.ask("HEAD", "/text").await, (200, Bytes::new()));
    assert_eq!(client.ask("HEAD", "/endless").await, (200, Bytes::new()));
    assert_eq!(client.ask("GET", "/empty").await.0, 204);
    assert_eq!(client.ask("GET", "/same").await.0, 304);
    let seen = stage.seen();
    assert_eq!(seen.series("Request"), ["GET /empty: 1", "GET /same: 1", "HEAD /endless: 1", "HEAD /text: 1"]);
    assert_eq!((seen.calls().ok(), seen.calls().cancelled, seen.in_flight()), (4, 0, 0.0));
}

#[tokio::test]
async fn a_body_that_fails_is_an_error_and_the_client_sees_it_fail() {
    let stage = Stage::default();
    let parts = || stream::iter([Ok(Bytes::from("first")), Err(std::io::Error::other("broken"))]);
    let router = Router::new().route("/", get(move || async move { Body::from_stream(parts()) })).layer(stage.layer());
    let mut client = Client::connect(serve(router).await).await;
    let answer = client.send("GET", "/").await;
    // The status may have left before the body failed; that it failed is never hidden.
    assert!(match answer {
        Ok(answer) => answer.into_body().collect().await.is_err(),
        Err(_) => true,
    });
    let seen = stage.once(|seen| seen.calls().count() == 1).await;
    assert_eq!((seen.calls().errors, seen.calls().cancelled, seen.in_flight()), (1, 0, 0.0));
    assert_eq!(seen.series("Request.Answers"), ["GET / 2xx: 1"]);
}

#[tokio::test]
async fn a_client_that_goes_away_within_a_body_cancels_its_request() {
    let stage = Stage::default();
    let endless = || async { Body::from_stream(stream::repeat(Ok::<_, Infallible>(Bytes::from(vec![b'x'; 1 << 16])))) };
    let router = Router::new().route("/endless", get(endless)).layer(stage.layer().time_to_first());
    let address = serve(router).await;
    let mut client = Client::connect(address).await;
    let mut answer = client.send("GET", "/endless").await.unwrap();
    for _ in 0..10 {
        in_time(answer.frame()).await.unwrap().unwrap();
    }
    let seen = stage.seen();
    assert_eq!((seen.calls().count(), seen.in_flight()), (0, 1.0));
    assert_eq!(seen.of("Request.TimeToFirst", &[("Route", "/endless")]).count(), 1);
    client.vanish().await;
    let seen = stage.once(|seen| seen.calls().count() == 1).await;
    assert_eq!((seen.calls().cancelled, seen.calls().errors, seen.in_flight()), (1, 0, 0.0));
    assert_eq!(seen.series("Request.Answers"), ["GET /endless 2xx: 1"]);
}

#[tokio::test]
async fn a_client_that_goes_away_before_the_answer_cancels_its_request() {
    let stage = Stage::default();
    let never = || async { std::future::pending::<()>().await };
    let router = Router::new().route("/never", get(never)).layer(stage.layer());
    let mut client = Client::connect(serve(router).await).await;
    let request = tokio::spawn(async move {
        tokio::select! {
            _ = client.send("GET", "/never") => unreachable!("nothing answers"),
            () = std::future::pending() => {}
        }
    });
    stage.once(|seen| seen.in_flight() == 1.0).await;
    request.abort();
    let seen = stage.once(|seen| seen.calls().count() == 1).await;
    assert_eq!((seen.calls().cancelled, seen.in_flight()), (1, 0.0));
    assert_eq!(seen.series("Request.Answers"), ["GET /never _none: 1"]);
}

#[tokio::test]
async fn panics_of_handlers_and_of_bodies_are_panics() {
    let stage = Stage::default();
    let body = || async {
        let first = stream::iter([Ok::<_, Infallible>(Bytes::from("first"))]);
        Body::from_stream(first.chain(stream::once(async { panic!("in the body") })))
    };
    let handler = || async {
        if true {
            panic!("in the handler")
        }
    };
    let router = Router::new().route("/handler", get(handler)).route("/body", get(body)).layer(stage.layer());
    let address = serve(router).await;
    for path in ["/handler", "/body"] {
        let mut client = Client::connect(address).await;
        if let Ok(answer) = client.send("GET", path).await {
            assert!(answer.into_body().collect().await.is_err(), "{path}");
        }
    }
    let seen = stage.once(|seen| seen.calls().count() == 2).await;
    assert_eq!((seen.calls().panics, seen.in_flight()), (2, 0.0));
    assert_eq!(seen.series("Request.Answers"), ["GET /body 2xx: 1", "GET /handler _none: 1"]);
}

#[tokio::test]
async fn many_requests_at_once_are_each_counted_once() {
    let stage = Stage::default();
    let echo = |body: Bytes| async move { body };
    let router = Router::new()
        .route("/plain/{number}", get(|Path(number): Path<u32>| async move { number.to_string() }))
        .route("/echo", post(echo))
        .layer(stage.layer());
    let address = serve(router).await;
    let clients: Vec<_> = (0..8)
        .map(|client| {
            tokio::spawn(async move {
                let mut connection = Client::connect(address).await;
                for number in 0..100 {
                    let (status, body) = connection.ask("GET", &format!("/plain/{}", client * 100 + number)).await;
                    assert_eq!((status, body), (200, Bytes::from((client * 100 + number).to_string())));
                }
                connection.ask("POST", "/echo").await;
            })
        })
        .collect();
    for client in clients {
        in_time(client).await.unwrap();
    }
    let seen = stage.seen();
    assert_eq!(seen.series("Request"), ["GET /plain/{number}: 800", "POST /echo: 8"]);
    assert_eq!((seen.calls().ok(), seen.in_flight()), (808, 0.0));
}

#[tokio::test]
async fn what_other_layers_of_the_router_answer_is_recorded_too() {
    let stage = Stage::default();
    let refuse = |_: axum::extract::Request, _: middleware::Next| async { StatusCode::UNAUTHORIZED.into_response() };
    let router = Router::new()
        .route("/private/{id}", get(|| async { "private" }))
        .layer(middleware::from_fn(refuse))
        .layer(stage.layer());
    let mut client = Client::connect(serve(router).await).await;
    assert_eq!(client.ask("GET", "/private/1").await.0, 401);
    assert_eq!(stage.seen().series("Request.Answers"), ["GET /private/{id} 4xx: 1"]);
}

#[tokio::test]
async fn what_a_handler_says_of_its_request_is_a_dimension_of_it() {
    let stage = Stage::default();
    let handler = |Path(tier): Path<String>| async move {
        tokio::task::yield_now().await;
        meters::dimension("Tier", &tier);
        let parts = stream::iter([Ok::<_, Infallible>(Bytes::from("a")), Ok(Bytes::from("b"))]);
        Body::from_stream(parts.inspect(|_| _ = meters::dimension("Body", "read")))
    };
    let router = Router::new().route("/{tier}", get(handler)).layer(stage.layer());
    let address = serve(router).await;
    let (mut one, mut other) = (Client::connect(address).await, Client::connect(address).await);
    let (gold, blue) = tokio::join!(one.ask("GET", "/gold"), other.ask("GET", "/blue"));
    assert_eq!((gold.1, blue.1), (Bytes::from("ab"), Bytes::from("ab")));
    let seen = stage.seen();
    assert_eq!(seen.series("Request"), ["read GET /{tier} blue: 1", "read GET /{tier} gold: 1"]);
    assert_eq!(seen.series("Request.Answers"), ["GET /{tier} 2xx: 2"]);
}
