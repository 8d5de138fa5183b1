//! What a user may choose, and what of it cannot work.

use std::time::Duration;

use meters_core::Error;
use meters_core::storage::Terms;

use super::without::Without;
use crate::connection::{Credentials, LONGEST, Limits, Role, Secret, Target, Way};
use crate::protocol::settings::Settings as Times;

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(86_400);

/// As the builder was told. Nothing is checked before a process joins.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// May hold a password.
    pub(crate) url: Secret,
    pub(crate) login: Credentials,
    pub(crate) sentinel_login: Credentials,
    #[cfg(feature = "tls")]
    pub(crate) trust: crate::connection::Trust,
    pub(crate) application: Option<String>,
    pub(crate) shards: u16,
    pub(crate) period: Option<Duration>,
    pub(crate) grace: Duration,
    pub(crate) claim: Duration,
    pub(crate) takeover: Duration,
    pub(crate) lease: Duration,
    pub(crate) retention: Option<Duration>,
    pub(crate) keep: Duration,
    pub(crate) replicas: Option<u32>,
    pub(crate) connect: Duration,
    pub(crate) response: Duration,
    /// Only tests leave something out.
    pub(crate) without: Option<Without>,
}

impl Settings {
    pub(crate) fn new(url: &str) -> Self {
        Self {
            url: Secret::new(url),
            login: Credentials::default(),
            sentinel_login: Credentials::default(),
            #[cfg(feature = "tls")]
            trust: Default::default(),
            application: None,
            shards: 1,
            period: None,
            grace: 5 * SECOND,
            claim: 120 * SECOND,
            takeover: 360 * SECOND,
            lease: 30 * SECOND,
            retention: None,
            keep: DAY,
            replicas: None,
            connect: SECOND,
            response: 2 * SECOND,
            without: None,
        }
    }

    /// As the machines have them.
    pub(crate) fn times(&self, period: Duration) -> Times {
        let all = Times::default();
        Times {
            period,
            grace: self.grace,
            claim: self.claim,
            takeover: self.takeover,
            read_back: None,
            lease: self.lease,
            tick: (period / 6).min(10 * SECOND),
            bucket_ttl: self.keep,
            writer_ttl: self.keep,
            retention: self.retention.unwrap_or((3 * period).max(5 * SECOND)),
            look: period,
            retained_bytes: if self.without == Some(Without::Retention) { 0 } else { all.retained_bytes },
            ..all
        }
    }

    /// Where to, and as whom: what the builder says goes before what the URL says.
    pub(crate) fn target(&self) -> Result<Target, Error> {
        let mut target = Target::parse(self.url.reveal())?;
        for (login, own) in [(&mut target.login, &self.login), (&mut target.sentinel_login, &self.sentinel_login)] {
            login.user = own.user.clone().or(login.user.take());
            login.password = own.password.clone().or(login.password.take());
            if login.user.is_some() && login.password.is_none() {
                return Err(Error::configuration(
                    "the URL of the Redis names a user without a password: use redis://user:password@host, or \
                     redis://:password@host for a server that has only a password",
                ));
            }
        }
        if cfg!(not(feature = "tls")) && target.tls {
            return Err(Error::configuration(format!(
                "{target} takes TLS: switch on the feature \"tls\" of meters-redis"
            )));
        }
        #[cfg(feature = "tls")]
        if !target.tls && (!self.trust.authorities.is_empty() || self.trust.identity.is_some()) {
            return Err(Error::configuration(format!("{target} does not use its certificates: write rediss://")));
        }
        Ok(target)
    }

    /// The way there.
    pub(crate) fn way(&self, role: Role) -> Result<Way, Error> {
        let target = self.target()?;
        #[cfg(feature = "tls")]
        let tls = if target.tls { Some(crate::connection::Tls::new(&self.trust)?) } else { None };
        Ok(Way {
            target: target.into(),
            limits: Limits {
                connect: self.connect,
                response: self.response,
                // Who leads is back before another may: it alone knows what was reported to a server that forgot.
                pause: LONGEST.min(self.lease / 4),
            },
            role,
            #[cfg(feature = "tls")]
            tls,
        })
    }

    /// As [`check`](Self::check), for who only looks.
    pub(crate) fn check_connection(&self) -> Result<(), Error> {
        let wrong = |message: String| Err(Error::configuration(message));
        if let Some(name) = &self.application
            && (name.is_empty() || name.len() > 255)
        {
            return wrong(format!("application({name:?}): use 1 to 255 bytes"));
        }
        for (name, value) in [("connect_timeout", self.connect), ("response_timeout", self.response)] {
            if value.is_zero() || value > DAY {
                return wrong(format!("{name}({value:?}): use more than nothing and at most a day"));
            }
        }
        Ok(())
    }

