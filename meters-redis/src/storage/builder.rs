//! What a user writes.

use std::time::Duration;

use super::{RedisStorage, Settings, Without};
use crate::connection::Secret;

/// Settings of a [`RedisStorage`]. A mistake among them is reported when metrics are started.
///
/// All processes that share metrics must agree on `application`, `shards` and `period`.
///
/// ```
/// use std::time::Duration;
/// use meters_redis::RedisStorage;
///
/// let storage = RedisStorage::builder("rediss://cache.example.com")
///     .login("shop", "secret")
///     .application("shop")
///     .grace(Duration::from_secs(10))
///     .build();
/// assert!(!format!("{storage:?}").contains("secret"));
/// ```
#[derive(Clone, Debug)]
#[must_use = "call .build()"]
pub struct RedisStorageBuilder {
    settings: Settings,
}

impl RedisStorageBuilder {
    pub(crate) fn new(url: &str) -> Self {
        Self { settings: Settings::new(url) }
    }

    /// The storage with these settings.
    pub fn build(self) -> RedisStorage {
        RedisStorage { settings: self.settings }
    }

    /// The user and password of the server, in place of those in the URL. A server that has only a password has the user
    /// `default`. The rights that a user needs are in the documentation of [`RedisStorage`].
    pub fn login(mut self, user: &str, password: &str) -> Self {
        self.settings.login.user = Some(user.to_owned());
        self.settings.login.password = Some(Secret::new(password));
        self
    }

    /// The user and password of the Sentinels, which have their own.
    pub fn sentinel_login(mut self, user: &str, password: &str) -> Self {
        self.settings.sentinel_login.user = Some(user.to_owned());
        self.settings.sentinel_login.password = Some(Secret::new(password));
        self
    }

    /// Trusts the authorities in this PEM text, with `rediss://`, and no longer those of the system. May be called again.
    #[cfg(feature = "tls")]
    pub fn ca_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.settings.trust.authorities.push(pem.into());
        self
    }

    /// Shows the server this certificate, with `rediss://`: the PEM texts of the certificates and of the key.
    #[cfg(feature = "tls")]
    pub fn client_certificate(mut self, certificates: impl Into<Vec<u8>>, key: &str) -> Self {
        self.settings.trust.identity = Some((certificates.into(), Secret::new(key)));
        self
    }

    /// What the keys in Redis are named for: `m1:{application}:…`. By default, the namespace of the metrics.
    pub fn application(mut self, name: &str) -> Self {
        self.settings.application = Some(name.to_owned());
        self
    }

    /// Over how many places the series are spread, of which each may lie on another node of a cluster. By default 1, which
    /// is enough for some tens of thousands of processes.
    pub fn shards(mut self, shards: u16) -> Self {
        self.settings.shards = shards;
        self
    }

    /// How much time one report covers. By default, the interval of the metrics.
    pub fn period(mut self, period: Duration) -> Self {
        self.settings.period = Some(period);
        self
    }

    /// How long after its end a period is reported: processes push within this time. By default 5 s. What comes later is
    /// reported, too, at the same timestamp.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.settings.grace = grace;
        self
    }

    /// How long one process may take to report a period. By default 120 s; at least more than the 5 s that one request to
    /// CloudWatch may take.
    pub fn claim_time(mut self, time: Duration) -> Self {
        self.settings.claim = time;
        self
    }

    /// How long after `claim_time` another process reports in the place of one that died. By default 360 s, longer than
    /// CloudWatch accepts a request of the one that may only have been frozen. With 30 s, metrics of a process that is
    /// frozen for minutes and wakes up may be reported twice.
    pub fn takeover_after(mut self, time: Duration) -> Self {
        self.settings.takeover = time;
        self
    }

    /// How long a process reports before another may. By default 30 s. Saves requests: no count depends on it.
    ///
    /// After the first push into a new Redis, or one that lost its memory, nobody begins to report for as long, unless it
    /// reported before: so the first numbers come half a minute later. Tests want it short.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.settings.lease = lease;
        self
    }

    /// How long a process remembers what Redis has taken, to repeat it to a Redis that went back in time. By default three
    /// periods, at least 5 s.
    pub fn retention(mut self, time: Duration) -> Self {
        self.settings.retention = Some(time);
        self
    }

    /// How long Redis keeps what nobody reports. By default a day, at most 14, which is what CloudWatch takes.
    pub fn keep_unreported(mut self, time: Duration) -> Self {
        self.settings.keep = time;
        self
    }

    /// How many replicas must have a claim before it is reported. By default all that follow the server at that moment, which is
    /// none while none is connected: name how many there are where a failover must lose and double nothing.
    pub fn replicas(mut self, replicas: u32) -> Self {
        self.settings.replicas = Some(replicas);
        self
    }

    /// Leaves a part of the protocol out, so that tests see that they would notice.
    #[doc(hidden)]
    pub fn without(mut self, part: Without) -> Self {
        self.settings.without = Some(part);
        self
    }

    /// How long to wait for a connection, with TLS and login. By default 1 s.
    pub fn connect_timeout(mut self, time: Duration) -> Self {
        self.settings.connect = time;
        self
    }

    /// How long to wait for an answer. By default 2 s; reading a large period may take five times as long.
    pub fn response_timeout(mut self, time: Duration) -> Self {
        self.settings.response = time;
        self
    }
}
