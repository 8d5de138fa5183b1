//! The storage that is tried.

use std::time::Duration;

use meters_core::storage::Storage;
use meters_redis::__private::Without;
use meters_redis::RedisStorage;

use super::naive::Naive;
use super::options::{Control, Mode};
use super::times;

/// As each process of a run has it.
pub fn storage(url: &str, seed: u64, mode: Mode, control: Control) -> Box<dyn Storage> {
    if control == Control::Naive {
        return Box::new(Naive { url: url.to_owned(), seed });
    }
    let mut builder = RedisStorage::builder(url)
        .application("chaos")
        .period(times::PERIOD)
        .grace(times::GRACE)
        .claim_time(times::CLAIM)
        .takeover_after(times::TAKEOVER)
        .lease(times::LEASE)
        .retention(times::RETENTION)
        .keep_unreported(Duration::from_secs(3_600))
        .connect_timeout(times::RESPONSE)
        .response_timeout(times::RESPONSE);
    let part = match control {
        Control::NoSeq => Some(Without::Sequence),
        Control::NoBarrier => Some(Without::Barrier),
        Control::NoWatermark => Some(Without::Retention),
        Control::Off | Control::NoFence | Control::Naive => None,
    };
    if let Some(part) = part {
        builder = builder.without(part);
    }
    if mode == Mode::Failover {
        builder = builder.replicas(1);
    }
    Box::new(builder.build())
}
