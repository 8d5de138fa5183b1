//! What is kept from exporters, switched off, taken away and read from functions.
#![allow(missing_docs)]

#[path = "switches/functions.rs"]
mod functions;
#[path = "switches/internal.rs"]
mod internal;
#[path = "switches/kit.rs"]
mod kit;
#[path = "switches/levels.rs"]
mod levels;
#[path = "switches/unregistered.rs"]
mod unregistered;
