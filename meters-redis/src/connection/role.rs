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
const WRITER: &str = "resetkeys ~m1:{*}:* resetchannels -@all +ping +hello +client|setname +evalsha +eval +script|load \
                      +get +set +hset +pexpire +zadd +zrange";
/// What those that report do, too.
const DRAIN: &str = "+hget +hgetall +hkeys +hmget +hsetnx +exists +rename +persist +zrem +zrangebyscore +unlink +time +wait \
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
