//! One application: whose metrics they are, and how they are reached.

use std::fs;
use std::time::Duration;

use meters::{Builder, Meters, RedisStorage, Registry};
use meters_redis::{Agreed, Status};

use crate::options::Options;
use crate::say::{self, line};

/// Named by its namespace, or by what its processes call themselves.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    pub(crate) name: String,
    /// None: the processes' is learnt from the Redis.
    pub(crate) namespace: Option<String>,
    storage: RedisStorage,
}

impl Application {
    /// All that were named.
    pub(crate) fn all(options: &Options) -> Result<Vec<Self>, String> {
        let by_namespace = options.namespaces.iter().map(|name| (name, Some(name.clone())));
        let by_name = options.applications.iter().map(|name| (name, None));
        let named = by_namespace.chain(by_name);
        named.map(|(name, namespace)| Self::new(options, name, namespace)).collect()
    }

    fn new(options: &Options, name: &str, namespace: Option<String>) -> Result<Self, String> {
        Ok(Self { name: name.to_owned(), namespace, storage: storage(options, name, None)? })
    }

    pub(crate) async fn status(&self) -> Result<Status, meters::Error> {
        self.storage.status(&self.name).await
    }

    /// What its processes agreed on, as far as it was not told otherwise. None: no process has been here yet.
    pub(crate) fn terms(&self, options: &Options, status: &Status) -> Option<Terms> {
        let agreed = status.terms.as_ref();
        Some(Terms {
            namespace: self.namespace.clone().or(agreed.map(|agreed| agreed.namespace.clone()))?,
            period: options.interval.or(agreed.map(|agreed| agreed.period))?,
            shards: agreed.map_or(1, |agreed: &Agreed| agreed.shards),
        })
    }

    /// Begins to report, when told.
    pub(crate) fn start(&self, options: &Options, terms: &Terms) -> Result<Meters, String> {
        let builder = meters::namespace(&terms.namespace)
            .manual()
            // Its own, in which nothing is recorded.
            .registry(&Registry::new())
            .flush_at_exit(false)
            .storage(storage(options, &self.name, Some(terms))?)
            .read_back(options.read_back == Some(true));
        let (troubled, refusing) = (self.name.clone(), self.name.clone());
        cloudwatch(builder, options)
            .on_error(move |error| say::trouble(&troubled, &line(error)))
            .on_refused(move |refused| say::trouble(&refusing, &refused.to_string()))
            .start()
            .map_err(|error| line(&error))
    }
}

/// Whether there is a region, and whether there are credentials: before anybody has pushed anything, for who began this may
/// still be looking.
pub(crate) fn check(options: &Options) -> Result<(), String> {
    let nothing = Registry::new();
    let builder = meters::namespace("meters-flusher").manual().registry(&nothing).flush_at_exit(false);
    cloudwatch(builder, options).start().map(drop).map_err(|error| line(&error))
}

/// Where CloudWatch is, as far as the command line says it.
fn cloudwatch(mut builder: Builder, options: &Options) -> Builder {
    if let Some(region) = &options.region {
        builder = builder.region(region);
    }
    if let Some(url) = &options.endpoint_url {
        builder = builder.endpoint_url(url);
    }
    builder
}

/// What all processes of an application mean alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) namespace: String,
    pub(crate) period: Duration,
    shards: u16,
}

fn storage(options: &Options, application: &str, terms: Option<&Terms>) -> Result<RedisStorage, String> {
    let mut builder = RedisStorage::builder(options.redis.as_deref().unwrap_or_default()).application(application);
    if let Some(password) = &options.password {
        builder = builder.login(options.user.as_deref().unwrap_or("default"), password);
    }
    if let Some(path) = &options.ca_certificate {
        let pem =
            fs::read(path).map_err(|error| format!("--ca-certificate {path}: {error}: name a file of PEM text"))?;
        builder = builder.ca_certificate(pem);
    }
    if let Some(terms) = terms {
        builder = builder.period(terms.period).shards(terms.shards);
    }
    macro_rules! pass {
        ($($name:ident)*) => {
            $(if let Some(value) = options.$name { builder = builder.$name(value); })*
        };
    }
    pass!(grace claim_time takeover_after lease connect_timeout response_timeout replicas);
    Ok(builder.build())
}
