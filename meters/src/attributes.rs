//! The attributes, with their documentation.

pub use meters_macros::{Dimension, metered, monitored};
