//! Whether anything is exported at all.

use std::ffi::OsStr;
use std::path::Path;

/// Whether exporting is switched off: by `METERS=off`, or because this is a test and nobody `asked` for it.
pub(crate) fn is_off(asked: bool) -> bool {
    let executable = std::env::current_exe().ok();
    off(said(std::env::var_os("METERS").as_deref()), asked, || {
        executable.as_deref().is_some_and(is_test) || std::env::var_os("NEXTEST").is_some()
    })
}

fn off(said: Option<bool>, asked: bool, test: impl FnOnce() -> bool) -> bool {
    match said {
        Some(on) => !on,
        None => !asked && test(),
    }
}

/// What `METERS` says: on, off or nothing.
fn said(value: Option<&OsStr>) -> Option<bool> {
    let value = value?.to_string_lossy().trim().to_ascii_lowercase();
    match &*value {
        "off" | "0" | "false" | "no" => Some(false),
        "on" | "1" | "true" | "yes" => Some(true),
        "" => None,
        _ => {
            tracing::warn!(target: "meters", value, "METERS is neither \"on\" nor \"off\": it is not heard");
            None
        }
    }
}

/// Whether this is an executable that `cargo test` or `cargo bench` built: `target/…/deps/name-0123456789abcdef`, or that of
/// a test in documentation.
fn is_test(executable: &Path) -> bool {
    let name = executable.file_stem().map(OsStr::to_string_lossy).unwrap_or_default();
    let hashed = name.rsplit_once('-').is_some_and(|(_, hash)| {
        hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    });
    let folder = executable.parent().and_then(Path::file_name).map(OsStr::to_string_lossy).unwrap_or_default();
    (hashed && folder == "deps") || folder.starts_with("rustdoctest")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_has_the_last_word_and_tests_have_to_ask() {
        for (said, asked, test, is) in [
            (None, false, false, false),
            (None, false, true, true),
            (None, true, true, false),
            (Some(false), true, false, true),
            (Some(true), false, true, false),
        ] {
            assert_eq!(off(said, asked, || test), is, "{said:?} {asked} {test}");
        }
        assert_eq!(said(Some(OsStr::new(" OFF "))), Some(false));
        assert_eq!(said(Some(OsStr::new("on"))), Some(true));
        assert_eq!(said(Some(OsStr::new("maybe"))), None);
        assert_eq!(said(None), None);
    }

    #[test]
    fn a_test_is_told_from_a_program_by_where_it_lies() {
        for test in [
            "/home/me/shop/target/debug/deps/shop-0123456789abcdef",
            "C:/shop/target/release/deps/shop-0123456789abcdef.exe",
            "/tmp/rustdoctestAbC123/rust_out",
        ] {
            assert!(is_test(Path::new(test)), "{test}");
        }
        for program in [
            "/usr/bin/shop",
            "/home/me/shop/target/release/shop",
            "/home/me/shop/target/debug/examples/shop-0123456789abcdef",
            "/srv/deps/shop",
            "/srv/deps/shop-v2",
        ] {
            assert!(!is_test(Path::new(program)), "{program}");
        }
        assert!(is_test(&std::env::current_exe().unwrap()), "this is one");
    }
}
