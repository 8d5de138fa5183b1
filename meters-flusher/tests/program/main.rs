//! The program as it is run: real processes, a real Redis, and a CloudWatch on loopback.
#![allow(missing_docs)]

mod fleet;
mod mistakes;
mod reports;
mod shows;

use std::process::{Command, Output, Stdio};
use std::time::Duration;

use meters_local::Server as CloudWatch;
use meters_redis_tests::{PATIENCE, Server};

use fleet::Member;

/// The program, with CloudWatch and credentials of nobody's.
fn command(cw: &CloudWatch, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_meters-flusher"));
    let own = std::env::vars().map(|(name, _)| name).filter(|name| name.starts_with("METERS"));
    own.for_each(|name| _ = command.env_remove(name));
    command.args(arguments).envs(cw.environment()).stdin(Stdio::null());
    command
}

/// The program for the namespace `Shop`, with times that fit a test: a period is a second, and the machine is loaded.
fn quick(cw: &CloudWatch, redis: &Server, deed: &str) -> Command {
    let mut command = command(cw, &[deed, "--namespace", "Shop", "--redis", &redis.url()]);
    command.args(["--grace=200ms", "--lease=500ms", "--takeover-after=1s", "--claim-time=30s"]);
    command.args(["--connect-timeout=30s", "--response-timeout=30s"]);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What it printed, where it ended well.
fn well(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    text(&output.stdout)
}

/// Asks `status --json` until it is so.
fn until(cw: &CloudWatch, redis: &Server, what: &str, so: impl Fn(&serde_json::Value) -> bool) {
    meters_redis_tests::until(what, || {
        let output = quick(cw, redis, "status").arg("--json").output().unwrap();
        so(&serde_json::from_str(&well(&output)).unwrap()).then_some(())
    });
}
