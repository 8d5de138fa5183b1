//! What the program is told, by arguments and by the environment. Arguments go before. What was written is not repeated where it
//! may hold a password.

use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::time::Duration;

use lexopt::{Arg, Parser};
use meters_core::Error;
use meters_redis::{RedisStorage, RedisStorageBuilder};

/// What is asked for.
#[derive(Debug)]
pub(crate) enum Wish {
    Help,
    Version,
    Serve(Box<Options>),
}

/// What `--help` prints.
pub(crate) const HELP: &str = include_str!("help.txt");

const HINT: &str = "see meters-exposition --help";

/// Everything that may be said. The URL may hold a password.
#[derive(Clone)]
pub(crate) struct Options {
    redis: String,
    user: Option<String>,
    password: Option<String>,
    ca_certificate: Option<String>,
    pub(crate) namespaces: Vec<String>,
    pub(crate) instrumentor: Vec<String>,
    pub(crate) listen: String,
    pub(crate) prefix: String,
    pub(crate) take: bool,
    pub(crate) timeout: Duration,
}

/// An option with a value, and its variable.
const KNOWN: [(&str, &str); 9] = [
    ("redis", "METERS_REDIS_URL"),
    ("user", "METERS_REDIS_USER"),
    ("ca-certificate", "METERS_REDIS_CA"),
    ("namespace", "METERS_NAMESPACE"),
    ("instrumentor", "METERS_INSTRUMENTOR"),
    ("listen", "METERS_LISTEN"),
    ("prefix", "METERS_PREFIX"),
    ("timeout", "METERS_TIMEOUT"),
    ("take", "METERS_TAKE"),
];

/// The error says what to write instead.
pub(crate) fn read(
    arguments: impl IntoIterator<Item = OsString>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Wish, String> {
    let mut options = Options::new(variable("METERS_REDIS_PASSWORD"));
    for (name, variable_name) in KNOWN {
        if let Some(value) = variable(variable_name).filter(|value| !value.is_empty()) {
            options.set(name, &value).map_err(|wanted| format!("{variable_name}: write {wanted}"))?;
        }
    }
    let mut given = Vec::new();
    let mut parser = Parser::from_iter(arguments);
    while let Some(argument) = parser.next().map_err(|_| format!("an argument that cannot be read: {HINT}"))? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(Wish::Help),
            Arg::Short('V') | Arg::Long("version") => return Ok(Wish::Version),
            Arg::Long("take") => options.take = true,
            Arg::Long("password") => {
                return Err("a password on the command line can be read by all users of this machine: put it into \
                            METERS_REDIS_PASSWORD"
                    .to_owned());
            }
            Arg::Long(name) => {
                let Some((name, _)) = KNOWN.iter().find(|(known, _)| *known == name) else {
                    return Err(format!("there is no option --{name}: {HINT}"));
                };
                let value = parser.value().ok().and_then(|value| value.into_string().ok());
                let value = value.ok_or_else(|| format!("--{name} wants a value: {HINT}"))?;
                if !given.contains(name) {
                    // What is said here takes the place of what the environment says.
                    options.names(name).into_iter().for_each(Vec::clear);
                    given.push(*name);
                }
                options.set(name, &value).map_err(|wanted| format!("--{name}: write {wanted}"))?;
            }
            Arg::Short(letter) => return Err(format!("there is no option -{letter}: {HINT}")),
            Arg::Value(_) => return Err(format!("there is a word too many: {HINT}")),
        }
    }
    if options.redis.is_empty() {
        return Err("say where the Redis is: --redis redis://host or METERS_REDIS_URL".to_owned());
    }
    if options.namespaces.is_empty() && options.instrumentor.is_empty() {
        return Err(
            "say whose metrics to serve: --namespace NAME or METERS_NAMESPACE, or --instrumentor NAME".to_owned()
        );
    }
    Ok(Wish::Serve(Box::new(options)))
}

impl Options {
    fn new(password: Option<String>) -> Self {
        Self {
            redis: String::new(),
            user: None,
            password,
            ca_certificate: None,
            namespaces: Vec::new(),
            instrumentor: Vec::new(),
            listen: "127.0.0.1:9464".to_owned(),
            prefix: String::new(),
            take: false,
            timeout: Duration::from_secs(5),
        }
    }

    /// Where an option has its names, if it has any.
    fn names(&mut self, option: &str) -> Option<&mut Vec<String>> {
        match option {
            "namespace" => Some(&mut self.namespaces),
            "instrumentor" => Some(&mut self.instrumentor),
            _ => None,
        }
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let text = value.to_owned();
        match name {
            "redis" => self.redis = text,
            "user" => self.user = Some(text),
            "ca-certificate" => self.ca_certificate = Some(text),
            "listen" => self.listen = text,
            "prefix" => self.prefix = text,
            "take" => self.take = !matches!(value, "0" | "false" | "no"),
            "timeout" => {
                let seconds = value.strip_suffix('s').unwrap_or(value).parse().ok();
                let seconds = seconds.filter(|seconds| (0.001..=3600.0).contains(seconds));
                self.timeout = seconds.map(Duration::from_secs_f64).ok_or("seconds such as 5, up to 3600")?;
            }
            _ => {
                let Some(names) = self.names(name) else { return Ok(()) };
                for name in value.split(',').map(str::trim).filter(|name| !name.is_empty()) {
                    if !names.iter().any(|known| known == name) {
                        names.push(name.to_owned());
                    }
                }
                if names.is_empty() {
                    return Err("a name, or several with commas between".to_owned());
                }
            }
        }
        Ok(())
    }

    /// The storage, less what its processes agreed on.
    pub(crate) fn storage(&self) -> Result<RedisStorageBuilder, Error> {
        let mut builder = RedisStorage::builder(&self.redis);
        if let Some(password) = &self.password {
            builder = builder.login(self.user.as_deref().unwrap_or("default"), password);
        }
        if let Some(path) = &self.ca_certificate {
            let unread = || Error::configuration(format!("--ca-certificate {path}: name a file of PEM text"));
            let pem = fs::read(path).map_err(|error| unread().with_source(error))?;
            builder = builder.ca_certificate(pem);
        }
        Ok(builder)
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("namespaces", &self.namespaces).finish_non_exhaustive()
    }
}
