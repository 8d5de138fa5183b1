//! What the macros accept and what they refuse, to the letter of each message.
//!
//! After a wanted change of a message: `TRYBUILD=overwrite cargo test -p meters-macro-tests`.

// Here clippy sees it; there it is compiled as a user's crate.
#[path = "../ui/pass/lints.rs"]
pub mod lints;

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    cases.compile_fail("ui/fail/*.rs");
}
