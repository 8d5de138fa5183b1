//! Each mistake is one line that says what to do, and no password is in it.

use super::*;

fn fails(command: &mut Command, code: i32) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    let said = text(&output.stderr);
    assert!(said.starts_with("meters-flusher: ") && said.trim_end().lines().count() == 1, "{said}");
    assert!(!said.contains("canary") && output.stdout.is_empty(), "{output:?}");
    said
}

#[test]
fn what_cannot_be_meant_is_said_at_once() {
    let cw = meters_local::start();
    let missing = "/nowhere/ca.pem";
    for (arguments, wanted) in [
        (&["once"][..], "which Redis?"),
        (&["once", "--redis", "redis://u:canary@127.0.0.1"], "whose metrics?"),
        (&["redis://u:canary@127.0.0.1"], "the first word is run, once or status"),
        (&["run", "--password=canary"], "METERS_REDIS_PASSWORD"),
        (&["run", "--redis", "rediss://h", "--namespace", "Shop", "--ca-certificate", missing], "/nowhere/ca.pem: "),
    ] {
        let said = fails(&mut command(&cw, arguments), 2);
        assert!(said.contains(wanted), "{said}");
    }
}

#[test]
fn a_server_that_cannot_be_used_is_told_by_each_command() {
    let (cw, mut redis) = (meters_local::start(), Server::build().password("right").start());
    for deed in ["once", "status", "run"] {
        let mut wrong = command(&cw, &[deed, "--namespace", "Shop", "--redis", &redis.url()]);
        let said = fails(&mut wrong, 1);
        assert!(said.contains("wants a password"), "{said}");
        let said = fails(wrong.env("METERS_REDIS_PASSWORD", "canary"), 1);
        assert!(said.contains("refuses the user \"default\" or its password"), "{said}");
        let said = fails(&mut command(&cw, &[deed, "--namespace", "Shop", "--redis", "http://u:canary@h"]), 1);
        assert!(said.contains("redis://"), "{said}");
    }
    redis.kill();
    for deed in ["once", "status"] {
        let said = fails(&mut command(&cw, &[deed, "--namespace", "Shop", "--redis", &redis.url_as("u", "canary")]), 1);
        assert!(said.contains(&format!("no connection to 127.0.0.1:{}: is a Redis running", redis.port())), "{said}");
    }
}

#[test]
fn a_start_that_fails_says_what_to_set() {
    let (cw, redis) = (meters_local::start(), Server::start());
    Member::join(&redis).push(1);
    for deed in ["once", "run"] {
        let said = fails(quick(&cw, &redis, deed).args(["--interval", "7s"]), 1);
        assert!(said.contains("period=1000ms") && said.contains("make them alike"), "{said}");
        let said = fails(quick(&cw, &redis, deed).args(["--region", "nowhere at all"]), 1);
        assert!(said.contains("is no AWS region"), "{said}");
    }
}

/// Else it would be told only when somebody pushed something, which may be at night.
#[test]
fn a_reporter_without_region_or_credentials_says_so_at_its_start() {
    let (cw, redis) = (meters_local::start(), Server::start());
    for deed in ["once", "run"] {
        let stripped = |kept: &[&str]| {
            let mut command = quick(&cw, &redis, deed);
            let names = std::env::vars().map(|(name, _)| name).chain(cw.environment().map(|(name, _)| name.to_owned()));
            let aws = names.filter(|name| name.starts_with("AWS_") && !kept.contains(&&**name)).collect::<Vec<_>>();
            aws.iter().for_each(|name| _ = command.env_remove(name));
            command.env("AWS_EC2_METADATA_DISABLED", "true").env("HOME", "/nowhere");
            fails(&mut command, 1)
        };
        let said = stripped(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]);
        assert!(said.contains("no AWS region: set AWS_REGION or say --region eu-west-1"), "{said}");
        let said = stripped(&["AWS_REGION"]);
        assert!(said.contains("no AWS credentials: set AWS_ACCESS_KEY_ID"), "{said}");
    }
}

#[test]
fn help_and_version_are_no_mistakes() {
    let cw = meters_local::start();
    assert!(well(&command(&cw, &["--help"]).output().unwrap()).contains("usage: meters-flusher run|once|status"));
    assert!(well(&command(&cw, &["-V"]).output().unwrap()).starts_with("meters-flusher 0."));
}
