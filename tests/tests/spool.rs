//! The spool under kills: real processes that share a path, and a CloudWatch that is often away.
#![allow(missing_docs, clippy::print_stdout)]
#![cfg(unix)]

#[path = "spool/campaign.rs"]
mod campaign;
#[path = "spool/restart.rs"]
mod restart;

use std::path::PathBuf;

/// A folder of its own, deleted in the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let name = format!("meters-spool-{}-{:016x}", std::process::id(), fastrand::u64(..));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    fn spool(&self) -> PathBuf {
        self.0.join("spool")
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}
