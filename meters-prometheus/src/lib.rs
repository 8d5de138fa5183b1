//! Metrics of [`meters`](https://docs.rs/meters) for Prometheus: pages, and an endpoint to scrape them from.
//!
//! Users name `meters` with its feature `prometheus`; this crate is for those who have snapshots of their own.
#![doc = include_str!("../PAGES.md")]
#![forbid(unsafe_code)]

mod accept;
mod base;
mod bounds;
mod config;
mod exposition;
mod extremes;
mod format;
mod ladder;
mod name;
mod native;
mod number;
mod order;
mod page;
#[cfg(feature = "server")]
mod server;
mod view;
mod write;

pub use exposition::{Builder, Exposition};
pub use format::Format;
pub use page::Page;
#[cfg(feature = "server")]
pub use server::{Endpoint, Listener, Source, listener};
