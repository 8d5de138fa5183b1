//! Texts of values that are dimensions by what they display.

use std::fmt::{Debug, Display};

/// `%value`
#[doc(hidden)]
pub fn display<T: Display + ?Sized>(value: &T) -> String {
    value.to_string()
}

/// `?value`
#[doc(hidden)]
pub fn debug<T: Debug + ?Sized>(value: &T) -> String {
    format!("{value:?}")
}
