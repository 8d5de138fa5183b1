//! A network that loses answers, and a Redis that refuses.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use meters_redis_tests::{Faults, Proxy};

use super::*;

fn hasty(url: &str) -> Meters {
    let storage = RedisStorage::builder(url).claim_time(PATIENCE * 60);
    Meters::on(&storage.build()).unwrap()
}

#[tokio::test]
async fn nothing_is_added_or_taken_twice_where_answers_are_lost() {
    let server = Server::start();
    let proxy = Proxy::before(server.port(), 7);
    proxy.set(Faults {
        cut: 0.15,
        half: 0.1,
        delay: 0.05,
        delayed: Duration::from_millis(1)..Duration::from_millis(20),
    });
    let meters = hasty(&proxy.url());
    let (mut marked, mut reported) = (0, 0);
    for round in 1..=18 {
        meters.mark("e", &[("k", "v")], round);
        marked += round;
        // What does not arrive in time waits.
        _ = meters.push(deadline()).await;
        if round % 3 == 0
            && let Ok(Some(drained)) = meters.drain(deadline()).await
        {
            assert!(!drained.again, "round {round}");
            reported += events(&drained)["e"];
            assert!(meters.acknowledge(drained, deadline()).await.unwrap());
        }
    }
    proxy.set(Faults::NONE);
    meters.push(deadline()).await.unwrap();
    if let Some(drained) = meters.drain(deadline()).await.unwrap() {
        reported += events(&drained)["e"];
    }
    assert_eq!(reported, marked);
    let happened = proxy.happened();
    assert!(happened.cut.load(Relaxed) > 2 && happened.half.load(Relaxed) > 2);
}

#[tokio::test]
async fn what_is_marked_while_the_redis_is_away_waits() {
    let mut server = Server::start();
    let meters = hasty(&server.url());
    server.kill();
    meters.mark("e", &[], 3);
    assert!(meters.push(Instant::now()).await.is_err());
    assert!(meters.drain(Instant::now()).await.is_err());
    meters.mark("e", &[], 4);
    server.restart();
    meters.push(deadline()).await.unwrap();
    assert_eq!(events(&drained(&meters).await), of([("e", 7)]));
}

#[tokio::test]
async fn a_key_of_another_type_is_told_and_costs_nothing() {
    let server = Server::start();
    let meters = meters(&server.url());
    server.ask(&["SET", COUNTS, "x"]);
    meters.mark("e", &[], 3);
    for error in [meters.push(deadline()).await.unwrap_err(), meters.drain(deadline()).await.unwrap_err()] {
        assert!(error.is_configuration() && error.to_string().contains(COUNTS), "{error}");
    }
    server.ask(&["DEL", COUNTS]);
    meters.push(deadline()).await.unwrap();
    assert_eq!(events(&drained(&meters).await), of([("e", 3)]));
}

#[tokio::test]
async fn a_field_that_holds_no_number_spoils_no_other() {
    let server = Server::start();
    let meters = meters(&server.url());
    server.ask(&["HSET", COUNTS, r#"["a", []]"#, "1.5", r#"["b", []]"#, &i64::MAX.to_string()]);
    for name in ["a", "b", "c"] {
        meters.mark(name, &[], 2);
    }
    meters.push(deadline()).await.unwrap();
    let drained = drained(&meters).await;
    assert_eq!(events(&drained), of([("b", i64::MAX as u64), ("c", 2)]));
    assert_eq!(drained.refused, [(r#"["a", []]"#.to_owned(), "1.5".to_owned())]);
}

#[tokio::test]
async fn the_rights_in_the_message_suffice() {
    let server = Server::build().user("app on >canary -@all +hello").start();
    let meters = meters(&server.url_as("app", "canary"));
    meters.mark("e", &[], 3);
    let message = meters.push(deadline()).await.unwrap_err().to_string();
    let (_, command) = message.split_once(": ACL SETUSER ").unwrap_or_else(|| panic!("no command in {message}"));
    server.ask(&["ACL", "SETUSER"].into_iter().chain(command.split(' ')).collect::<Vec<_>>());
    // One that is taken away again does no harm.
    for right in ["hincrby", "set", "time"] {
        server.ask(&["ACL", "SETUSER", "app", &format!("-{right}")]);
        assert!(meters.push(deadline()).await.unwrap_err().is_configuration(), "{right}");
        server.ask(&["ACL", "SETUSER", "app", &format!("+{right}")]);
    }
    meters.push(deadline()).await.unwrap();
    for right in ["hset", "rename", "persist", "hlen"] {
        server.ask(&["ACL", "SETUSER", "app", &format!("-{right}")]);
        assert!(meters.drain(deadline()).await.unwrap_err().is_configuration(), "{right}");
        server.ask(&["ACL", "SETUSER", "app", &format!("+{right}")]);
    }
    let drained = drained(&meters).await;
    assert_eq!(events(&drained), of([("e", 3)]));
    assert!(meters.acknowledge(drained, deadline()).await.unwrap());
}

#[tokio::test]
async fn a_full_server_lets_counts_out() {
    let server = Server::start();
    let meters = meters(&server.url());
    python(&server, r#"["e", []]"#);
    server.ask(&["CONFIG", "SET", "maxmemory", "1"]);
    meters.mark("e", &[], 5);
    assert!(meters.push(Instant::now() + Duration::from_millis(1)).await.is_err());
    let first = drained(&meters).await;
    assert_eq!(events(&first), of([("e", 1)]));
    assert!(meters.acknowledge(first, deadline()).await.unwrap());
    server.ask(&["CONFIG", "SET", "maxmemory", "0"]);
    meters.push(deadline()).await.unwrap();
    assert_eq!(events(&drained(&meters).await), of([("e", 5)]));
}
