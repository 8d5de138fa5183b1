//! The receiver as its clients see it, over sockets.

mod client;
mod data;
mod errors;
mod faults;
mod lifecycle;
mod limits;
mod listing;
mod selecting;
mod statistics;
mod values;
