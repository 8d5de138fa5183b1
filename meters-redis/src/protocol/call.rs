//! What a machine wants done, and what it is told came of it.

use super::scripts::Script;

/// A call of a script: all its keys are in one slot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Call {
    pub(crate) script: &'static Script,
    pub(crate) keys: Vec<Vec<u8>>,
    pub(crate) args: Vec<Vec<u8>>,
}

impl Call {
    pub(super) fn new<const K: usize, const A: usize>(
        script: &'static Script,
        keys: [Vec<u8>; K],
        args: [Vec<u8>; A],
    ) -> Self {
        Self { script, keys: keys.into(), args: args.into() }
    }
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    /// The server answered.
    Reply(redis::Value),
    /// It may have been done or not, or may yet be: the connection must be dropped.
    Unknown,
    /// The server refused, and did nothing.
    Failed(Trouble),
}

/// Why a server refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// OOM, LOADING, READONLY, MASTERDOWN, CLUSTERDOWN, TRYAGAIN, BUSY, or no connection: later it may work.
    Retry,
    /// NOPERM, WRONGTYPE, CROSSSLOT, NOAUTH and the like: somebody has to mend it.
    Configuration,
}

/// A number as an argument.
pub(super) fn number(value: u64) -> Vec<u8> {
    value.to_string().into_bytes()
}
