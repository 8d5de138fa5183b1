//! What a user of tower relies on, without a network.

use std::convert::Infallible;
use std::future::{Pending, poll_fn, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::{Empty, Full, StreamBody};
use meters::Unit;
use meters::tower::{MonitorBody, MonitorFuture, MonitorLayer, MonitorService};
use meters_services_tests::Stage;
use tower::limit::ConcurrencyLimit;
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};

fn request() -> Request<()> {
    Request::new(())
}

#[test]
fn bounds_are_those_of_what_is_inside() {
    fn all<T: Clone + Send + Sync + Unpin + 'static>() {}
    fn future<T: Send + Sync + Unpin + 'static>() {}
    all::<MonitorLayer>();
    all::<MonitorService<fn()>>();
    future::<MonitorFuture<Pending<()>>>();
    future::<MonitorBody<Full<Bytes>>>();
    assert!(MonitorBody::<Full<Bytes>>::default().is_end_stream());
}

#[tokio::test]
async fn it_is_ready_when_the_service_inside_is() {
    let stage = Stage::default();
    let inner = service_fn(|_: Request<()>| std::future::pending::<Result<Response<Empty<Bytes>>, Infallible>>());
    let mut service = stage.layer().layer(ConcurrencyLimit::new(inner, 1));
    let context = &mut Context::from_waker(Waker::noop());
    assert!(Service::<Request<()>>::poll_ready(&mut service, context).is_ready());
    let first = service.call(request());
    assert!(Service::<Request<()>>::poll_ready(&mut service, context).is_pending());
    assert_eq!((stage.seen().calls().count(), stage.seen().in_flight()), (0, 1.0));
    // Never polled, it was a request all the same: it was taken, and given up.
    drop(first);
    assert!(Service::<Request<()>>::poll_ready(&mut service, context).is_ready());
    assert_eq!((stage.seen().calls().cancelled, stage.seen().in_flight()), (1, 0.0));
}

#[tokio::test]
async fn a_service_that_gives_no_answer_is_an_error() {
    let stage = Stage::default();
    let inner = service_fn(|_: Request<()>| ready(Err::<Response<Empty<Bytes>>, _>("no answer")));
    assert_eq!(stage.layer().layer(inner).oneshot(request()).await.unwrap_err(), "no answer");
    let seen = stage.seen();
    assert_eq!((seen.calls().errors, seen.series("Request.Answers")), (1, vec!["GET _unmatched _none: 1".to_owned()]));
}

#[tokio::test]
async fn a_timeout_around_it_cancels_and_one_inside_is_an_error() {
    let stage = Stage::default();
    let never = || service_fn(|_: Request<()>| std::future::pending::<Result<Response<Empty<Bytes>>, Infallible>>());
    let moment = Duration::from_millis(1);
    let outside = ServiceBuilder::new().timeout(moment).layer(stage.layer()).service(never());
    assert!(outside.oneshot(request()).await.is_err());
    assert_eq!((stage.seen().calls().cancelled, stage.seen().calls().errors), (1, 0));
    let inside = ServiceBuilder::new().layer(stage.layer()).timeout(moment).service(never());
    assert!(inside.oneshot(request()).await.is_err());
    assert_eq!((stage.seen().calls().cancelled, stage.seen().calls().errors), (1, 1));
}

#[test]
fn panics_are_recorded_at_once_and_passed_on() {
    let stage = Stage::default();
    let mut calling =
        stage.layer().layer(service_fn(|_: Request<()>| -> Pending<Result<Response<Empty<Bytes>>, Infallible>> {
            panic!("while it is called")
        }));
    assert!(catch_unwind(AssertUnwindSafe(|| drop(calling.call(request())))).is_err());
    assert_eq!((stage.seen().calls().panics, stage.seen().in_flight()), (1, 0.0));
    let mut polling = stage.layer().layer(service_fn(|_: Request<()>| {
        poll_fn(|_| -> Poll<Result<Response<Empty<Bytes>>, Infallible>> { panic!("while it is polled") })
    }));
    let mut future = polling.call(request());
    assert!(catch_unwind(AssertUnwindSafe(|| (&mut future).now_or_never())).is_err());
    // Whoever caught it may keep the future for long.
    assert_eq!((stage.seen().calls().panics, stage.seen().in_flight()), (2, 0.0));
    drop(future);
    assert_eq!(stage.seen().calls().count(), 2);
}

