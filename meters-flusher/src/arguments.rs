//! Reads the command line. What was written is not repeated where it may hold a password.

use std::ffi::OsString;

use lexopt::{Arg, Parser};

use crate::options::{Deed, KNOWN, Options};

/// What is asked for.
#[derive(Debug)]
pub(crate) enum Wish {
    Help,
    Version,
    Do(Deed, Box<Options>),
}

/// What `--help` prints.
pub(crate) const HELP: &str = include_str!("help.txt");

const HINT: &str = "see meters-flusher --help";

/// The error says what to write instead.
pub(crate) fn read(
    arguments: impl IntoIterator<Item = OsString>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Wish, String> {
    let mut options = from_environment(&variable)?;
    let (mut deed, mut given) = (None, Options::default());
    let mut parser = Parser::from_iter(arguments);
    // Only a value where there is none to be, and bytes that are no text, are errors here.
    while let Some(argument) = parser.next().map_err(|_| format!("an argument that cannot be read: {HINT}"))? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(Wish::Help),
            Arg::Short('V') | Arg::Long("version") => return Ok(Wish::Version),
            Arg::Long("json") => given.json = true,
            Arg::Long(name) => {
                let Some(known) = KNOWN.iter().find(|known| known.name == name) else {
                    return Err(match name {
                        "password" => {
                            "a password on the command line can be read by all users of this machine: put it \
                                       into METERS_REDIS_PASSWORD"
                                .to_owned()
                        }
                        _ => format!("there is no option --{name}: {HINT}"),
                    });
                };
                let value = parser.value().ok().and_then(|value| value.into_string().ok());
                let value = value.ok_or_else(|| format!("--{} wants a value: {HINT}", known.name))?;
                (known.set)(&mut given, &value).map_err(|wanted| format!("--{}: write {wanted}", known.name))?;
            }
            Arg::Short(letter) => return Err(format!("there is no option -{letter}: {HINT}")),
            Arg::Value(word) if deed.is_none() => {
                deed = Some(match word.to_str() {
                    Some("run") => Deed::Run,
                    Some("once") => Deed::Once,
                    Some("status") => Deed::Status,
                    _ => return Err(format!("the first word is run, once or status: {HINT}")),
                });
            }
            Arg::Value(_) => return Err(format!("there is a word too many after run, once or status: {HINT}")),
        }
    }
    options.take(given);
    let deed = deed.ok_or_else(|| format!("say run, once or status: {HINT}"))?;
    options.check()?;
    Ok(Wish::Do(deed, Box::new(options)))
}

fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Options, String> {
    let mut options = Options { password: variable("METERS_REDIS_PASSWORD"), ..Options::default() };
    for known in KNOWN.iter().filter(|known| !known.variable.is_empty()) {
        if let Some(value) = variable(known.variable).filter(|value| !value.is_empty()) {
            (known.set)(&mut options, &value).map_err(|wanted| format!("{}: write {wanted}", known.variable))?;
        }
    }
    Ok(options)
}

impl Options {
    /// What was given goes before what is there.
    fn take(&mut self, given: Self) {
        macro_rules! prefer {
            ($($name:ident)*) => {
                $(if given.$name.is_some() { self.$name = given.$name; })*
            };
        }
        prefer!(redis user ca_certificate interval timeout grace claim_time takeover_after lease connect_timeout);
        prefer!(response_timeout replicas region endpoint_url read_back);
        // Names are one list, whichever way they are said.
        if !given.namespaces.is_empty() || !given.applications.is_empty() {
            (self.namespaces, self.applications) = (given.namespaces, given.applications);
        }
        self.json |= given.json;
    }

    fn check(&self) -> Result<(), String> {
        if self.redis.is_none() {
            return Err("which Redis? Say --redis redis://host:6379, or set METERS_REDIS_URL".to_owned());
        }
        if self.namespaces.is_empty() && self.applications.is_empty() {
            return Err("whose metrics? Say --namespace with the name that the processes give to \
                        meters::namespace(…), or set METERS_NAMESPACE"
                .to_owned());
        }
        if self.user.is_some() && self.password.is_none() {
            return Err("a user without a password: set METERS_REDIS_PASSWORD".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn parse(line: &str, environment: &[(&str, &str)]) -> Result<Wish, String> {
        let variable = |name: &str| environment.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        read(std::iter::once("meters-flusher").chain(line.split_whitespace()).map(OsString::from), variable)
    }

    fn options(line: &str, environment: &[(&str, &str)]) -> Options {
        match parse(line, environment) {
            Ok(Wish::Do(_, options)) => *options,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn arguments_go_before_the_environment() {
        let environment = [
            ("METERS_REDIS_URL", "redis://a"),
            ("METERS_NAMESPACE", "Shop, Billing"),
            ("METERS_INTERVAL", "30s"),
            ("METERS_OUTPUT", "json"),
        ];
        let told = options("run", &environment);
        assert_eq!(told.namespaces, ["Shop", "Billing"]);
        assert_eq!((told.interval, told.json), (Some(Duration::from_secs(30)), true));
        let told = options("--redis=redis://b once --namespace Jobs --interval 1m", &environment);
        assert_eq!((told.redis.as_deref(), &*told.namespaces), (Some("redis://b"), &["Jobs".to_owned()][..]));
        assert_eq!(told.interval, Some(Duration::from_secs(60)));
    }

    #[test]
    fn every_option_is_in_the_help() {
        for known in KNOWN {
            assert!(HELP.contains(&format!("--{} ", known.name)), "--{}", known.name);
            assert!(HELP.contains(known.variable), "{}", known.variable);
        }
    }

    #[test]
    fn each_mistake_says_what_to_write_and_repeats_no_value() {
        let there = "--redis redis://u:canary@h --namespace Shop";
        for (line, wanted) in [
            ("", "say run, once or status"),
            ("walk", "the first word is run, once or status"),
            ("redis://u:canary@h", "the first word is run"),
            ("run redis://u:canary@h", "a word too many"),
            ("run --namespace Shop", "which Redis? Say --redis"),
            ("run --redis redis://u:canary@h", "whose metrics? Say --namespace"),
            ("run --redis", "--redis wants a value"),
            ("run --url redis://u:canary@h", "there is no option --url"),
            ("run --password canary", "put it into METERS_REDIS_PASSWORD"),
            ("run -x", "there is no option -x"),
            ("run --json=canary", "cannot be read"),
            ("run --interval canary", "--interval: write a time such as 30s"),
            ("run --replicas canary", "--replicas: write a number"),
            ("run --output canary", "--output: write text or json"),
            ("run --namespace ,", "--namespace: write a name"),
            ("run --user shop --redis redis://h --namespace Shop", "set METERS_REDIS_PASSWORD"),
        ] {
            let message = parse(line, &[]).unwrap_err();
            assert!(message.contains(wanted), "{line}: {message}");
            assert!(!message.contains("canary") && !message.contains('\n'), "{message}");
        }
        let message = parse(&format!("run {there}"), &[("METERS_GRACE", "soon")]).unwrap_err();
        assert_eq!(message, "METERS_GRACE: write a time such as 30s, 500ms or 5m, from 10ms to 14d");
        assert!(!format!("{:?}", options(&format!("run {there}"), &[])).contains("canary"));
    }
}
