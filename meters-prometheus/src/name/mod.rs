//! Names: which a family and a label have, so that none is lost and no two are one.

mod beside;
mod book;
mod escape;
mod label;

pub(crate) use book::{Book, Form, Part, Who};
pub(crate) use escape::{escaped, is_label, is_metric};
pub(crate) use label::{Labels, is_reserved};
