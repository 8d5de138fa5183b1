//! What the hot path is made of: the standard library's. `tests/hand_over` compiles the same files over loom's, which tries
//! every order in which threads can meet.

pub(crate) use std::hint::spin_loop;
pub(crate) use std::sync::{OnceLock, atomic};
pub(crate) use std::thread::yield_now;

/// A static: loom makes its own anew for every order that it tries.
#[cfg(not(loom))]
macro_rules! shared {
    (static $name:ident: $type:ty = $value:expr) => {
        static $name: $type = $value;
    };
}

/// The library is compiled for loom's tests too, though they do not use it; what loom makes is no constant.
#[cfg(loom)]
macro_rules! shared {
    (static $name:ident: $type:ty = $value:expr) => {
        static $name: std::sync::LazyLock<$type> = std::sync::LazyLock::new(|| $value);
    };
}
pub(crate) use shared;
