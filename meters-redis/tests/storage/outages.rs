//! A server that is away.

use meters_redis_tests::{Proxy, Server};

use super::*;

#[tokio::test]
async fn a_server_that_is_away_at_start_is_met_later() {
    let mut server = Server::start();
    server.kill();
    let (mut writer, drain) = try_join(scaled(&server.url()), true).await.unwrap();
    let mut drain = drain.unwrap();
    assert!(
        logs::said()
            .lines()
            .any(|line| line.contains("wait for the Redis") && line.contains(&server.port().to_string()))
    );
    writer.take(&window(9, "a", 5));
    let pushed = writer.push(Instant::now() + SHORT).await;
    assert_eq!((pushed.pending, pushed.pushed), (1, 0));
    assert!(pushed.error.unwrap().to_string().contains("is a Redis running there"));
    assert!(drain.claim(Instant::now() + SHORT).await.unwrap_err().is_export());
    server.restart();
    // What does not fit is found out as soon as it can be.
    server.ask(&["SET", "m1:{Shop}:cfg", "something else"]);
    let error = writer.push(deadline()).await.error.unwrap();
    assert!(error.is_configuration() && error.to_string().contains("have something else"), "{error}");
    server.ask(&["DEL", "m1:{Shop}:cfg"]);
    assert_eq!(writer.push(deadline()).await.pushed, 1);
    drained(&mut *drain, 5).await;
}

/// A worker that lives for an instant has one push, and all its time for it.
#[tokio::test]
async fn a_server_that_comes_while_the_first_push_has_time_gets_it() {
    let mut server = Server::start();
    server.kill();
    let mut writer = writer(scaled(&server.url())).await;
    writer.take(&window(9, "a", 5));
    let nobody = tokio::net::TcpListener::bind(("127.0.0.1", server.port())).await.unwrap();
    let (pushed, ()) = tokio::join!(writer.push(deadline()), async {
        drop(nobody.accept().await.unwrap());
        drop(nobody);
        server.restart();
    });
    assert_eq!((pushed.pushed, pushed.pending), (1, 0), "{:?}", pushed.error);
}

/// Or who comes later learns no period, and may mean another.
#[tokio::test]
async fn what_all_mean_is_told_again_to_a_server_that_forgot_it() {
    let server = Server::start();
    let mut writer = writer(scaled(&server.url())).await;
    // Before its first push, and after.
    for ago in [9, 8] {
        server.ask(&["FLUSHALL"]);
        writer.take(&window(ago, "a", 5));
        let pushed = writer.push(deadline()).await;
        assert!(pushed.error.is_none(), "{:?}", pushed.error);
        let other = try_join(scaled(&server.url()).period(2 * PERIOD), false).await.err().unwrap();
        assert!(other.is_configuration() && other.to_string().contains("have namespace=Shop period=1000ms"), "{other}");
    }
    // And who means something else, and came in between, is not put up with.
    server.ask(&["FLUSHALL"]);
    server.ask(&["SET", "m1:{Shop}:cfg", "something else"]);
    writer.take(&window(7, "a", 5));
    let error = writer.push(deadline()).await.error.unwrap();
    assert!(error.is_configuration() && error.to_string().contains("have something else"), "{error}");
}

#[tokio::test]
async fn a_black_hole_holds_nobody_up() {
    let server = Server::start();
    let proxy = Proxy::before(server.port(), 1);
    let brief = |url: &str| scaled(url).connect_timeout(SHORT).response_timeout(SHORT);
    let mut feeder = writer(scaled(&server.url())).await;
    feeder.take(&window(9, "a", 1));
    feeder.push(deadline()).await;
    let (mut writer, drain) = try_join(brief(&proxy.url()), true).await.unwrap();
    let mut drain = drain.unwrap();
    let claim = claimed(&mut *drain).await;
    drain.plan(&claim, 1, 7).await.unwrap();
    proxy.black_hole(true);
    writer.take(&window(9, "a", 5));
    // Far from any deadline of their own: what hangs, hangs until the guard.
    let all = async {
        assert_eq!(writer.push(Instant::now() + SHORT).await.pending, 1);
        assert!(drain.begin(&claim, 0..1, SHORT).await.is_err());
        assert!(drain.end(&claim, 0..1, Fate::Done).await.is_err());
        _ = drain.claim(Instant::now() + SHORT).await;
        let joined = try_join(brief(&proxy.url()), true).await;
        assert!(joined.is_ok());
    };
    tokio::time::timeout(PATIENCE, all).await.unwrap();
    proxy.black_hole(false);
    // What was done is noted with the next step.
    assert_eq!(writer.push(deadline()).await.pending, 0);
    drop(claim);
    let claim = claimed_despite_errors(&mut *drain).await;
    assert_eq!(calls(&claim), 5);
}

async fn claimed_despite_errors(drain: &mut dyn Drain) -> Claim {
    let guard = deadline();
    loop {
        if let Ok(Some(claim)) = drain.claim(deadline()).await {
            return claim;
        }
        assert!(Instant::now() < guard);
        tokio::time::sleep_until(drain.next().into()).await;
    }
}
