//! A namespace is read, whoever wrote it.

use super::*;

#[test]
fn a_namespace_that_is_not_there_is_an_empty_page() {
    let server = Server::start();
    assert_eq!((page(&server).to_string(), page(&server).skipped()), (String::new(), 0));
}

#[test]
fn strangers_spoil_nothing() {
    let server = Server::start();
    let registry = registry(&server.url()).start().unwrap();
    registry.counter("hits", "").register().unwrap().inc(1);
    registry.transfer(PATIENCE).unwrap();
    let mut connection = server.connect().unwrap();
    let strange: [&[u8]; 12] =
        [b"junk", b"1", b"a:b", b"1", b"hits::\xff", b"1", b"x::", b"\xff", b"y::", b"nan", b"hits::a=\"1\"b", b"1"];
    redis::cmd("HSET").arg(NS).arg(&strange).exec(&mut connection).unwrap();
    let page = page(&server);
    assert_eq!((page.to_string().as_str(), page.skipped()), ("# TYPE hits counter\nhits 1\n", 6));
}