    /// Where a claim is shorter than a request, none may ever begin.
    pub(crate) fn check_report(&self, terms: &Terms) -> Result<(), Error> {
        if terms.reports && self.claim <= terms.patience {
            let (claim, patience) = (self.claim, terms.patience);
            return Err(Error::configuration(format!(
                "claim_time({claim:?}): must be longer than one request to CloudWatch may take, {patience:?}; use twice \
                 that or more"
            )));
        }
        match terms.read_back.filter(|time| terms.reports && self.takeover < *time) {
            Some(time) => Err(Error::configuration(format!(
                "takeover_after({:?}): where doubts are looked up, must be at least as long as a request may arrive, {time:?}",
                self.takeover
            ))),
            None => Ok(()),
        }
    }

    /// The first thing that cannot work, in a sentence that says what would.
    pub(crate) fn check(&self, period: Duration) -> Result<(), Error> {
        self.check_connection()?;
        let wrong = |message: String| Err(Error::configuration(message));
        if !(1..=1024).contains(&self.shards) {
            return wrong(format!("shards({}): use 1 to 1024, one for each node of a cluster is plenty", self.shards));
        }
        for (name, value) in [("period", period), ("claim_time", self.claim), ("lease", self.lease)] {
            if value.is_zero() || value > DAY {
                return wrong(format!("{name}({value:?}): use more than nothing and at most a day"));
            }
        }
        if self.keep < period * 4 || self.keep > 14 * DAY {
            return wrong(format!(
                "keep_unreported({:?}): use at least four periods, and at most 14 days, which is what CloudWatch takes",
                self.keep
            ));
        }
        if self.keep < self.claim + self.takeover {
            return wrong(format!(
                "keep_unreported({:?}): must outlast claim_time and takeover_after together, {:?}",
                self.keep,
                self.claim + self.takeover
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_can_be_used() {
        let settings = Settings::new("redis://localhost");
        settings.check(60 * SECOND).unwrap();
        assert_eq!(settings.target().unwrap().to_string(), "redis://localhost:6379");
    }

    #[test]
    fn who_leads_is_back_before_its_lease_is_over() {
        let mut settings = Settings::new("redis://h");
        assert_eq!(settings.way(Role::Drain).unwrap().limits.pause, LONGEST);
        settings.lease = 2 * SECOND;
        assert_eq!(settings.way(Role::Drain).unwrap().limits.pause, SECOND / 2);
    }

    #[test]
    fn the_builder_goes_before_the_url() {
        let mut settings = Settings::new("redis://a:b@h");
        settings.login.password = Some(Secret::new("c"));
        let login = settings.target().unwrap().login;
        assert_eq!((login.user.as_deref(), login.password.unwrap().reveal()), (Some("a"), "c"));
    }

    #[test]
    fn a_claim_in_which_no_request_may_begin_is_a_mistake_of_those_who_report() {
        let mut settings = Settings::new("redis://h");
        for (reports, claim, works) in [(true, 5, false), (true, 6, true), (false, 5, true)] {
            let mut terms = Terms::new(meters_core::Namespace::new("Shop").unwrap(), 60 * SECOND, reports);
            (terms.patience, settings.claim) = (5 * SECOND, claim * SECOND);
            let told = settings.check_report(&terms).map_err(|error| error.to_string());
            assert_eq!(told.is_ok(), works, "{told:?}");
            assert!(told.err().is_none_or(|told| told.starts_with("claim_time(5s): must be longer")));
        }
        for (reports, takeover, works) in [(true, 359, false), (true, 360, true), (false, 30, true)] {
            let mut terms = Terms::new(meters_core::Namespace::new("Shop").unwrap(), 60 * SECOND, reports);
            (terms.read_back, settings.takeover) = (Some(360 * SECOND), takeover * SECOND);
            assert_eq!(settings.check_report(&terms).is_ok(), works, "{takeover}");
        }
    }

    #[test]
    fn the_first_mistake_says_what_to_write() {
        type Change = fn(&mut Settings);
        let cases: [(Change, &str); 5] = [
            (|s| s.application = Some("".into()), "application(\"\"): use 1 to 255"),
            (|s| s.shards = 0, "shards(0): use 1 to 1024"),
            (|s| s.claim = Duration::ZERO, "claim_time(0ns): use more"),
            (|s| s.keep = 15 * DAY, "keep_unreported(1296000s): use at least four periods"),
            (|s| (s.keep, s.takeover) = (600 * SECOND, 900 * SECOND), "keep_unreported(600s): must outlast"),
        ];
        for (change, wanted) in cases {
            let mut settings = Settings::new("redis://h");
            change(&mut settings);
            let error = settings.check(60 * SECOND).unwrap_err();
            assert!(error.is_configuration() && error.to_string().starts_with(wanted), "{error}");
        }
        let error = Settings::new("redis://user@h").target().unwrap_err();
        assert!(error.to_string().contains("a user without a password"), "{error}");
    }
}
