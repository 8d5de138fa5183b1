//! Users and passwords: what is refused says what to do, that helps, and nothing says a password.

use std::io::{Read, Write};
use std::net::TcpListener;

use meters_redis_tests::Server;

use super::*;

#[tokio::test]
async fn a_password_is_asked_for_and_never_shown() {
    let server = Server::build().password("canary").start();
    let failure = to(&server.url()).call(&echo("a"), deadline()).await.unwrap_err();
    assert_eq!(failure.doubt, Doubt::Configuration);
    assert!(failure.error.to_string().contains("wants a password: put it into the URL"), "{failure:?}");

    let failure = to(&server.url_as("somebody", "canary")).call(&echo("a"), deadline()).await.unwrap_err();
    assert_eq!(failure.doubt, Doubt::Configuration);
    assert!(failure.error.to_string().contains("refuses the user \"somebody\" or its password"), "{failure:?}");
    assert!(!shown(&failure).contains("canary"));

    to(&server.url_as("default", "canary")).call(&echo("a"), deadline()).await.unwrap();
    to(&server.url_as("", "canary")).call(&echo("a"), deadline()).await.unwrap();
}

#[tokio::test]
async fn the_command_in_the_message_gives_what_was_lacking() {
    let server = Server::build().user("app on >canary ~* -@all +get").start();
    for role in [Role::Writer, Role::Drain] {
        server.ask(&["ACL", "SETUSER", "app", "-@all"]);
        let mut connection = Connection::new(way(&server.url_as("app", "canary"), role));
        let failure = connection.call(&echo("a"), deadline()).await.unwrap_err();
        assert_eq!(failure.doubt, Doubt::Configuration);
        let message = failure.error.to_string();
        assert!(!shown(&failure).contains("canary"));
        let (_, command) = message.split_once(": ACL SETUSER ").unwrap_or_else(|| panic!("no command in {message}"));
        let command: Vec<&str> = ["ACL", "SETUSER"].into_iter().chain(command.split(' ')).collect();
        server.ask(&command);
        assert_eq!(connection.call(&echo("b"), deadline()).await.unwrap(), text("b"));
    }
}

#[tokio::test]
async fn what_is_refused_within_a_script_is_a_matter_of_rights_too() {
    let server = Server::build().user("app on >canary ~* -@all +evalsha +script|load").start();
    let failure = to(&server.url_as("app", "canary")).call(&echo("a"), deadline()).await.unwrap_err();
    assert_eq!(failure.doubt, Doubt::Configuration);
    assert!(failure.error.to_string().contains("ACL SETUSER app"), "{failure:?}");
}

#[tokio::test]
async fn a_user_that_may_not_look_gets_the_careful_case() {
    let server = Server::build().user("app on >canary ~* -@all +evalsha +script|load +get +set").start();
    let mut connection = to(&server.url_as("app", "canary"));
    connection.meet(&echo("a"), deadline()).await.unwrap();
    let seen = super::super::Server::look(&mut connection, &mut Refused::default(), deadline()).await.unwrap();
    assert_eq!((seen.aof, seen.reticent), (Aof::EverySecond, true));
}

/// Answers each command with this, and quotes it.
fn quoting(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://u:canary@{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut bytes) = (stream.unwrap(), [0; 4096]);
            let Ok(count @ 1..) = stream.read(&mut bytes) else { continue };
            let sent = String::from_utf8_lossy(&bytes[..count]).replace("\r\n", " ");
            _ = stream.write_all(format!("{answer}{sent}\r\n").as_bytes());
        }
    });
    url
}

#[tokio::test]
async fn a_server_that_quotes_the_password_does_not_make_us_do_so() {
    for (answer, message, doubt) in [
        ("-ERR unknown command 'HELLO', with args beginning with: ", "use Redis 6.2 or later", Doubt::Configuration),
        ("-ERR what is ", "refuses a call", Doubt::Retry),
        ("-WRONGPASS ", "refuses the user \"u\" or its password", Doubt::Configuration),
        ("?", "broke before the answer", Doubt::Retry),
        ("-DENIED Redis is running in protected mode ", "protected mode", Doubt::Configuration),
    ] {
        let mut connection = to(&quoting(answer));
        let failure = connection.call(&echo("a"), deadline()).await.unwrap_err();
        assert_eq!(failure.doubt, doubt, "{answer}: {failure:?}");
        assert!(failure.error.to_string().contains(message), "{answer}: {failure:?}");
        let shown = format!("{} {connection:?} {connection:#?} {:?}", shown(&failure), connection.way());
        assert!(!shown.contains("canary"), "{shown}");
    }
}

#[tokio::test]
async fn an_old_server_is_refused_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut bytes = [0; 512];
        _ = stream.read(&mut bytes);
        _ = stream.write_all(b"*4\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n6.0.9\r\n");
        _ = stream.read(&mut bytes);
    });
    let failure = to(&url).call(&echo("a"), deadline()).await.unwrap_err();
    assert_eq!(failure.doubt, Doubt::Configuration);
    assert!(failure.error.to_string().contains("is a Redis 6.0: metrics need 6.2"), "{failure:?}");
}
