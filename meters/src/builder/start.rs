//! From what was said to what runs.

use std::sync::Arc;

use meters_core::{Error, Namespace, Registry, Seat};
use once_cell::sync::OnceCell;

use super::{Builder, INTERVAL};
use crate::flusher::{Flusher, Plan, Sharing};
use crate::handle::Meters;
use crate::running::{self, route};
use crate::said::Said;
use crate::{ending, switch};

impl Builder {
    /// Starts exporting. Where it is to report to CloudWatch, it returns when there is a region and there are credentials. Where
    /// the feature `cloudwatch` is off, or CloudWatch is [left out](Self::without_cloudwatch), what is recorded has to go
    /// elsewhere: to a [storage](Self::storage), or to Prometheus.
    ///
    /// Dropping what it returns sends the last window, within two seconds; [`Meters::shutdown`] says how that went.
    ///
    /// Nothing is exported, and no thread started, where the environment says `METERS=off`, nor in an executable that
    /// `cargo test` or `cargo bench` built unless it gives a [`Builder::endpoint_url`] or a
    /// [`Builder::client`], or the environment says `METERS=on`. Then reports have [`off`](crate::FlushReport::off).
    ///
    /// A child of `fork` exports by itself, beginning with what it records itself: its own thread is started when it first
    /// records. It needs no call for that, and may flush and shut down by the same guard.
    ///
    /// # Errors
    /// [`Error::is_invalid_input`] for the first mistake above, [`Error::is_configuration`] where there is no region, where there
    /// are no credentials, and where what is recorded would go nowhere. It says what to set.
    ///
    #[cfg_attr(not(feature = "cloudwatch"), doc = include_str!("../elsewhere/cloudwatch.md"))]
    pub fn start(mut self) -> Result<Meters, Error> {
        let namespace = Namespace::new(std::mem::take(&mut self.namespace))?;
        if let Some(mistake) = self.mistake.take() {
            return Err(mistake);
        }
        self.check()?;
        let registry = self.registry.unwrap_or_else(|| Registry::global().clone());
        if let Some(limit) = self.limit {
            registry.set_limit(limit);
        }
        if let Some(windows) = self.expire_after {
            registry.expire_after(windows);
        }
        if let Some(level) = self.level {
            registry.set_level(level);
        }
        #[cfg(all(feature = "process", unix))]
        if self.tells_of_process {
            crate::process_metrics(&registry);
        }
        let off = switch::is_off(self.cloudwatch.is_asked());
        let place = if self.reports { self.cloudwatch.place() } else { Some("elsewhere".to_owned()) };
        let route = route(&registry, &namespace, place);
        if !running::reserve(&route) {
            return Err(Error::configuration(format!(
                "this process reports to the namespace {:?} already, and everything would count twice: keep the `Meters` that \
                 `start()` returned, or use `start_once()`",
                namespace.as_str()
            )));
        }
        #[cfg(feature = "prometheus")]
        let endpoint = match self.scraped.shown(&registry, &self.dimensions, off) {
            Ok(endpoint) => endpoint,
            Err(error) => {
                running::started(route, None, self.at_exit);
                return Err(error);
            }
        };
        let (dimensions, pid_dimension, on_error) = (self.dimensions, self.pid_dimension, self.on_error);
        let said = Said { namespace, dimensions, pid_dimension, on_error };
        let reports = self.reports && !self.only_pushes;
        let cloudwatch = if reports { self.cloudwatch.exit(said.clone()) } else { None };
        let period = self.interval.unwrap_or(INTERVAL);
        let sharing = self.storage.map(|storage| Sharing { storage, period });
        let plan = Plan { registry, said, seat: Seat::default(), cloudwatch, sharing };
        // Connecting may take seconds: nobody who asks what was started waits for it.
        let flusher = if off { Ok(Flusher::off(plan)) } else { Flusher::start(plan, self.interval) };
        let flusher = flusher.map(Arc::new);
        running::started(route, flusher.as_ref().ok(), self.at_exit);
        let meters = Meters {
            flusher: flusher?,
            #[cfg(feature = "prometheus")]
            endpoint,
        };
        if !off {
            ending::watch();
            #[cfg(unix)]
            if self.on_signal {
                ending::signals::watch()?;
            }
        }
        Ok(meters)
    }

