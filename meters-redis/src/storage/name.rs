//! Names that nobody ever had.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::SystemTime;

/// Host, process and a random number: `web-1.4711.9f86d081884c7d65`.
pub(crate) fn unheard_of() -> String {
    let process = std::process::id();
    // What is random in a process is the same in its child: the rest tells them apart.
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u32(process);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    hasher.write_u128(now.as_nanos());
    format!("{}.{process}.{:016x}", host(), hasher.finish())
}

fn host() -> String {
    #[cfg(unix)]
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    let name = std::env::var("COMPUTERNAME").unwrap_or_default();
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    name.chars().take(64).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_comes_twice() {
        let names: std::collections::HashSet<_> = (0..1000).map(|_| unheard_of()).collect();
        assert_eq!(names.len(), 1000);
        assert!(names.iter().all(|name| name.contains(&format!(".{}.", std::process::id()))));
    }
}
