//! What a dashboard wants to know of the process itself.

use std::fs;
use std::time::Duration;

use meters_core::{Across, Registry, Unit};
use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, clock_gettime};

/// Registers what is known of this process, under [the names that Prometheus' clients have for
/// it](https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics); read anew at each window and each snapshot.
///
/// | metric | unit | |
/// |---|---|---|
/// | `process_cpu_seconds_total` | Seconds | a counter: user and system time |
/// | `process_resident_memory_bytes`, `process_virtual_memory_bytes` | Bytes | Linux |
/// | `process_open_fds`, `process_max_fds` | Count | files and sockets that are open, Linux; and that may be |
/// | `process_threads` | Count | Linux |
/// | `process_start_time_seconds` | Seconds | since 1970, Linux |
///
/// What this system does not tell is left out. A child of `fork` tells its own. Where processes share their metrics, memory,
/// files and threads add up, and the start is that of the eldest. On Windows there is none of it.
///
/// ```
/// # #[cfg(unix)] {
/// meters::process_metrics(meters::Registry::global());
/// assert!(meters::snapshot().metric("process_cpu_seconds_total").amount() > 0.0);
/// # }
/// ```
pub fn process_metrics(registry: &Registry) {
    registry
        .float_counter("process_cpu_seconds_total")
        .unit(Unit::Seconds)
        .description("User and system CPU time spent, in seconds")
        .from_fn_of_process(cpu_seconds);
    for Known { name, unit, across, description, read } in KNOWN {
        // What cannot be told now is not told on this system.
        if read().is_some() {
            let gauge = registry.gauge(name).unit(unit).across(across).description(description);
            gauge.from_fn(move || read().unwrap_or(f64::NAN));
        }
    }
}

struct Known {
    name: &'static str,
    unit: Unit,
    across: Across,
    description: &'static str,
    read: fn() -> Option<f64>,
}

const KNOWN: [Known; 6] = [
    Known {
        name: "process_resident_memory_bytes",
        unit: Unit::Bytes,
        across: Across::Sum,
        description: "Resident memory size in bytes",
        read: || Some(stat(24)? * rustix::param::page_size() as f64),
    },
    Known {
        name: "process_virtual_memory_bytes",
        unit: Unit::Bytes,
        across: Across::Sum,
        description: "Virtual memory size in bytes",
        read: || stat(23),
    },
    Known {
        name: "process_open_fds",
        unit: Unit::Count,
        across: Across::Sum,
        description: "Number of open file descriptors",
        // One of them is that of this look.
        read: || Some(fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1) as f64),
    },
    Known {
        name: "process_max_fds",
        unit: Unit::Count,
        across: Across::Min,
        description: "Maximum number of open file descriptors",
        read: || Some(getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX) as f64),
    },
    Known {
        name: "process_threads",
        unit: Unit::Count,
        across: Across::Sum,
        description: "Number of threads",
        read: || stat(20),
    },
    Known {
        name: "process_start_time_seconds",
        unit: Unit::Seconds,
        across: Across::Min,
        description: "Start time of the process since the Unix epoch, in seconds",
        read: || {
            let system = fs::read_to_string("/proc/stat").ok()?;
            let booted: f64 = system.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
            Some(booted + stat(22)? / rustix::param::clock_ticks_per_second() as f64)
        },
    },
];

fn cpu_seconds() -> f64 {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    let (seconds, nanoseconds) = (u64::try_from(spent.tv_sec), u32::try_from(spent.tv_nsec));
    match (seconds, nanoseconds) {
        (Ok(seconds), Ok(nanoseconds)) => Duration::new(seconds, nanoseconds).as_secs_f64(),
        _ => f64::NAN,
    }
}

/// A field of [`/proc/self/stat`](https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html), by its number there, from 4 on.
fn stat(field: usize) -> Option<f64> {
    let all = fs::read_to_string("/proc/self/stat").ok()?;
    // The second is the name of the program, which may hold anything.
    let (_, rest) = all.rsplit_once(')')?;
    rest.split_ascii_whitespace().nth(field - 3)?.parse().ok()
}
