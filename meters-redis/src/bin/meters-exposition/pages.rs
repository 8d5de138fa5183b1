//! All namespaces on one page.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use meters_core::{Error, Registry, Snapshot};
use meters_prometheus::Source;
use meters_redis::instrumentor;
use tokio::runtime::Runtime;

use crate::arguments::Options;
use crate::shown::Shown;

/// Reads all namespaces when somebody scrapes.
pub(crate) struct Pages(Mutex<Reading>);

struct Reading {
    runtime: Runtime,
    namespaces: Vec<Shown>,
    /// Of instrumentor, by name.
    hashes: Vec<(String, instrumentor::Exposition)>,
    timeout: Duration,
    /// What is told of the namespaces themselves.
    own: Registry,
}

impl Pages {
    pub(crate) fn new(options: &Options) -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Error::configuration("no runtime").with_source(error))?;
        let several = options.namespaces.len() > 1;
        let storage = options.storage()?.build();
        // A URL that cannot be used is told at once, and not at each scrape.
        instrumentor::Exposition::on(&storage, "")?;
        let hash = |name: &String| Ok((name.clone(), instrumentor::Exposition::on(&storage, name)?));
        let hashes = options.instrumentor.iter().map(hash).collect::<Result<_, Error>>()?;
        let namespaces = options.namespaces.iter().map(|name| Shown::new(&storage, name, several)).collect();
        let (timeout, own) = (options.timeout, Registry::new());
        Ok(Self(Mutex::new(Reading { runtime, namespaces, hashes, timeout, own })))
    }
}

impl Source for Pages {
    fn snapshot(&self) -> Result<Snapshot, Error> {
        // What a panic left behind is read again.
        let mut reading = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Reading { runtime, namespaces, timeout, own, .. } = &mut *reading;
        let mut page = Snapshot::from_parts(SystemTime::now(), Duration::ZERO, Vec::new());
        for namespace in namespaces {
            let up = own.gauge("meters_exposition_up").dimension("namespace", &*namespace.name);
            let up = up.description("1 where the totals of the namespace could be read from the Redis.").register();
            match runtime.block_on(namespace.read(*timeout)) {
                Some(read) => {
                    up.set(1.0);
                    page.merge(&read);
                }
                None => up.set(0.0),
            }
        }
        page.merge(&own.snapshot());
        Ok(page)
    }

    fn other(&self, path: &str) -> Option<Result<String, Error>> {
        let name = path.strip_prefix("/instrumentor/")?;
        let reading = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, hash) = reading.hashes.iter().find(|(known, _)| known == name)?;
        let page = reading.runtime.block_on(hash.page(Instant::now() + reading.timeout));
        Some(page.map(|page| page.to_string()))
    }
}
