//! A port of loopback that is a server's own as long as its test lives, also while the server is dead.

use std::fs::{self, File};
use std::net::TcpListener;

/// Below the range that systems take for outgoing connections, and so that a cluster's bus fits in, 10,000 above.
const RANGE: std::ops::Range<u16> = 11_000..21_000;

#[derive(Debug)]
pub(crate) struct Port {
    pub(crate) number: u16,
    /// Locked while this value lives, or its process does.
    _reserved: File,
}

impl Port {
    pub(crate) fn reserve() -> Self {
        let folder = std::env::temp_dir().join("meters-redis-ports");
        fs::create_dir_all(&folder).unwrap();
        loop {
            let number = fastrand::u16(RANGE);
            let Ok(file) = File::create(folder.join(number.to_string())) else { continue };
            let free = |port| TcpListener::bind(("127.0.0.1", port)).is_ok();
            if file.try_lock().is_ok() && free(number) && free(number + 10_000) {
                return Self { number, _reserved: file };
            }
        }
    }
}
