//! Series that expire and come back: nothing is lost and nothing counted twice, whoever looks and whenever.
#![allow(missing_docs)]

#[path = "expiry/back.rs"]
mod back;
#[path = "expiry/kit.rs"]
mod kit;
#[path = "expiry/random.rs"]
mod random;
#[path = "expiry/room.rs"]
mod room;
#[path = "expiry/sites.rs"]
mod sites;
#[path = "expiry/threads.rs"]
mod threads;
#[path = "expiry/told.rs"]
mod told;
