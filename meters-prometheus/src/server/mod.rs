//! An endpoint for scrapers: HTTP on a thread of its own.

mod answer;
mod body;
mod connection;
mod listener;
mod source;

pub use listener::{Endpoint, Listener, listener};
pub use source::Source;
