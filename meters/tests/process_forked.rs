//! What a child of `fork` tells of itself.
#![cfg(all(feature = "process", target_os = "linux"))]
#![allow(missing_docs, unsafe_code)]

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

use meters::Registry;

#[test]
fn a_child_tells_its_own_time_files_and_threads() {
    let registry = Registry::new();
    meters::process_metrics(&registry);
    let mut reader = registry.reader();
    let cpu = |registry: &Registry| registry.snapshot().metric("process_cpu_seconds_total").amount();
    let gauge = |name: &str| registry.snapshot().metric(name).gauge().unwrap();
    // So that what the parent spent is far more than what the child will.
    while cpu(&registry) < 0.5 {
        std::hint::spin_loop();
    }
    drop(reader.window());
    let (spent, started) = (cpu(&registry), gauge("process_start_time_seconds"));
    let _other = std::thread::spawn(std::thread::park);
    let files = gauge("process_open_fds");
    let act = || {
        let own = cpu(&registry);
        assert!((0.0..spent / 2.0).contains(&own), "{own} of the parent's {spent}");
        let _file = File::open("/dev/null").unwrap();
        assert_eq!((gauge("process_threads"), gauge("process_open_fds")), (1.0, files + 1.0));
        assert!(gauge("process_start_time_seconds") >= started);
        let told = reader.window().metric("process_cpu_seconds_total").amount();
        assert!((own..spent / 2.0).contains(&told), "a window tells {told}");
    };
    // SAFETY: the child goes on with this thread alone; the allocator and these crates are made for that.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let status = i32::from(catch_unwind(AssertUnwindSafe(act)).is_err());
        // SAFETY: ends the process.
        unsafe { libc::_exit(status) };
    }
    let mut status = 0;
    // SAFETY: it only writes the status.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    assert_eq!(status, 0, "the child failed: see above");
    assert!(cpu(&registry) >= spent);
}
