//! What a process tells of itself, against what is known of it.
#![cfg(all(feature = "process", target_os = "linux"))]
#![allow(missing_docs)]

use std::fs::File;
use std::sync::Barrier;
use std::time::{Duration, Instant, SystemTime};

use meters::{Kind, Registry, Unit};

fn gauge(registry: &Registry, name: &str) -> f64 {
    registry.snapshot().metric(name).gauge().unwrap()
}

/// One test: others beside it would change what it looks at.
#[test]
fn it_tells_what_prometheus_clients_tell_and_it_is_right() {
    let registry = Registry::new();
    meters::process_metrics(&registry);
    let snapshot = registry.snapshot();
    let told: Vec<_> =
        snapshot.iter().map(|(series, _)| (series.name().to_owned(), series.kind(), series.unit())).collect();
    let expected = [
        ("process_cpu_seconds_total", Kind::FloatCounter, Unit::Seconds),
        ("process_resident_memory_bytes", Kind::Gauge, Unit::Bytes),
        ("process_virtual_memory_bytes", Kind::Gauge, Unit::Bytes),
        ("process_open_fds", Kind::Gauge, Unit::Count),
        ("process_max_fds", Kind::Gauge, Unit::Count),
        ("process_threads", Kind::Gauge, Unit::Count),
        ("process_start_time_seconds", Kind::Gauge, Unit::Seconds),
    ];
    assert_eq!(told, expected.map(|(name, kind, unit)| (name.to_owned(), kind, unit)));
    assert!(snapshot.iter().all(|(series, _)| series.description().is_some()));

    // CPU: what is burnt here is told, and no more than there are processors for.
    let cpu = || registry.snapshot().metric("process_cpu_seconds_total").amount();
    let (before, began) = (cpu(), Instant::now());
    while cpu() < before + 0.05 {
        std::hint::spin_loop();
    }
    let most = began.elapsed().as_secs_f64() * std::thread::available_parallelism().unwrap().get() as f64;
    assert!(cpu() - before <= most + 0.05);

    // Memory: 64 MiB that are written to.
    let before = gauge(&registry, "process_resident_memory_bytes");
    let block = std::hint::black_box(vec![1u8; 64 << 20]);
    let gained = gauge(&registry, "process_resident_memory_bytes") - before;
    assert!((60e6..90e6).contains(&gained), "{gained}");
    let (resident, reserved) =
        (gauge(&registry, "process_resident_memory_bytes"), gauge(&registry, "process_virtual_memory_bytes"));
    assert!(reserved >= resident && block.len() == 64 << 20);

    let before = gauge(&registry, "process_open_fds");
    let files: Vec<_> = (0..5).map(|_| File::open("/dev/null").unwrap()).collect();
    assert_eq!(gauge(&registry, "process_open_fds"), before + 5.0);
    drop(files);
    assert_eq!(gauge(&registry, "process_open_fds"), before);
    assert!(gauge(&registry, "process_max_fds") > before);

    let (before, meet) = (gauge(&registry, "process_threads"), Barrier::new(4));
    std::thread::scope(|scope| {
        (0..3).for_each(|_| _ = scope.spawn(|| (meet.wait(), meet.wait())));
        meet.wait();
        assert_eq!(gauge(&registry, "process_threads"), before + 3.0);
        meet.wait();
    });

    // Ticks are of a hundredth of a second, and the time of the boot is in whole seconds.
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let age = now.as_secs_f64() - gauge(&registry, "process_start_time_seconds");
    assert!((-2.0..Duration::from_secs(3600).as_secs_f64()).contains(&age), "{age}");
}