#[tokio::test]
async fn the_body_tells_what_the_one_inside_tells() {
    let stage = Stage::default();
    let inner = service_fn(|_: Request<()>| ready(Ok::<_, Infallible>(Response::new(Full::new(Bytes::from("12345"))))));
    let answer = stage.layer().layer(inner).oneshot(request()).await.unwrap();
    let mut body = answer.into_body();
    assert_eq!(
        (body.size_hint().exact(), body.is_end_stream(), body.get_ref().size_hint().exact()),
        (Some(5), false, Some(5))
    );
    assert_eq!(stage.seen().calls().count(), 0);
    let context = &mut Context::from_waker(Waker::noop());
    let frame = pin!(&mut body).poll_frame(context);
    assert!(matches!(frame, Poll::Ready(Some(Ok(frame))) if frame.data_ref() == Some(&Bytes::from("12345"))));
    // All of it was taken: dropped now, it is not cancelled.
    assert_eq!((body.is_end_stream(), stage.seen().calls().ok()), (true, 1));
    assert!(matches!(pin!(&mut body).poll_frame(context), Poll::Ready(None)));
    drop(body);
    assert_eq!(stage.seen().calls().count(), 1);
}

/// A body that shows its end between two questions, as one that is fed by a channel.
#[tokio::test]
async fn a_body_that_says_it_has_ended_has() {
    struct Fed(bool);
    impl Body for Fed {
        type Data = Bytes;
        type Error = Infallible;
        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            self.get_mut().0 = true;
            Poll::Pending
        }
        fn is_end_stream(&self) -> bool {
            self.0
        }
    }
    struct Ends(bool);
    impl Body for Ends {
        type Data = Bytes;
        type Error = Infallible;
        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            self.get_mut().0 = true;
            Poll::Ready(Some(Ok(Frame::data(Bytes::from("all")))))
        }
        fn is_end_stream(&self) -> bool {
            self.0
        }
    }
    let stage = Stage::default();
    let inner = service_fn(|_: Request<()>| ready(Ok::<_, Infallible>(Response::new(Ends(false)))));
    let mut body = stage.layer().layer(inner).oneshot(request()).await.unwrap().into_body();
    assert!(pin!(&mut body).poll_frame(&mut Context::from_waker(Waker::noop())).is_ready());
    // It ended with its last frame, though its length was not told, and nobody asked.
    assert_eq!(stage.seen().calls().ok(), 1);
    let stage = Stage::default();
    for (polled, asked) in [(false, false), (true, false), (true, true)] {
        let inner = service_fn(|_: Request<()>| ready(Ok::<_, Infallible>(Response::new(Fed(false)))));
        let mut body = stage.layer().layer(inner).oneshot(request()).await.unwrap().into_body();
        if polled {
            assert!(pin!(&mut body).poll_frame(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        if asked {
            assert!(body.is_end_stream());
        }
    }
    assert_eq!((stage.seen().calls().ok(), stage.seen().calls().cancelled), (1, 2));
}

#[tokio::test]
async fn what_the_layer_is_told_is_what_is_recorded() {
    let stage = Stage::default();
    let answer = |status: u16| {
        service_fn(move |_: Request<()>| {
            ready(Ok::<_, Infallible>(Response::builder().status(status).body(Empty::<Bytes>::new()).unwrap()))
        })
    };
    let layer = stage.layer().unit(Unit::Seconds).dimension("Service", "shop");
    let otel = layer
        .clone()
        .name("http_server_request_duration")
        .in_flight_name("http_server_active_requests")
        .dimension_names("http_route", "http_request_method", "http_response_status_class")
        .split_by_status();
    otel.layer(answer(503)).oneshot(request()).await.unwrap();
    layer.clone().name("Bare").without_method().without_status().layer(answer(200)).oneshot(request()).await.unwrap();
    layer
        .clone()
        .name("http_requests")
        .without_method()
        .time_to_first()
        .layer(answer(200))
        .oneshot(request())
        .await
        .unwrap();
    layer.name("Named").answers_name("Status").layer(answer(200)).oneshot(request()).await.unwrap();
    let mut told: Vec<String> =
        stage.seen().0.iter().map(|(series, _)| format!("{series} {}", series.unit())).collect();
    told.sort();
    let expected = [
        r#"Bare.InFlight{Service="shop"} Count"#,
        r#"Bare{Route="_unmatched",Service="shop"} Seconds"#,
        r#"Named.InFlight{Service="shop"} Count"#,
        r#"Named{Method="GET",Route="_unmatched",Service="shop"} Seconds"#,
        r#"Status{Method="GET",Route="_unmatched",Service="shop",Status="2xx"} Count"#,
        r#"http_requests_answers{Route="_unmatched",Service="shop",Status="2xx"} Count"#,
        r#"http_requests_in_flight{Service="shop"} Count"#,
        r#"http_requests_time_to_first{Route="_unmatched",Service="shop"} Seconds"#,
        r#"http_requests{Route="_unmatched",Service="shop"} Seconds"#,
        r#"http_server_active_requests{Service="shop"} Count"#,
        r#"http_server_request_duration{Service="shop",http_request_method="GET",http_response_status_class="5xx",http_route="_unmatched"} Seconds"#,
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn sums_over_routes_are_told_beside_them() {
    let stage = Stage::default();
    let mut reader = stage.registry.reader();
    let layer = stage.layer().rollup([]).rollup(["Route"]).route(|request| Some(request.uri.path().to_owned().into()));
    let inner = service_fn(|_: Request<()>| ready(Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))));
    for (method, path) in [("GET", "/a"), ("PUT", "/a"), ("GET", "/b")] {
        let request = Request::builder().method(method).uri(path).body(()).unwrap();
        layer.layer(inner).oneshot(request).await.unwrap();
    }
    let window = reader.window();
    let mut sums: Vec<String> = window
        .rolled_up()
        .iter()
        .filter(|(series, _)| series.name() == "Request")
        .map(|(series, value)| match value {
            meters::Value::Calls(calls) => format!("{series} {}", calls.count()),
            _ => unreachable!("requests are calls"),
        })
        .collect();
    sums.sort();
    assert_eq!(sums, [r#"Request 3"#, r#"Request{Route="/a"} 2"#, r#"Request{Route="/b"} 1"#]);
}

#[tokio::test]
async fn bodies_of_no_known_length_end_with_their_last_frame() {
    let stage = Stage::default();
    let frames = || {
        futures_util::stream::iter([
            Ok::<_, Infallible>(Frame::data(Bytes::from("one"))),
            Ok(Frame::data(Bytes::from("two"))),
        ])
    };
    let inner = service_fn(|_: Request<()>| ready(Ok::<_, Infallible>(Response::new(StreamBody::new(frames())))));
    for (taken, ok, cancelled) in [(1, 0, 1), (2, 0, 2), (3, 1, 2)] {
        let mut body = stage.layer().layer(inner).oneshot(request()).await.unwrap().into_body();
        for _ in 0..taken {
            assert!(pin!(&mut body).poll_frame(&mut Context::from_waker(Waker::noop())).is_ready());
        }
        drop(body);
        assert_eq!((stage.seen().calls().ok(), stage.seen().calls().cancelled), (ok, cancelled), "{taken} taken");
    }
}

#[tokio::test]
async fn answers_that_have_no_body_end_with_their_headers_whatever_it_says() {
    let stage = Stage::default();
    let inner = service_fn(|request: Request<u16>| {
        let endless = StreamBody::new(futures_util::stream::pending::<Result<Frame<Bytes>, Infallible>>());
        ready(Ok::<_, Infallible>(Response::builder().status(*request.body()).body(endless).unwrap()))
    });
    let rows = [
        ("GET", 101, 1),
        ("HEAD", 200, 2),
        ("GET", 204, 3),
        ("GET", 304, 4),
        ("CONNECT", 200, 5),
        // These have one, which nobody has read.
        ("CONNECT", 403, 5),
        ("GET", 205, 5),
        ("OPTIONS", 200, 5),
    ];
    for (method, status, ended) in rows {
        let request = Request::builder().method(method).body(status).unwrap();
        let answer = stage.layer().layer(inner).oneshot(request).await.unwrap();
        assert_eq!(stage.seen().calls().ok(), ended, "{method} {status}");
        drop(answer);
    }
    assert_eq!((stage.seen().calls().cancelled, stage.seen().in_flight()), (3, 0.0));
}

#[tokio::test]
async fn a_call_of_grpc_that_is_given_up_is_one_of_its_method_if_that_is_known() {
    let stage = Stage::default();
    let inner = service_fn(|request: Request<bool>| async move {
        if *request.body() {
            std::future::pending::<()>().await;
        }
        let answer = Response::builder().header("content-type", "application/grpc").header("grpc-status", "0");
        Ok::<_, Infallible>(answer.body(Empty::<Bytes>::new()).unwrap())
    });
    let layer = stage.layer();
    let call = |path: &str, hangs| {
        let request = Request::post(path).header("content-type", "application/grpc").body(hangs).unwrap();
        layer.layer(inner).oneshot(request)
    };
    let given_up = |path: &str| assert!(Box::pin(call(path, true)).now_or_never().is_none());
    given_up("/shop.Orders/Place");
    call("/shop.Orders/Place", false).await.unwrap();
    given_up("/shop.Orders/Place");
    given_up("/shop.Orders/Other");
    let expected = ["POST /shop.Orders/Place: 2", "POST _unmatched: 2"];
    assert_eq!(stage.seen().series("Request"), expected);
}
