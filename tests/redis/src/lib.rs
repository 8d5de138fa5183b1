//! Real Redis servers for tests: they are child processes that end with the value that stands for them, also when a test
//! panics. Needs `redis-server` on the path, or its place in `METERS_REDIS_SERVER`.
//!
//! ```
//! use meters_redis_tests::{Append, Server};
//!
//! let mut server = Server::build().append(Append::Always).start();
//! server.ask(&["SET", "k", "v"]);
//! server.kill();
//! server.restart();
//! assert_eq!(server.text(&["GET", "k"]), "v");
//! ```

mod certificates;
pub mod chaos;
mod child;
mod cluster;
mod patience;
mod port;
mod proxy;
mod python;
mod sentinel;
mod server;

pub use certificates::Certificates;
pub use cluster::{Cluster, SLOTS, slot};
pub use patience::{PATIENCE, until};
pub use proxy::{Faults, Happened, Proxy};
pub use python::Python;
pub use sentinel::Sentinel;
pub use server::{Append, Build, Server};

pub use redis::Value;
