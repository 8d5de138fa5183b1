//! What is said of the other processes.

use std::sync::Arc;

use meters_core::storage::Storage;

use super::Builder;
#[cfg(doc)]
use crate::FlushReport;

impl Builder {
    /// Shares what is recorded with other processes through a Redis, so that all of them report as one: short for
    /// [`storage`](Self::storage) with [`RedisStorage::new`](crate::RedisStorage::new), where the forms of URLs are.
    ///
    /// A URL that cannot be used, a wrong password, a missing right and another interval than that of the others are errors of
    /// `start`. A Redis that does not answer is none: it is told to [`on_error`](Self::on_error), and what is recorded waits.
    ///
    /// ```no_run
    /// let meters = meters::namespace("Shop").redis("redis://127.0.0.1:6379").start()?;
    /// # Ok::<(), meters::Error>(())
    /// ```
    #[cfg(feature = "redis")]
    pub fn redis(self, url: impl AsRef<str>) -> Self {
        self.storage(meters_redis::RedisStorage::new(url.as_ref()))
    }

    /// Shares what is recorded with other processes. Each pushes what it recorded at the end of every interval; one of them
    /// reports a whole period to CloudWatch, once, some seconds after its end. Recording never notices a storage that is away:
    /// what is not pushed waits in bounded memory.
    ///
    /// A flush then pushes ([`FlushReport::pushed`], in series), and reports what is due. It does not wait for the end of the
    /// period: what was just pushed is not in [`FlushReport::sent`] yet, and that of a process that only pushes stays 0. What was
    /// pushed last is reported by the other processes, or by the next one that starts.
    pub fn storage(mut self, storage: impl Storage) -> Self {
        self.storage = Some(Arc::new(storage));
        self
    }

    /// Leaves it to others to report what is pushed to the [storage](Self::storage): this process needs no AWS region and no
    /// credentials.
    ///
    /// Where a parent forks workers and alone reports for all of them, let it fork first, and each process start for itself: a
    /// child goes on with whatever its parent had started, and would report, too.
    ///
    #[cfg_attr(feature = "redis", doc = "```no_run")]
    #[cfg_attr(not(feature = "redis"), doc = "```ignore")]
    /// # fn fork() -> i32 { 0 }
    /// let shared = || meters::namespace("Shop").redis("redis://127.0.0.1:6379");
    /// let meters = match fork() { // of the crate `libc` or `nix`
    ///     0 => shared().push_only().start()?, // a worker
    ///     _ => shared().start()?,             // the parent
    /// };
    /// # drop(meters);
    /// # Ok::<(), meters::Error>(())
    /// ```
    pub fn push_only(mut self) -> Self {
        self.only_pushes = true;
        self
    }
}
