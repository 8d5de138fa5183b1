//! The file of what was written, and what a loss of power leaves of it.

use std::fs::{self, OpenOptions};
use std::path::PathBuf;

use super::Server;

impl Server {
    /// Bytes in the append-only file. Without one there are none.
    pub fn appended(&self) -> u64 {
        self.append_only().map_or(0, |path| fs::metadata(path).unwrap().len())
    }

    /// As if the power had failed: kills it, and cuts the append-only file to `keep` bytes, an earlier
    /// [length](Self::appended). [`restart`](Self::restart) brings it back.
    pub fn lose_power(&mut self, keep: u64) {
        self.kill();
        let path = self.append_only().expect("this server keeps nothing");
        let file = OpenOptions::new().write(true).open(path).unwrap();
        if keep < file.metadata().unwrap().len() {
            file.set_len(keep).unwrap();
        }
    }

    /// One file before Redis 7, and from then on the last of several.
    fn append_only(&self) -> Option<PathBuf> {
        let folder = self.folder();
        let parts = fs::read_dir(folder.join("appendonlydir")).into_iter().flatten();
        let last =
            parts.map(|entry| entry.unwrap().path()).filter(|path| path.to_string_lossy().ends_with(".incr.aof"));
        last.max_by_key(|path| number(path))
            .or_else(|| Some(folder.join("appendonly.aof")).filter(|path| path.exists()))
    }
}

/// `appendonly.aof.7.incr.aof` is the seventh.
fn number(path: &std::path::Path) -> u64 {
    let name = path.file_name().unwrap().to_string_lossy();
    name.split('.').find_map(|part| part.parse().ok()).unwrap_or(0)
}
