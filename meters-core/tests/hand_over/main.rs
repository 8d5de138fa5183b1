//! The hot path under [loom](https://docs.rs/loom): the very files of `src/instrument`, over loom's atomics and locks, in
//! every order in which threads can meet and with every value that the memory model lets them see. And how a flusher ends,
//! by the file of `meters` that says when a shutdown is over.
//!
//! `RUSTFLAGS="--cfg loom" cargo test --release -p meters-core --test hand_over models::`, with `LOOM_MAX_PREEMPTIONS=3` for
//! more (2 unless told).
#![cfg(loom)]
#![allow(missing_docs, dead_code, unused_imports, unreachable_pub, clippy::print_stdout)]

#[path = "../../src/error.rs"]
mod error;
mod flusher;
mod fork;
mod instrument;
#[path = "../../src/model/mod.rs"]
mod model;
mod models;
mod primitive;

pub use error::Error;
pub use model::*;

/// What `track.rs` wants of the clock; no model reads it.
mod clock {
    pub(crate) struct Moment;

    impl Moment {
        pub(crate) fn standing(_: f64) -> Self {
            Self
        }
    }

    pub(crate) fn now() -> Moment {
        Moment
    }
}
