//! Stub.
mod label;
mod metric;
mod number;
mod page;

pub use self::label::LabelValue;
pub use self::number::Number;
pub use self::page::Page;
