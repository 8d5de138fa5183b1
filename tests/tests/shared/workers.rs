//! Workers that are forked share a hash with their parent: each sends what it counted itself.

use std::process::Command;

use meters_redis_tests::Server;

#[test]
#[cfg(unix)]
fn children_send_what_they_counted_and_nothing_of_what_waited_in_their_parent() {
    for mode in ["hand", "every", "eager"] {
        let server = Server::start();
        let status = Command::new(env!("CARGO_BIN_EXE_worker")).args([&server.url(), mode]).status().unwrap();
        assert!(status.success(), "{mode}");
        assert_eq!(server.text(&["HGET", "shop", "hits::"]), "1311", "{mode}");
    }
}
