//! Who pushes, and leaves the rest to the program.

use super::*;

use meters::{Meters, RedisStorage, RedisStorageBuilder, Registry};

pub(crate) fn storage(redis: &Server) -> RedisStorageBuilder {
    RedisStorage::builder(&redis.url())
        .period(Duration::from_secs(1))
        .grace(Duration::from_millis(200))
        .connect_timeout(PATIENCE)
        .response_timeout(PATIENCE)
}

/// A process's part, without its process.
pub(crate) struct Member {
    pub(crate) meters: Meters,
    pub(crate) registry: Registry,
}

impl Member {
    pub(crate) fn of(namespace: &str, storage: RedisStorageBuilder) -> Self {
        let registry = Registry::new();
        let builder = meters::namespace(namespace).manual().registry(&registry).storage(storage.build());
        // Where it would report to: it does not, but it is a sign that this is no ordinary test.
        let meters = builder.endpoint_url("http://127.0.0.1:9").push_only().start().unwrap();
        Self { meters, registry }
    }

    pub(crate) fn join(redis: &Server) -> Self {
        Self::of("Shop", storage(redis))
    }

    pub(crate) fn push(&self, orders: u64) {
        self.registry.counter("Orders").register().inc(orders);
        let report = self.meters.flush(PATIENCE);
        assert_eq!((report.pushed, report.pending), (1, 0), "{report}");
    }
}
