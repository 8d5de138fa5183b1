//! Futures and streams that are monitored where they are used.
#![allow(missing_docs)]

#[path = "monitored/expanded.rs"]
mod expanded;
#[path = "monitored/futures.rs"]
mod futures;
#[path = "monitored/stage.rs"]
mod stage;
#[path = "monitored/streams.rs"]
mod streams;
#[path = "monitored/tasks.rs"]
mod tasks;
#[path = "monitored/traits.rs"]
mod traits;
