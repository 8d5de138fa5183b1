//! Many processes, one report: real processes and a real Redis between them, through the real AWS SDK.
#![allow(missing_docs, clippy::print_stdout)]

#[path = "shared/fleet.rs"]
mod fleet;
#[path = "shared/looking_up.rs"]
mod looking_up;
#[path = "shared/meeting.rs"]
mod meeting;
#[path = "shared/outages.rs"]
mod outages;
#[path = "shared/workers.rs"]
mod workers;

use std::time::Duration;

use meters::{Builder, RedisStorage, RedisStorageBuilder};
use meters_local::Server as CloudWatch;
use meters_redis_tests::PATIENCE;

/// A builder that names this endpoint, and nothing outside of this machine.
fn builder(cw: &CloudWatch) -> Builder {
    meters::namespace("Shared").region("us-east-1").endpoint_url(cw.endpoint_url()).credentials("test", "test")
}

/// A storage whose times fit a test: a period is a second. Answers may take long on a loaded machine.
fn storage(url: &str) -> RedisStorageBuilder {
    RedisStorage::builder(url)
        .period(Duration::from_secs(1))
        .grace(Duration::from_millis(200))
        .lease(Duration::from_millis(500))
        .takeover_after(Duration::from_secs(1))
        .connect_timeout(PATIENCE)
        .response_timeout(PATIENCE)
}
