//! The attributes, with their documentation, which lies beside.

#[doc = include_str!("monitored.md")]
#[doc = include_str!("late.md")]
#[doc = include_str!("more.md")]
#[doc = include_str!("own.md")]
#[doc = include_str!("futures.md")]
#[doc = include_str!("blocks.md")]
#[doc = include_str!("expansion.md")]
pub use meters_macros::monitored;

#[doc = include_str!("metered.md")]
pub use meters_macros::metered;

#[doc = include_str!("dimension.md")]
pub use meters_macros::Dimension;

#[doc = include_str!("outcome.md")]
pub use meters_macros::Outcome;
