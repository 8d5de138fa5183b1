//! `rediss://`
#![cfg(feature = "tls")]

use std::fs;

use meters_redis_tests::Server;

use super::*;

fn trusting(server: &Server, url: &str, identity: bool) -> Connection {
    let files = server.certificates();
    let key = || Secret::new(fs::read_to_string(&files.key).unwrap());
    let trust = Trust {
        authorities: vec![fs::read(&files.authority).unwrap()],
        identity: identity.then(|| (fs::read(&files.certificate).unwrap(), key())),
    };
    let tls = Some(Tls::new(&trust).unwrap());
    Connection::new(Way { tls, ..way(url, Role::Drain) })
}

#[tokio::test]
async fn an_authority_of_ones_own() {
    let server = Server::build().tls().start();
    let mut connection = trusting(&server, &server.tls_url(), false);
    // More than one record of TLS.
    let long = "x".repeat(100_000);
    assert_eq!(connection.call(&echo(&long), deadline()).await.unwrap(), text(&long));
}

#[tokio::test]
async fn an_unknown_authority_is_refused() {
    let server = Server::build().tls().start();
    let other = Server::build().tls().start();
    let failure = trusting(&other, &server.tls_url(), false).call(&echo("a"), deadline()).await.unwrap_err();
    assert_eq!(failure.doubt, Doubt::Configuration);
    assert!(
        failure.error.to_string().contains("pass the certificate of its authority to ca_certificate"),
        "{failure:?}"
    );
}

#[tokio::test]
async fn a_server_that_wants_a_certificate_gets_one() {
    let server = Server::build().tls().line("tls-auth-clients yes").start();
    let failure = trusting(&server, &server.tls_url(), false).call(&echo("a"), deadline()).await.unwrap_err();
    assert_eq!(failure.doubt, Doubt::Configuration);
    assert!(failure.error.to_string().contains("a client_certificate(…) if it wants one"), "{failure:?}");
    trusting(&server, &server.tls_url(), true).call(&echo("a"), deadline()).await.unwrap();
}

#[tokio::test]
async fn tls_with_a_server_that_speaks_none() {
    let server = Server::build().tls().start();
    let plain = server.url().replace("redis://", "rediss://");
    let mut connection = trusting(&server, &plain, false);
    // Redis waits for the end of what it takes for a command.
    let failure = connection.call(&echo("a"), Instant::now() + SHORT).await.unwrap_err();
    assert_eq!(failure.doubt, Doubt::Retry);
    assert!(failure.error.to_string().contains("If it speaks no TLS, write redis://"), "{failure:?}");
}

#[test]
fn files_that_hold_something_else_are_named() {
    let bad = Trust { authorities: vec![b"no PEM".to_vec()], ..Trust::default() };
    let error = Tls::new(&bad).err().unwrap();
    assert!(error.is_configuration() && error.to_string().starts_with("ca_certificate: no PEM certificate"), "{error}");
}
