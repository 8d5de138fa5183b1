//! Servers that are away, that do not answer, and that come back.

use meters_redis_tests::{Proxy, Server};

use super::*;

fn hurried(url: &str) -> Connection {
    let mut way = way(url, Role::Writer);
    way.limits = Limits { connect: SHORT, response: SHORT, pause: LONGEST };
    Connection::new(way)
}

#[tokio::test]
async fn a_server_that_is_away_is_met_again() {
    let mut server = Server::start();
    let mut connection = to(&server.url());
    server.kill();
    let failure = connection.call(&echo("a"), deadline()).await.unwrap_err();
    assert_eq!(failure.doubt, Doubt::Retry);
    assert!(failure.error.to_string().contains("is a Redis running there"), "{failure:?}");
    server.restart();
    assert_eq!(eventually(&mut connection, &echo("a")).await, text("a"));
    server.restart();
    // That the old connection is closed is noticed before the call is sent.
    while !connection.link.as_mut().unwrap().is_closed() {
        tokio::task::yield_now().await;
    }
    connection.call(&echo("b"), deadline()).await.unwrap();
}

#[tokio::test]
async fn who_does_not_answer_is_not_waited_for() {
    let server = Server::start();
    let proxy = Proxy::before(server.port(), 1);
    let mut connection = hurried(&proxy.url());
    eventually(&mut connection, &echo("a")).await;
    proxy.black_hole(true);
    // The deadline is far away, the limit of an answer is not: what hangs, hangs until the guard.
    let far = Instant::now() + 10 * PATIENCE;
    let failure = tokio::time::timeout(PATIENCE, connection.call(&echo("b"), far)).await.unwrap().unwrap_err();
    assert_eq!(failure.doubt, Doubt::Unknown);
    assert!(failure.error.is_timeout(), "{failure:?}");
    // No new connection either, and that leaves nothing in doubt.
    let failure = tokio::time::timeout(PATIENCE, connection.call(&echo("c"), far)).await.unwrap().unwrap_err();
    assert_eq!(failure.doubt, Doubt::Retry);
    assert!(failure.error.is_timeout(), "{failure:?}");
    proxy.black_hole(false);
    assert_eq!(eventually(&mut connection, &echo("d")).await, text("d"));
}

#[tokio::test]
async fn a_deadline_ends_everything() {
    let server = Server::start();
    let proxy = Proxy::before(server.port(), 1);
    let mut way = way(&proxy.url(), Role::Writer);
    // Far beyond the guard.
    way.limits = Limits { connect: 10 * PATIENCE, response: 10 * PATIENCE, pause: LONGEST };
    let mut connection = Connection::new(way);
    proxy.black_hole(true);
    let call = echo("a");
    let brief = connection.call(&call, Instant::now() + SHORT);
    let failure = tokio::time::timeout(PATIENCE, brief).await.unwrap().unwrap_err();
    assert_eq!(failure.doubt, Doubt::Retry);
    proxy.black_hole(false);
    eventually(&mut connection, &call).await;
    server.freeze();
    let brief = connection.call(&call, Instant::now() + SHORT);
    let failure = tokio::time::timeout(PATIENCE, brief).await.unwrap().unwrap_err();
    assert_eq!(failure.doubt, Doubt::Unknown);
    server.thaw();
}

#[tokio::test]
async fn an_answer_that_came_too_late_is_nobody_elses() {
    let server = Server::start();
    let mut connection = hurried(&server.url());
    eventually(&mut connection, &echo("before")).await;
    server.freeze();
    connection.call(&echo("late"), deadline()).await.unwrap_err();
    // Dropped by its caller, who tells nobody.
    _ = tokio::time::timeout(SHORT / 3, connection.call(&echo("dropped"), deadline())).await;
    server.thaw();
    assert_eq!(eventually(&mut connection, &echo("after")).await, text("after"));
}

#[tokio::test]
async fn a_call_that_is_dropped_takes_its_connection_with_it() {
    let server = Server::start();
    let mut connection = to(&server.url());
    connection.call(&echo("before"), deadline()).await.unwrap();
    server.freeze();
    tokio::time::timeout(SHORT, connection.call(&echo("dropped"), deadline())).await.unwrap_err();
    server.thaw();
    assert_eq!(connection.call(&echo("after"), deadline()).await.unwrap(), text("after"));
    assert_eq!(connection.opened(), 2);
}

#[tokio::test]
async fn the_parents_connection_is_left_alone() {
    let server = Server::start();
    let mut connection = to(&server.url());
    connection.call(&echo("parent"), deadline()).await.unwrap();
    connection.link.as_mut().unwrap().pretend_inherited();
    connection.call(&echo("child"), deadline()).await.unwrap();
    assert_eq!(connection.opened(), 2);
    let clients = server.text(&["CLIENT", "LIST"]).matches("name=meters-drain").count();
    assert_eq!(clients, 2, "the parent's is still open");
}
