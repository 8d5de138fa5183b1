//! What a connection is for, and which rights that takes.

/// Which end of the storage a connection serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Pushes what a process recorded.
    Writer,
    /// Takes out periods and reports them.
    Drain,
    /// Looks, and changes nothing.
    Operator,
    /// Shows what was reported in all.
    Exposition,
    /// Meters of ss-instrumentation.
    Meters,
    /// Metrics of instrumentor.
    Instrumentor,
}

/// What each process does.
const WRITER: &str = "resetkeys ~m1:{*}:* resetchannels -@all +hello +select +asking +client|setname +evalsha +script|load \
                      +time +get +set +hset +hincrby +pexpire +zadd +zrange";
/// What those that report do, too. `WAITAOF` and what else not all servers know is not here: one unknown name, and the whole
/// command is refused.
const DRAIN: &str = "+hgetall +hkeys +hmget +hdel +exists +rename +persist +zrem +zcard +zrangebyscore +unlink +wait \
                     +info +config|get";
/// What somebody who only looks does.
const OPERATOR: &str = "resetkeys ~m1:{*}:* resetchannels -@all +hello +select +asking +client|setname +evalsha \
                        +script|load +time +get +zcard +zrange +hgetall +hkeys +memory|usage +info +config|get";
/// What somebody does who shows totals.
const EXPOSITION: &str = "resetkeys ~m1:{*}:* resetchannels -@all +hello +select +asking +client|setname +evalsha \
                          +script|load +time +get +hset +hmget +pexpire";

/// What those need that share meters with ss-instrumentation, whose keys lie elsewhere.
const METERS: &str = "resetkeys ~ssinstr:meter:* resetchannels -@all +hello +select +client|setname +evalsha +script|load \
                      +time +get +set +persist +hlen +hget +hmget +hset +hgetall +hincrby +rename +exists +unlink";

/// What those need that share metrics with instrumentor; the keys are those of the namespace.
const INSTRUMENTOR: &str = "resetchannels -@all +hello +select +asking +client|setname +evalsha +script|load +hexists +hget \
                            +hgetall +hset +hsetnx +hincrby +hincrbyfloat +pexpire";

