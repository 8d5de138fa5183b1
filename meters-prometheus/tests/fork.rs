//! A child of `fork` does not serve, and holds nothing open that its parent closes. Alone in its process, as it forks.
#![cfg(unix)]
#![allow(unsafe_code)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use meters_core::Registry;
use meters_prometheus::{Exposition, listener};

/// Forks; the child does this, waits until the parent goes on, and ends by this code.
fn child(work: impl FnOnce()) -> Box<dyn FnOnce() -> i32> {
    let mut pipe = [0; 2];
    // SAFETY: it writes two numbers where there is room for them.
    assert_eq!(unsafe { libc::pipe(pipe.as_mut_ptr()) }, 0);
    // SAFETY: the child calls nothing that needs a lock or memory, but what is under test.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        work();
        let mut byte = 0u8;
        // SAFETY: descriptors of its own; it reads one byte where there is room for one, and ends.
        unsafe {
            libc::close(pipe[1]);
            libc::read(pipe[0], (&raw mut byte).cast(), 1);
            libc::_exit(7);
        }
    }
    Box::new(move || {
        let mut status = 0;
        // SAFETY: descriptors that nobody else knows, and a child that is waited for once.
        unsafe {
            libc::close(pipe[1]);
            libc::waitpid(pid, &raw mut status, 0);
            libc::close(pipe[0]);
        }
        libc::WEXITSTATUS(status)
    })
}

#[test]
fn a_child_neither_serves_nor_holds_anything_open() {
    let endpoint = listener("127.0.0.1:0").serve(Exposition::new(), Registry::new()).unwrap();
    let address = endpoint.local_addr();
    let mut kept = TcpStream::connect(address).unwrap();
    kept.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut ask = || {
        kept.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"ok\n") {
            let mut byte = [0];
            kept.read_exact(&mut byte).unwrap();
            answer.extend(byte);
        }
    };
    ask();
    let ended = child(|| {});
    // One that gives up what is its parent's.
    let mut given_up = Some(endpoint);
    let dropped = child(|| drop(given_up.take()));
    ask();
    drop(given_up);
    let hung_up = match kept.read(&mut [0]) {
        Ok(length) => length == 0,
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
    };
    assert!(hung_up, "the parent did, but somebody holds the line");
    assert!(TcpStream::connect(address).is_err(), "nobody listens");
    // The later one holds the pipe of the earlier.
    assert_eq!([dropped(), ended()], [7, 7]);
}
