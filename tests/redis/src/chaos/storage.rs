//! The storage that is tried.

use meters_core::storage::Storage;

use super::naive::Naive;
use super::options::{Control, Mode};

/// As each process of a run has it.
pub fn storage(url: &str, seed: u64, _mode: Mode, _control: Control) -> Box<dyn Storage> {
    Box::new(Naive { url: url.to_owned(), seed })
}
