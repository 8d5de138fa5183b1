//! A server that shares metrics in instrumentor's hash, and forks three workers which count, too.
//!
//! `worker URL-OF-REDIS [eager|every|hand]`. Before it forks, it has counted 1 that is transferred and 10 that is not; each
//! worker counts 100, and it counts 1000 afterwards.
#![allow(unsafe_code)]

#[cfg(unix)]
fn main() {
    use std::time::Duration;

    use meters_redis::instrumentor::CollectorRegistry;

    let patience = Duration::from_secs(60);
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let storage = meters::RedisStorage::builder(&arguments[0]).connect_timeout(patience).response_timeout(patience);
    let builder = CollectorRegistry::on(&storage.build(), "shop");
    let builder = match arguments[1].as_str() {
        "eager" => builder.eager(),
        "every" => builder.every(patience),
        _ => builder,
    };
    let registry = builder.start().unwrap();
    let hits = registry.counter("hits", "").register().unwrap();
    hits.inc(1);
    registry.transfer(patience).unwrap();
    hits.inc(10);
    let children: Vec<_> = (0..3)
        .map(|_| {
            // SAFETY: the child calls nothing that a lock of another thread could hold up but what is made for that.
            let child = unsafe { libc::fork() };
            if child == 0 {
                hits.inc(100);
                let transferred = registry.transfer(patience).is_ok();
                std::process::exit(i32::from(!transferred));
            }
            child
        })
        .collect();
    for child in children {
        let mut status = 0;
        // SAFETY: `status` lives.
        assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
        assert_eq!(status, 0, "a worker did not transfer what it counted");
    }
    hits.inc(1000);
    registry.shutdown(patience).unwrap();
}

#[cfg(not(unix))]
fn main() {}
