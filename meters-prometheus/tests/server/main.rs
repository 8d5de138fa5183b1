//! The endpoint, asked over a socket: what it answers, whom it makes wait, and how it ends.

mod answers;
mod client;
mod endings;
mod limits;
#[cfg(target_os = "linux")]
mod scraped;
