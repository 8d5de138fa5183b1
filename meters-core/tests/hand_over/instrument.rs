//! The hot path as it is, but for `local`, whose lists loom cannot see into.

#[path = "../../src/instrument/bank.rs"]
mod bank;
#[path = "../../src/instrument/cold.rs"]
mod cold;
#[path = "../../src/instrument/cut.rs"]
mod cut;
#[path = "../../src/instrument/gate.rs"]
mod gate;
#[path = "../../src/instrument/hot.rs"]
mod hot;
pub(crate) mod local;
#[path = "../../src/instrument/pool.rs"]
mod pool;
#[path = "../../src/instrument/shard.rs"]
mod shard;
#[path = "../../src/instrument/tally.rs"]
mod tally;
#[path = "../../src/instrument/track.rs"]
mod track;

pub(crate) use cut::{Cut, Origin};
pub(crate) use gate::Gate;
pub(crate) use tally::Tally;
pub(crate) use track::Track;
