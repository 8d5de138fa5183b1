//! How a call ended.

/// The four disjoint outcomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Ended {
    /// It returned, and not with an error.
    Ok = 0,
    /// It returned an error.
    Error = 1,
    /// It was left by a panic.
    Panic = 2,
    /// Its future was dropped before it finished.
    Cancelled = 3,
}
