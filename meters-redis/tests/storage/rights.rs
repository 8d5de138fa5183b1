//! Users of a server: the rights in the messages suffice, and passwords never show.

use std::fs;

use meters_redis_tests::Server;

use super::*;

/// Gives the rights that an error asks for.
fn mend(server: &Server, error: &Error) {
    assert!(error.is_configuration());
    assert!(!format!("{error} {error:?} {error:#?}").contains("canary"));
    let message = error.to_string();
    let (_, command) = message.split_once(": ACL SETUSER ").unwrap_or_else(|| panic!("no command in {message}"));
    let command: Vec<&str> = ["ACL", "SETUSER"].into_iter().chain(command.split(' ')).collect();
    server.ask(&command);
}

#[tokio::test]
async fn rights_of_the_messages_suffice_for_all_that_is_done() {
    let server = Server::build().user("app on >canary -@all").start();
    let url = server.url_as("app", "canary") + "/3";
    let error = try_join(scaled(&url), false).await.unwrap_err();
    mend(&server, &error);
    let (mut writer, reporter) = try_join(scaled(&url), true).await.unwrap();
    writer.take(&window(9, "a", 5));
    let pushed = writer.push(deadline()).await;
    assert_eq!(pushed.pending, 0, "{pushed:?}");

    let mut drain = reporter.unwrap();
    let error = loop {
        match drain.claim(deadline()).await {
            Ok(None) => tokio::time::sleep_until(drain.next().into()).await,
            Ok(Some(_)) => panic!("a writer's rights are no reporter's"),
            Err(error) => break error,
        }
    };
    mend(&server, &error);
    drained(&mut *drain, 5).await;
    server.ask(&["SCRIPT", "FLUSH"]);
    writer.take(&window(7, "a", 6));
    assert_eq!(writer.push(deadline()).await.pending, 0);
    drained(&mut *drain, 6).await;
    let shown = format!("{:?} {:?} {writer:?} {drain:?}", scaled(&url), scaled(&url).build());
    assert!(!shown.contains("canary"), "{shown}");
    assert!(!logs::said().contains("canary"));
    assert!(server.try_ask(&["AUTH", "app", "canary"]).is_ok());
}

#[tokio::test]
async fn rights_that_are_taken_away_are_missed_and_waited_for() {
    let server = Server::build().user("app on >canary ~* +@all").start();
    let mut writer = writer(scaled(&server.url()).login("app", "canary")).await;
    server.ask(&["ACL", "SETUSER", "app", "-hset"]);
    writer.take(&window(9, "a", 5));
    let pushed = writer.push(deadline()).await;
    assert_eq!(pushed.pending, 1);
    mend(&server, &pushed.error.unwrap());
    assert_eq!(writer.push(deadline()).await.pushed, 1);
}

#[tokio::test]
async fn a_wrong_password_is_an_error_at_start() {
    let server = Server::build().password("right").start();
    for (storage, wanted) in [
        (scaled(&server.url()), "wants a password"),
        (scaled(&server.url()).login("default", "canary"), "refuses the user \"default\" or its password"),
    ] {
        let error = try_join(storage, true).await.unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains(wanted), "{error}");
        assert!(!format!("{error:?}").contains("canary"));
    }
    assert!(!logs::said().contains("canary"));
}

#[tokio::test]
async fn a_server_that_evicts_is_told_of_once() {
    let server = Server::build().line("maxmemory-policy allkeys-lru").start();
    let mut drain = drain(scaled(&server.url())).await;
    while drain.health().connections < 3 {
        assert!(drain.claim(deadline()).await.unwrap().is_none());
        server.ask(&["CLIENT", "KILL", "TYPE", "normal"]);
        tokio::time::sleep_until(drain.next().into()).await;
    }
    let (url, said) = (server.url(), logs::said());
    let lines: Vec<&str> = said.lines().filter(|line| line.contains(&url) && line.contains("policy")).collect();
    assert_eq!(lines.len(), 1, "{said}");
    assert!(
        lines[0].contains("allkeys-lru") && lines[0].contains("CONFIG SET maxmemory-policy noeviction"),
        "{lines:?}"
    );
}

#[tokio::test]
async fn a_key_of_somebody_else_is_named() {
    let server = Server::start();
    let mut writer = writer(scaled(&server.url())).await;
    server.ask(&["LPUSH", "m1:{Shop}:open", "x"]);
    writer.take(&window(9, "a", 5));
    let error = writer.push(deadline()).await.error.unwrap();
    assert!(error.is_configuration() && error.to_string().contains("m1:{Shop}:open"), "{error}");
    server.ask(&["DEL", "m1:{Shop}:open"]);
    assert_eq!(writer.push(deadline()).await.pushed, 1);
    drained(&mut *drain(scaled(&server.url())).await, 5).await;
}

#[tokio::test]
async fn certificates_by_the_builder() {
    let server = Server::build().tls().line("tls-auth-clients yes").start();
    let files = server.certificates();
    let storage = scaled(&server.tls_url())
        .ca_certificate(fs::read(&files.authority).unwrap())
        .client_certificate(fs::read(&files.certificate).unwrap(), &fs::read_to_string(&files.key).unwrap());
    let mut writer = writer(storage.clone()).await;
    writer.take(&window(9, "a", 5));
    assert_eq!(writer.push(deadline()).await.pushed, 1);
    drained(&mut *drain(storage).await, 5).await;
}