impl Role {
    /// What `CLIENT LIST` shows.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Writer => "meters-writer",
            Self::Drain => "meters-drain",
            Self::Operator => "meters-operator",
            Self::Exposition => "meters-exposition",
            Self::Meters => "meters-ss",
            Self::Instrumentor => "meters-instrumentor",
        }
    }

    /// The command that gives a user what it lacks.
    pub(crate) fn grant(self, user: &str, keys: &[Vec<u8>]) -> String {
        match self {
            Self::Writer => format!("ACL SETUSER {user} {WRITER}"),
            Self::Drain => format!("ACL SETUSER {user} {WRITER} {DRAIN}"),
            Self::Operator => format!("ACL SETUSER {user} {OPERATOR}"),
            Self::Exposition => format!("ACL SETUSER {user} {EXPOSITION}"),
            Self::Meters => format!("ACL SETUSER {user} {METERS}"),
            Self::Instrumentor => {
                let key = |place: usize| keys.get(place).map(|key| String::from_utf8_lossy(key));
                let namespace = key(0).unwrap_or("NAMESPACE".into());
                let writers = key(1).and_then(|key| Some(key.split_once(":writer:")?.0.to_owned()));
                let writers = writers.unwrap_or_else(|| format!("meters:{{{namespace}}}"));
                format!("ACL SETUSER {user} resetkeys ~{namespace} ~{writers}:writer:* {INSTRUMENTOR}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::scripts;

    fn commands(script: &scripts::Script) -> impl Iterator<Item = String> {
        script
            .body
            .split("redis.")
            .filter_map(|rest| rest.strip_prefix("call('").or(rest.strip_prefix("pcall('")))
            .map(|rest| format!(" +{}", rest.split('\'').next().unwrap().to_lowercase()))
    }

    #[test]
    fn the_rights_are_those_of_the_scripts() {
        for script in scripts::ALL {
            let writers = ["push", "look", "check", "time"].contains(&script.name);
            let rights = if writers { Role::Writer } else { Role::Drain }.grant("x", &[]) + " ";
            for command in commands(script) {
                assert!(rights.contains(&format!("{command} ")), "{}: {command} is not in {rights}", script.name);
            }
        }
        for (script, role) in [(&scripts::STATUS, Role::Operator), (&scripts::WISH, Role::Exposition)] {
            for command in commands(script) {
                assert!((role.grant("x", &[]) + " ").contains(&format!("{command} ")), "{command}");
            }
        }
        let own = [
            "+hello",
            "+select",
            "+asking",
            "+client|setname",
            "+evalsha",
            "+script|load",
            "+hkeys",
            "+hmget",
            "+wait",
        ];
        let all: String = scripts::ALL.iter().flat_map(|script| commands(script)).collect::<String>() + " ";
        for right in [WRITER, DRAIN].iter().flat_map(|rights| rights.split(' ')).filter(|right| right.starts_with('+'))
        {
            let used = own.contains(&right)
                || ["+info", "+config|get"].contains(&right)
                || all.contains(&format!(" {right} "));
            assert!(used, "{right} is given for nothing");
        }
    }

    #[test]
    fn the_rights_for_meters_are_those_of_their_scripts() {
        let all: String = crate::ss::ALL.iter().flat_map(|script| commands(script)).collect::<String>() + " ";
        let rights = Role::Meters.grant("x", &[]) + " ";
        all.split_whitespace().for_each(|right| assert!(rights.contains(&format!("{right} ")), "{right}"));
        let own = ["+hello", "+select", "+client|setname", "+evalsha", "+script|load"];
        for right in METERS.split(' ').filter(|right| right.starts_with('+')) {
            assert!(own.contains(&right) || all.contains(&format!(" {right} ")), "{right} is given for nothing");
        }
        let page = include_str!("../ss/mod.rs").replace("//!", "");
        let page: Vec<&str> = page.split_whitespace().collect();
        assert!(page.join(" ").contains(&format!("meters on >password {METERS} ```")));
    }

    #[test]
    fn the_rights_for_instrumentor_are_those_of_its_scripts() {
        let all: String = crate::instrumentor::ALL.iter().flat_map(|script| commands(script)).collect::<String>() + " ";
        let rights = Role::Instrumentor.grant("x", &[b"shop".to_vec()]) + " ";
        all.split_whitespace().for_each(|right| assert!(rights.contains(&format!("{right} ")), "{right}"));
        let own = ["+hello", "+select", "+asking", "+client|setname", "+evalsha", "+script|load"];
        for right in INSTRUMENTOR.split(' ').filter(|right| right.starts_with('+')) {
            assert!(own.contains(&right) || all.contains(&format!(" {right} ")), "{right} is given for nothing");
        }
        assert!(rights.starts_with("ACL SETUSER x resetkeys ~shop ~meters:{shop}:writer:* resetchannels"), "{rights}");
        let tagged = Role::Instrumentor.grant("x", &[b"a{b}".to_vec(), b"meters:{b}:writer:w".to_vec()]);
        assert!(tagged.contains(" ~a{b} ~meters:{b}:writer:* "), "{tagged}");
        let page = include_str!("../instrumentor/mod.rs").replace("//!", "");
        let page: Vec<&str> = page.split_whitespace().collect();
        let wanted = format!("shop on >password resetkeys ~shop ~meters:{{shop}}:writer:* {INSTRUMENTOR} ```");
        assert!(page.join(" ").contains(&wanted));
    }

    #[test]
    fn the_documentation_has_them() {
        let page = include_str!("../storage/mod.rs").replace("///", "");
        let page: Vec<&str> = page.split_whitespace().collect();
        let page = page.join(" ");
        assert!(page.contains(&format!("writer on >password {WRITER} ACL SETUSER")));
        assert!(page.contains(&format!("reporter on >password {WRITER} {DRAIN} ```")));
        let words = |page: &str| page.split_whitespace().collect::<Vec<_>>().join(" ");
        let page = words(include_str!("../../OPERATING.md"));
        for (user, rights) in [
            ("writer", WRITER.to_owned()),
            ("reporter", format!("{WRITER} {DRAIN}")),
            ("operator", OPERATOR.to_owned()),
        ] {
            assert!(page.contains(&format!("ACL SETUSER {user} on >password {rights} ```")), "{user}");
        }
        let page = include_str!("../storage/status/mod.rs").replace("///", "");
        let page: Vec<&str> = page.split_whitespace().collect();
        assert!(page.join(" ").contains(&format!("operator on >password {OPERATOR} ```")));
    }
}
