//! What a process did, told line by line with one write(2) each: what was written is there whatever kills the process.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

/// A file that only grows.
#[derive(Debug)]
pub struct Journal(File);

impl Journal {
    /// In this file.
    pub fn create(path: &Path) -> Self {
        Self(OpenOptions::new().create(true).append(true).open(path).unwrap())
    }

    pub(crate) fn say(&mut self, line: &str) {
        // When, for whoever reads it: nothing depends on it.
        self.0.write_all(format!("{line} @{}\n", super::now()).as_bytes()).unwrap();
    }
}

/// The words of each whole line.
pub(crate) fn read(path: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(|line| line.split(' ').map(str::to_owned).collect()).collect()
}
