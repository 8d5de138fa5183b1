//! What a connection is for, and which rights that takes.

/// Which end of the storage a connection serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Pushes what a process recorded.
    Writer,
    /// Takes out periods and reports them.
    Drain,
}

/// What each process does.
const WRITER: &str = "resetkeys ~m1:{*}:* resetchannels -@all +hello +select +asking +client|setname +evalsha +script|load \
                      +time +get +set +hset +pexpire +zadd +zrange";
/// What those that report do, too. `WAITAOF` and what else not all servers know is not here: one unknown name, and the whole
/// command is refused.
const DRAIN: &str = "+hgetall +hkeys +hmget +hdel +exists +rename +persist +zrem +zcard +zrangebyscore +unlink +wait \
                     +info +config|get";

impl Role {
    /// What `CLIENT LIST` shows.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Writer => "meters-writer",
            Self::Drain => "meters-drain",
        }
    }

    /// The command that gives a user what it lacks.
    pub(crate) fn grant(self, user: &str) -> String {
        match self {
            Self::Writer => format!("ACL SETUSER {user} {WRITER}"),
            Self::Drain => format!("ACL SETUSER {user} {WRITER} {DRAIN}"),
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
            .split("redis.call('")
            .skip(1)
            .map(|rest| format!(" +{}", rest.split('\'').next().unwrap().to_lowercase()))
    }

    #[test]
    fn the_rights_are_those_of_the_scripts() {
        for script in scripts::ALL {
            let writers = ["push", "look", "check", "time"].contains(&script.name);
            let rights = if writers { Role::Writer } else { Role::Drain }.grant("x") + " ";
            for command in commands(script) {
                assert!(rights.contains(&format!("{command} ")), "{}: {command} is not in {rights}", script.name);
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
    fn the_documentation_has_them() {
        let page = include_str!("../storage/mod.rs").replace("///", "");
        let page: Vec<&str> = page.split_whitespace().collect();
        let page = page.join(" ");
        assert!(page.contains(&format!("writer on >password {WRITER} ACL SETUSER")));
        assert!(page.contains(&format!("reporter on >password {WRITER} {DRAIN} ```")));
    }
}
