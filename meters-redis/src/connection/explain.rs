//! What an answer that is an error means, and what to do about it. Source of the codes: `src/server.c`, `src/script.c`,
//! `src/cluster.c` of Redis; <https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors>.

use meters_core::Error;
use redis::RedisError;

use super::Role;
use super::failure::{Doubt, Failure};
use super::target::Target;

/// What an error is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About<'a> {
    pub(crate) target: &'a Target,
    pub(crate) role: Role,
    /// Of the call.
    pub(crate) keys: &'a [Vec<u8>],
}

/// Says what a server's error means. One without a code is none of a server's, and leaves open what became of the call.
#[cold]
pub(crate) fn explain(error: &RedisError, about: About<'_>) -> Failure {
    let target = about.target;
    let Some(code) = error.code() else {
        let cause = scrubbed(&error.to_string(), target);
        let error =
            Error::export(format!("the connection to {target} broke before the answer came")).with_source(cause);
        return Failure::unknown(error);
    };
    // A Redis before 7 wraps what fails in a script: the code stands within.
    let text = scrubbed(&format!("{code} {}", error.detail().unwrap_or_default()), target);
    let has = |word: &str| text.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part == word);
    let (doubt, message) = match () {
        () if has("NOPERM") || text.contains("The user executing the script can't") => (
            Doubt::Configuration,
            format!(
                "{target} does not let {} do what metrics need: {}",
                user(target),
                about.role.grant(user_name(target), about.keys)
            ),
        ),
        () if has("WRONGPASS") || text.contains("invalid password") || text.contains("AUTH <password> called") => (
            Doubt::Configuration,
            format!("{target} refuses {} or its password: correct them in the URL or the builder", user(target)),
        ),
        () if has("NOAUTH") => (
            Doubt::Configuration,
            format!("{target} wants a password: put it into the URL, redis://user:password@host, or call .password(…)"),
        ),
        () if has("WRONGTYPE") => (
            Doubt::Configuration,
            format!(
                "a key of the metrics holds something else on {target}: use another {}, or look with TYPE and remove with \
                 DEL among {}",
                if about.role == Role::Instrumentor { "namespace" } else { ".application(…)" },
                listed(about.keys)
            ),
        ),
        () if has("CROSSSLOT") => (
            Doubt::Configuration,
            format!(
                "{target} finds keys of one call in several slots, which only what stands between can cause: connect to \
                 the nodes themselves ({})",
                listed(about.keys)
            ),
        ),
        () if has("DENIED") => (
            Doubt::Configuration,
            format!(
                "{target} is in protected mode: set a password there, or `protected-mode no` with `bind` to a private address"
            ),
        ),
        () if text.contains("unknown command") || text.contains("unknown subcommand") => (
            Doubt::Configuration,
            format!(
                "{target} lacks a command that metrics need: use Redis 6.2 or later, or Valkey, without rename-command"
            ),
        ),
        () if text.contains("SELECT is not allowed in cluster mode") || text.contains("DB index is out of range") => (
            Doubt::Configuration,
            format!("{target} has no database {}: leave the number out of the URL", target.database),
        ),
        () if has("OOM") => (
            Doubt::Retry,
            format!(
                "{target} has reached its maxmemory: raise it, or remove what else lies there; metrics wait meanwhile"
            ),
        ),
        () if has("READONLY") => (Doubt::Retry, format!("{target} leads to a replica: metrics wait for the master")),
        () if has("LOADING") => (Doubt::Retry, format!("{target} is loading its data: metrics wait")),
        () if has("MISCONF") => (
            Doubt::Retry,
            format!("{target} cannot save to its disk and refuses writes: look into its log; metrics wait meanwhile"),
        ),
        () if has("NOREPLICAS") => {
            (Doubt::Retry, format!("{target} lacks the replicas of its min-replicas-to-write: metrics wait"))
        }
        () if has("BUSY") || has("UNKILLABLE") => (
            Doubt::Retry,
            format!("{target} is busy with somebody's script: end it with SCRIPT KILL; metrics wait meanwhile"),
        ),
        () if ["MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MOVED", "ASK", "NOSCRIPT"].iter().any(|code| has(code)) => {
            (Doubt::Retry, format!("{target} is rearranging itself: metrics wait"))
        }
        () if text.contains("max number of clients") => (
            Doubt::Retry,
            format!("{target} has as many clients as its maxclients allows: raise it; metrics wait meanwhile"),
        ),
        () => (Doubt::Retry, format!("{target} refuses a call: metrics wait")),
    };
    let error = match doubt {
        Doubt::Configuration => Error::configuration(message),
        _ => Error::export(message),
    };
    Failure { doubt, error: error.with_source(text) }
}

/// Without passwords: a server may quote what it did not understand, and AUTH is among that.
pub(crate) fn scrubbed(text: &str, target: &Target) -> String {
    let text = text.split(", with args beginning with").next().unwrap_or_default();
    let mut clean = text.to_owned();
    for password in [&target.login.password, &target.sentinel_login.password].into_iter().flatten() {
        clean = hidden(clean, password.reveal());
    }
    clean
}

/// A password so short that words have it in them is looked for only where a server or a URL would quote it.
const WORD: usize = 6;

fn hidden(text: String, password: &str) -> String {
    if password.chars().count() >= WORD {
        return text.replace(password, "***");
    }
    let quoted = [("'", "'"), ("\"", "\""), ("`", "`"), (":", "@")];
    quoted.into_iter().fold(text, |text, (open, close)| {
        text.replace(&format!("{open}{password}{close}"), &format!("{open}***{close}"))
    })
}

fn user_name(target: &Target) -> &str {
    target.login.user.as_deref().unwrap_or("default")
}

fn user(target: &Target) -> String {
    format!("the user \"{}\"", user_name(target))
}

fn listed(keys: &[Vec<u8>]) -> String {
    let keys: Vec<_> = keys.iter().map(|key| String::from_utf8_lossy(key).into_owned()).collect();
    keys.join(", ")
}

#[cfg(test)]
mod tests {
    use super::hidden;

    #[test]
    fn no_password_shows_and_a_short_one_mangles_no_word() {
        let said = "ERR unknown command 'AUTH' 'e' \"e\" redis://u:e@host: there is none";
        let clean = "ERR unknown command 'AUTH' '***' \"***\" redis://u:***@host: there is none";
        assert_eq!(hidden(said.to_owned(), "e"), clean);
        assert_eq!(hidden("no canary here".to_owned(), "canary"), "no *** here");
    }
}