    /// Whether what was said goes together, and goes anywhere.
    fn check(&self) -> Result<(), Error> {
        if self.only_pushes && self.storage.is_none() {
            return Err(Error::invalid_input(
                "`push_only()` wants a storage to push to: say which, by `redis(…)` or `storage(…)`",
            ));
        }
        if self.storage.is_some() && self.cloudwatch.has_spool() {
            return Err(Error::invalid_input(
                "a spool keeps what waits for CloudWatch in this process, and with a storage nothing does: leave out `spool(…)`",
            ));
        }
        if self.storage.is_none() && self.cloudwatch.reads_back() {
            return Err(Error::invalid_input(
                "`read_back(true)` wants a storage, in which requests are noted: say which, by `redis(…)` or `storage(…)`",
            ));
        }
        let reports = self.reports && cfg!(feature = "cloudwatch");
        // A page may be looked at by whoever comes.
        if reports || self.storage.is_some() || cfg!(feature = "prometheus") {
            return Ok(());
        }
        let push = match cfg!(feature = "redis") {
            true => "say by `redis(…)` where to push it",
            false => "turn on the feature `redis` of `meters` and say by `redis(…)` where to push it",
        };
        let report = match cfg!(feature = "cloudwatch") {
            true => "leave out `without_cloudwatch()`",
            false => "turn on the feature `cloudwatch` of `meters`",
        };
        Err(Error::configuration(format!("what is recorded would go nowhere: {push}, or {report} to report it")))
    }

    /// Starts exporting unless this process has done so by this method already, and says whether it did. From then on
    /// [`flush`](crate::flush) and [`shutdown`](crate::shutdown) reach it. There is no guard to drop: what was recorded last is
    /// sent when the process exits (see [`flush_at_exit`](Self::flush_at_exit)), or by `meters::shutdown(timeout)`, which says
    /// how that went.
    ///
    /// # Errors
    /// As [`start`](Self::start); the next call tries again.
    pub fn start_once(self) -> Result<bool, Error> {
        static ONCE: OnceCell<Meters> = OnceCell::new();
        let mut started = false;
        ONCE.get_or_try_init(|| {
            started = true;
            self.start()
        })?;
        Ok(started)
    }
}

#[cfg(test)]
mod tests {
    /// With the feature `prometheus` somebody may come and look.
    #[cfg(not(feature = "prometheus"))]
    #[test]
    fn what_would_go_nowhere_is_told_which_method_and_which_feature_it_lacks() {
        let error = crate::namespace("Nowhere").without_cloudwatch().start().unwrap_err();
        assert!(error.is_configuration(), "{error}");
        let said = error.to_string();
        assert!(said.contains("`redis(…)`"), "{said}");
        assert_eq!(said.contains("the feature `redis`"), cfg!(not(feature = "redis")), "{said}");
        assert_eq!(said.contains("the feature `cloudwatch`"), cfg!(not(feature = "cloudwatch")), "{said}");
        assert_eq!(said.contains("leave out `without_cloudwatch()`"), cfg!(feature = "cloudwatch"), "{said}");
        // And where nobody left it out.
        #[cfg(not(feature = "cloudwatch"))]
        assert_eq!(crate::namespace("Nowhere").start().unwrap_err().to_string(), said);
    }

    /// Off, as this is a test; but it is no error.
    #[cfg(feature = "prometheus")]
    #[test]
    fn who_is_looked_at_needs_neither_cloudwatch_nor_a_storage() {
        let registry = crate::Registry::new();
        let started = crate::namespace("LookedAt").registry(&registry).without_cloudwatch().start();
        assert!(started.is_ok(), "{started:?}");
    }

    #[test]
    fn who_only_pushes_says_where_to() {
        let error = crate::namespace("Pushes").push_only().start().unwrap_err();
        assert!(error.is_invalid_input() && error.to_string().contains("`redis(…)`"), "{error}");
    }
}
