//! What the program is told, by arguments and by the environment. Arguments go before.

use std::fmt;
use std::time::Duration;

use meters::Interval;

/// What it is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Run,
    Once,
    Status,
}

/// Everything that may be said. Nothing here is ever printed: the URL may hold a password.
#[derive(Clone, Default)]
pub(crate) struct Options {
    pub(crate) redis: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) ca_certificate: Option<String>,
    pub(crate) namespaces: Vec<String>,
    pub(crate) applications: Vec<String>,
    pub(crate) interval: Option<Duration>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) grace: Option<Duration>,
    pub(crate) claim_time: Option<Duration>,
    pub(crate) takeover_after: Option<Duration>,
    pub(crate) lease: Option<Duration>,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) response_timeout: Option<Duration>,
    pub(crate) replicas: Option<u32>,
    pub(crate) region: Option<String>,
    pub(crate) endpoint_url: Option<String>,
    pub(crate) read_back: Option<bool>,
    pub(crate) json: bool,
}

/// An option with a value: its name, its variable, and what is done with the value.
pub(crate) struct Known {
    pub(crate) name: &'static str,
    pub(crate) variable: &'static str,
    pub(crate) set: fn(&mut Options, &str) -> Result<(), String>,
}

pub(crate) const KNOWN: &[Known] = &[
    Known { name: "redis", variable: "METERS_REDIS_URL", set: |o, v| text(&mut o.redis, v) },
    Known { name: "user", variable: "METERS_REDIS_USER", set: |o, v| text(&mut o.user, v) },
    Known { name: "ca-certificate", variable: "METERS_REDIS_CA", set: |o, v| text(&mut o.ca_certificate, v) },
    Known { name: "namespace", variable: "METERS_NAMESPACE", set: |o, v| list(&mut o.namespaces, v) },
    Known { name: "application", variable: "METERS_APPLICATION", set: |o, v| list(&mut o.applications, v) },
    Known { name: "interval", variable: "METERS_INTERVAL", set: |o, v| time(&mut o.interval, v) },
    Known { name: "timeout", variable: "METERS_TIMEOUT", set: |o, v| time(&mut o.timeout, v) },
    Known { name: "grace", variable: "METERS_GRACE", set: |o, v| time(&mut o.grace, v) },
    Known { name: "claim-time", variable: "METERS_CLAIM_TIME", set: |o, v| time(&mut o.claim_time, v) },
    Known { name: "takeover-after", variable: "METERS_TAKEOVER_AFTER", set: |o, v| time(&mut o.takeover_after, v) },
    Known { name: "lease", variable: "METERS_LEASE", set: |o, v| time(&mut o.lease, v) },
    Known { name: "connect-timeout", variable: "METERS_CONNECT_TIMEOUT", set: |o, v| time(&mut o.connect_timeout, v) },
    Known {
        name: "response-timeout",
        variable: "METERS_RESPONSE_TIMEOUT",
        set: |o, v| time(&mut o.response_timeout, v),
    },
    Known { name: "replicas", variable: "METERS_REPLICAS", set: replicas },
    Known { name: "read-back", variable: "METERS_READ_BACK", set: read_back },
    // The AWS SDK reads the variables of these two itself.
    Known { name: "region", variable: "", set: |o, v| text(&mut o.region, v) },
    Known { name: "endpoint-url", variable: "", set: |o, v| text(&mut o.endpoint_url, v) },
    Known { name: "output", variable: "METERS_OUTPUT", set: output },
];

fn text(place: &mut Option<String>, value: &str) -> Result<(), String> {
    if value.is_empty() {
        return Err("a value that is not empty".to_owned());
    }
    *place = Some(value.to_owned());
    Ok(())
}

fn list(place: &mut Vec<String>, value: &str) -> Result<(), String> {
    let names = value.split(',').map(str::trim).filter(|name| !name.is_empty());
    let before = place.len();
    place.extend(names.map(str::to_owned));
    if place.len() == before { Err("a name, or several with commas between".to_owned()) } else { Ok(()) }
}

fn time(place: &mut Option<Duration>, value: &str) -> Result<(), String> {
    let time = value.interval().map_err(|_| "a time such as 30s, 500ms or 5m, from 10ms to 14d".to_owned())?;
    *place = Some(time);
    Ok(())
}

fn replicas(options: &mut Options, value: &str) -> Result<(), String> {
    options.replicas = Some(value.parse().map_err(|_| "a number of replicas such as 1".to_owned())?);
    Ok(())
}

fn read_back(options: &mut Options, value: &str) -> Result<(), String> {
    options.read_back = match value {
        "yes" => Some(true),
        "no" => Some(false),
        _ => return Err("yes or no".to_owned()),
    };
    Ok(())
}

fn output(options: &mut Options, value: &str) -> Result<(), String> {
    options.json = match value {
        "json" => true,
        "text" => false,
        _ => return Err("text or json".to_owned()),
    };
    Ok(())
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("namespaces", &self.namespaces).finish_non_exhaustive()
    }
}
