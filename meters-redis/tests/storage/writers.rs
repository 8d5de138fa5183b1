//! What is pushed is stored once.

use meters_redis_tests::{Append, Faults, Proxy, Server};

use super::*;

#[tokio::test]
async fn processes_report_as_one() {
    let server = Server::start();
    let (mut one, reporter) = try_join(scaled(&server.url()), true).await.unwrap();
    let mut two = writer(scaled(&server.unix_url())).await;
    let mut drain = reporter.unwrap();
    one.take(&window(5, "cart", 3));
    two.take(&window(5, "cart", 4));
    two.take(&window(5, "login", 10));
    assert_eq!((one.pending(), two.pending()), (1, 2));
    let pushed = one.push(deadline()).await;
    assert!(pushed.error.is_none(), "{pushed:?}");
    assert_eq!((pushed.pushed, pushed.pending, pushed.lost, pushed.requests), (1, 0, 0, 1));
    assert!(pushed.bytes > 0);
    // One batch of two series, or two batches where a period ended in between.
    assert_eq!(two.push(deadline()).await.pushed, 2);
    assert_eq!(one.pending() + two.pending(), 0);
    drained(&mut *drain, 17).await;
    assert!(drain.claim(deadline()).await.unwrap().is_none());
    let left = redis_keys(&server);
    assert!(!left.iter().any(|key| [":o:", ":b:", ":c:"].iter().any(|kind| key.contains(kind))), "{left:?}");
}

fn redis_keys(server: &Server) -> Vec<String> {
    redis_values(server.ask(&["KEYS", "*"]))
}

fn redis_values(value: meters_redis_tests::Value) -> Vec<String> {
    let meters_redis_tests::Value::Array(values) = value else { panic!("{value:?}") };
    values
        .into_iter()
        .map(|value| match value {
            meters_redis_tests::Value::BulkString(bytes) => String::from_utf8(bytes).unwrap(),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[tokio::test]
async fn an_answer_that_is_lost_is_asked_for_again_and_counts_once() {
    let server = Server::start();
    let proxy = Proxy::before(server.port(), 1);
    let mut writer = writer(scaled(&proxy.url())).await;
    writer.take(&window(9, "a", 1));
    assert!(writer.push(deadline()).await.error.is_none());
    proxy.set(Faults { cut: 1.0, ..Faults::NONE });
    writer.take(&window(7, "a", 10));
    let pushed = writer.push(Instant::now() + SHORT).await;
    assert_eq!((pushed.pushed, pushed.pending), (0, 1));
    assert!(pushed.error.is_some());
    proxy.set(Faults::NONE);
    let pushed = writer.push(deadline()).await;
    assert_eq!((pushed.pushed, pushed.pending), (1, 0), "{pushed:?}");
    assert_eq!(writer.health().duplicates, 1);
    assert!(writer.health().connections >= 2);
    drained(&mut *drain(scaled(&server.url())).await, 11).await;
}

#[tokio::test]
async fn what_a_server_forgot_is_pushed_again() {
    let mut server = Server::build().append(Append::Always).start();
    let mut writer = writer(scaled(&server.url())).await;
    writer.take(&window(9, "a", 1));
    writer.push(deadline()).await;
    let kept = server.appended();
    writer.take(&window(7, "a", 10));
    assert_eq!(writer.push(deadline()).await.pending, 0);
    server.lose_power(kept);
    server.restart();
    writer.take(&window(5, "a", 100));
    let pushed = writer.push(deadline()).await;
    assert_eq!((pushed.pushed, pushed.pending, pushed.lost), (1, 0, 0), "{pushed:?}");
    assert_eq!((writer.health().gaps, writer.health().replayed), (1, 1));
    drained(&mut *drain(scaled(&server.url())).await, 111).await;
}

#[tokio::test]
async fn a_push_that_nobody_waits_for_any_more_loses_nothing() {
    let server = Server::start();
    let mut writer = writer(scaled(&server.url())).await;
    server.freeze();
    writer.take(&window(9, "a", 1));
    tokio::time::timeout(SHORT, writer.push(deadline())).await.unwrap_err();
    assert_eq!(writer.pending(), 1);
    writer.take(&window(7, "a", 10));
    server.thaw();
    let pushed = writer.push(deadline()).await;
    assert_eq!((pushed.pushed, pushed.pending), (2, 0), "{pushed:?}");
    drained(&mut *drain(scaled(&server.url())).await, 11).await;
}

#[tokio::test]
async fn those_who_mean_something_else_are_told_at_start() {
    let server = Server::start();
    writer(scaled(&server.url())).await;
    let error = try_join(scaled(&server.url()).period(PERIOD * 2), false).await.unwrap_err();
    assert!(error.is_configuration());
    let message = error.to_string();
    assert!(message.contains("have namespace=Shop period=1000ms shards=1, and this one"), "{message}");
    assert!(message.contains("DEL m1:{Shop}:cfg"), "{message}");
    let error = try_join(scaled(&server.url()).shards(2), false).await.unwrap_err();
    assert!(error.to_string().contains("shards=2"), "{error}");
    // Another application is another matter.
    writer(scaled(&server.url()).period(PERIOD * 2).application("other")).await;
}

#[tokio::test]
async fn settings_that_cannot_work_are_errors_at_start() {
    for (storage, wanted) in [
        (scaled("nonsense"), "the URL of the Redis cannot be used"),
        (scaled("redis://127.0.0.1:1").shards(0), "shards(0)"),
        (scaled("rediss://127.0.0.1:1").ca_certificate("x"), "ca_certificate: no PEM certificate"),
        (scaled("redis://127.0.0.1:1").ca_certificate("x"), "write rediss://"),
    ] {
        let error = try_join(storage, true).await.unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains(wanted), "{error}");
    }
}
