//! Shared metrics of [`meters`](https://docs.rs/meters) through Redis: many processes, one report, exactly once.
//!
//! Users name `meters` with its feature `redis`.
#![forbid(unsafe_code)]

mod connection;
pub mod instrumentor;
mod protocol;
pub mod ss;
mod storage;
mod wire;

#[doc = include_str!("../OPERATING.md")]
pub mod operating {}

pub use storage::{
    Agreed, ClaimStatus, Counts, OpenPeriod, RedisStorage, RedisStorageBuilder, ShardStatus, SharedTotals, Status,
};

/// For the benchmarks, the fuzzer and the chaos campaign of this crate.
#[doc(hidden)]
pub mod __private {
    pub use crate::storage::Without;
    pub use crate::wire::{Damaged, Merge, encode, sealed};
}
