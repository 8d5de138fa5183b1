//! What errors are taken for, and what is said of them.

use meters_redis_tests::{Server, until};

use super::*;

#[tokio::test]
async fn a_script_that_the_server_forgot_is_loaded_again() {
    let server = Server::start();
    let mut connection = to(&server.url());
    assert_eq!(connection.call(&echo("a"), deadline()).await.unwrap(), text("a"));
    server.ask(&["SCRIPT", "FLUSH"]);
    assert_eq!(connection.call(&echo("b"), deadline()).await.unwrap(), text("b"));
    assert_eq!(connection.opened(), 1);
    assert!(server.text(&["CLIENT", "LIST"]).contains("name=meters-drain"));
}

#[tokio::test]
async fn sockets_and_databases() {
    let server = Server::start();
    server.ask(&["ACL", "SETUSER", "app", "on", ">a b@c/d?e", "~*", "+@all"]);
    let url = format!("{}?db=3&user=app&password=a%20b%40c%2Fd%3Fe", server.unix_url());
    to(&url).call(&echo("a"), deadline()).await.unwrap();
    let url = server.url_as("app", "a%20b@c%2Fd%3Fe") + "/3";
    to(&url).call(&echo("b"), deadline()).await.unwrap();
    assert_eq!(server.info("db3").map(|info| info.starts_with("keys=1,")), Some(true));

    let failure = to(&(url + "00")).call(&echo("a"), deadline()).await.unwrap_err();
    assert_eq!(failure.doubt, Doubt::Configuration);
    assert!(failure.error.to_string().contains("has no database 300"), "{failure:?}");
}

#[tokio::test]
async fn a_key_that_is_something_else_is_named() {
    let server = Server::start();
    server.ask(&["LPUSH", "m1:{app}:x", "1"]);
    let call = Call { script: &GET, ..echo("") };
    let failure = to(&server.url()).call(&call, deadline()).await.unwrap_err();
    assert_eq!(failure.doubt, Doubt::Configuration);
    let message = failure.error.to_string();
    assert!(message.contains("holds something else") && message.ends_with("DEL among m1:{app}:x"), "{message}");
    assert!(message.contains(&server.url()), "{message}");
}

static GET: Script = Script { name: "get", body: "return redis.call('GET', KEYS[1])" };

#[tokio::test]
async fn a_full_server_is_asked_again() {
    let server = Server::start();
    let mut connection = to(&server.url());
    server.ask(&["CONFIG", "SET", "maxmemory", "1"]);
    let failure = connection.call(&echo("a"), deadline()).await.unwrap_err();
    assert_eq!(failure.doubt, Doubt::Retry);
    assert!(failure.error.to_string().contains("reached its maxmemory"), "{failure:?}");
    server.ask(&["CONFIG", "SET", "maxmemory", "0"]);
    connection.call(&echo("a"), deadline()).await.unwrap();
    assert_eq!(connection.opened(), 1, "what refuses is still connected");
}

#[tokio::test]
async fn a_replica_is_left_for_another_connection() {
    let master = Server::start();
    let replica = Server::start();
    replica.follow(&master);
    let mut connection = to(&replica.url());
    let failure = connection.call(&echo("a"), deadline()).await.unwrap_err();
    assert_eq!(failure.doubt, Doubt::Retry);
    assert!(failure.error.to_string().contains("leads to a replica"), "{failure:?}");
    replica.promote();
    connection.call(&echo("a"), deadline()).await.unwrap();
    assert_eq!(connection.opened(), 2);
}

#[tokio::test]
async fn somebodys_endless_script_is_waited_for() {
    let server = Server::build().line("busy-reply-threshold 1").start();
    let mut connection = to(&server.url());
    connection.call(&echo("a"), deadline()).await.unwrap();
    let other = server.connect().unwrap();
    let other = std::thread::spawn(move || {
        let mut other = other;
        _ = redis::cmd("EVAL").arg("while true do end").arg(0).query::<Value>(&mut other);
    });
    until("the script runs", || server.try_ask(&["GET", "x"]).is_err().then_some(()));
    let failure = connection.call(&echo("a"), deadline()).await.unwrap_err();
    assert_eq!(failure.doubt, Doubt::Retry);
    assert!(failure.error.to_string().contains("SCRIPT KILL"), "{failure:?}");
    server.ask(&["SCRIPT", "KILL"]);
    other.join().unwrap();
    assert_eq!(connection.call(&echo("b"), deadline()).await.unwrap(), text("b"));
}

#[tokio::test]
async fn a_server_says_what_it_is() {
    let server =
        Server::build().line("appendonly yes").line("appendfsync always").line("maxmemory-policy allkeys-lru").start();
    let mut connection = to(&server.url());
    assert!(connection.meet(&echo("a"), deadline()).await.unwrap());
    assert!(!connection.meet(&echo("a"), deadline()).await.unwrap());
    let seen = super::super::Server::look(&mut connection, &mut Refused::default(), deadline()).await.unwrap();
    assert_eq!((seen.aof, seen.reticent, seen.replicas), (Aof::Always, false, 0));
    assert_eq!(seen.eviction.as_deref(), Some("allkeys-lru"));
    assert!(seen.version >= (6, 2) && !seen.run.is_empty());
}
