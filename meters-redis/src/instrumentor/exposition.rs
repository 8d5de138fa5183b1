//! Reads a namespace for a page.

use std::time::Instant;

use meters_core::Error;
use tokio::sync::Mutex;

use super::calls;
use super::page::Page;
use crate::RedisStorage;
use crate::connection::{Connection, Role};
use crate::storage::strange;

/// Reads the hash of one namespace, whoever wrote it. Needs a runtime of tokio with time and network.
///
/// ```no_run
/// # async fn example() -> Result<(), meters_core::Error> {
/// use std::time::{Duration, Instant};
/// use meters_redis::instrumentor::{Exposition, Page};
///
/// let shop = Exposition::new("redis://cache.example.com", "shop")?;
/// let page = shop.page(Instant::now() + Duration::from_secs(5)).await?;
/// println!("Content-Type: {}\n\n{page}", Page::CONTENT_TYPE);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Exposition {
    namespace: String,
    connection: Mutex<Connection>,
}

impl Exposition {
    /// A namespace in the database that a URL names.
    ///
    /// # Errors
    ///
    /// [`Error::is_configuration`] where the URL cannot be used.
    pub fn new(url: &str, namespace: &str) -> Result<Self, Error> {
        Self::on(&RedisStorage::new(url), namespace)
    }

    /// The same with the login, certificates and limits of time of a storage; all else of it is not used.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn on(storage: &RedisStorage, namespace: &str) -> Result<Self, Error> {
        let way = storage.settings().way(Role::Instrumentor)?;
        Ok(Self { namespace: namespace.to_owned(), connection: Mutex::new(Connection::new(way)) })
    }

    /// All that the namespace holds now, trying until `deadline`. One that is not there is an empty page.
    ///
    /// # Errors
    ///
    /// What stands in the way.
    pub async fn page(&self, deadline: Instant) -> Result<Page, Error> {
        let answer = self.connection.lock().await.insist(&calls::read(&self.namespace), deadline).await?;
        Ok(Page::read(calls::fields(answer).map_err(|_| strange().error)?))
    }
}
