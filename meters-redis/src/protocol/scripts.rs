//! The scripts that alone change anything: constant time, plain bodies for Redis 6.2 and later, Valkey and Redis Cluster.
//!
//! None has a `#!lua` line, which 6.2 does not know. What it would bring is had otherwise: a full server refuses before the
//! first write in any case, and scripts that free memory begin with a write that needs none, after which all others pass.

use std::fmt;
use std::hash::{Hash, Hasher};

/// A script, known by its name.
pub(crate) struct Script {
    pub(crate) name: &'static str,
    pub(crate) body: &'static str,
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Script {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Script {}

impl Hash for Script {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

macro_rules! scripts {
    ($($name:ident = $file:literal),* $(,)?) => {
        $(pub(crate) static $name: Script =
            Script { name: $file, body: include_str!(concat!("lua/", $file, ".lua")) };)*
        /// All of them.
        #[cfg(test)]
        pub(crate) static ALL: &[&Script] = &[$(&$name),*];
    };
}

scripts! {
    PUSH = "push",
    LOOK = "look",
    LEASE = "lease",
    LIST = "list",
    CLAIM = "claim",
    TAKE = "take",
    OWN = "own",
    PLAN = "plan",
    BEGIN = "begin",
    END = "end",
    FREE = "free",
    RESIGN = "resign",
    CHECK = "check",
    TIME = "time",
    STATUS = "status",
    TOTALS = "totals",
    KEEP = "keep",
    WISH = "wish",
}
