//! Against real servers.

mod answers;
mod cluster;
mod outages;
mod rights;
mod tls;

use std::sync::Arc;
use std::time::{Duration, Instant};

use meters_redis_tests::PATIENCE;
use redis::Value;

use super::*;
use crate::protocol::scripts::Script;

static ECHO: Script =
    Script { name: "echo", body: "redis.call('SET', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[1])" };

fn deadline() -> Instant {
    Instant::now() + PATIENCE
}

/// Sets a key, and reads it back.
fn echo(text: &str) -> Call {
    Call { script: &ECHO, keys: vec![b"m1:{app}:x".to_vec()], args: vec![text.into()] }
}

fn text(value: &str) -> Value {
    Value::BulkString(value.into())
}

fn way(url: &str, role: Role) -> Way {
    let target = Arc::new(Target::parse(url).unwrap());
    // Tests run on a loaded machine; those of the limits set their own.
    let limits = Limits { connect: PATIENCE, response: PATIENCE, pause: LONGEST };
    #[cfg(feature = "tls")]
    let tls = target.tls.then(|| Tls::new(&Trust::default()).unwrap());
    Way {
        target,
        limits,
        role,
        #[cfg(feature = "tls")]
        tls,
    }
}

fn to(url: &str) -> Connection {
    Connection::new(way(url, Role::Drain))
}

/// All that anybody might print of a failure.
fn shown(failure: &Failure) -> String {
    format!("{}\n{:?}\n{failure:?}", failure.error, failure.error)
}

/// Until it is no longer refused.
async fn eventually(connection: &mut Connection, call: &Call) -> Value {
    let deadline = deadline();
    loop {
        match connection.call(call, deadline).await {
            Ok(value) => return value,
            Err(failure) => assert!(Instant::now() < deadline, "{failure:?}"),
        }
    }
}

/// Far shorter than a test may take, and long enough to be told from none.
const SHORT: Duration = Duration::from_millis(300);
