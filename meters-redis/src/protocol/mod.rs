//! Writer and reporter as state machines without I/O, the keys, and the scripts that alone change them.

pub(crate) mod call;
pub(crate) mod drain;
pub(crate) mod keys;
#[cfg(test)]
mod model;
pub(crate) mod period;
#[cfg(test)]
mod proofs;
pub(crate) mod reply;
pub(crate) mod scripts;
pub(crate) mod settings;
pub(crate) mod writer;
