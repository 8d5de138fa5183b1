//! What there is to play.

use std::io::{Read, Write};
use std::time::Duration;

use meters::{Builder, metered, monitored};

use super::children::{busy, prefork, routed, spool_in_children};

pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

#[metered(name = "Marks")]
fn mark() {}

#[monitored(name = "Work")]
pub(crate) fn work() {}

pub(crate) fn builder() -> Builder {
    let builder = meters::namespace("Life").region("us-east-1").pid_dimension("Pid");
    let builder = builder.endpoint_url(std::env::var("CW").unwrap());
    let given = std::env::var_os("AWS_ACCESS_KEY_ID").is_some();
    let builder = if given { builder } else { builder.credentials("test", "test") };
    match std::env::var("SPOOL") {
        Ok(path) => builder.spool(path),
        Err(_) => builder,
    }
}

/// `n` of everything that there is.
pub(crate) fn record(n: u64) {
    let orders = meters::counter("Orders").register();
    for round in 0..n {
        mark();
        work();
        routed(if round % 2 == 0 { "even" } else { "odd" });
        orders.inc(1);
        meters::put("Puts", 1.0);
    }
    meters::gauge("Level").register().set(n as f64);
}

/// Prints who this is, what it recorded and what came of it, in one write.
pub(crate) fn say(what: &str) {
    let line = format!("{} {what}\n", std::process::id());
    std::io::stdout().write_all(line.as_bytes()).unwrap();
}

/// Forks; the child does `child`, and ends as `end` says.
pub(crate) fn fork(child: impl FnOnce()) -> i32 {
    // SAFETY: what the child does is what these tests are about.
    match unsafe { libc::fork() } {
        0 => {
            child();
            std::process::exit(0)
        }
        pid => pid,
    }
}

pub(crate) fn wait(pid: i32) {
    let mut status = 0;
    // SAFETY: it only writes the status.
    assert_eq!(unsafe { libc::waitpid(pid, &mut status, 0) }, pid);
    assert_eq!(status, 0, "the child {pid} failed");
}

/// A child that is ended without any farewell.
pub(crate) fn vanish() -> ! {
    // SAFETY: ends the process.
    unsafe { libc::_exit(0) }
}

/// Until the test closes this process's input.
pub(crate) fn until_told() {
    _ = std::io::stdin().read(&mut [0; 1]);
}

pub(crate) fn play() {
    let scene = std::env::args().nth(1).unwrap();
    match &*scene {
        "exit" => {
            std::mem::forget(builder().interval("1h").start().unwrap());
            record(3);
            std::process::exit(7);
        }
        "exit-of-main" => {
            builder().interval("1h").start_once().unwrap();
            record(3);
        }
        "exit-of-a-thread" => {
            builder().interval("1h").start_once().unwrap();
            record(3);
            std::thread::spawn(|| std::process::exit(7)).join().unwrap();
        }
        "exit-of-a-task" => {
            std::mem::forget(builder().interval("1h").start().unwrap());
            record(3);
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
            runtime.block_on(async { tokio::spawn(async { std::process::exit(7) }).await }).unwrap();
        }
        "exit-by-hand" => {
            std::mem::forget(builder().manual().start().unwrap());
            record(3);
            std::process::exit(7);
        }
        "exit-in-a-callback" => {
            let meters = builder().interval("1h").on_error(|_| std::process::exit(7)).start().unwrap();
            record(3);
            meters.flush(PATIENCE);
        }
        "exit-unwanted" => {
            std::mem::forget(builder().interval("1h").flush_at_exit(false).start().unwrap());
            record(3);
        }
        "exit-after-shutdown" => {
            let meters = builder().interval("1h").start().unwrap();
            record(3);
            assert!(meters.shutdown(PATIENCE).is_complete());
        }
        "two" => {
            std::mem::forget(builder().interval("1h").start().unwrap());
            let other = meters::namespace("Other").region("us-east-1").credentials("test", "test").interval("1h");
            std::mem::forget(other.endpoint_url(std::env::var("CW").unwrap()).start().unwrap());
            record(3);
        }
        "off" => {
            let meters = builder().start().unwrap();
            record(3);
            let threads = std::fs::read_dir("/proc/self/task").unwrap().count();
            let report = meters.flush(PATIENCE);
            println!("{report} {} {threads} {}", report.off, meters::snapshot().counter("Orders"));
            println!("{:?}", meters.put_now("Once", 1.0).send().is_err());
            assert_eq!(meters.shutdown(PATIENCE).off, report.off);
        }
        "signal" => signal(builder().flush_on_signal()),
        "signal-tokio" => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let before = std::env::args().nth(2).is_some_and(|order| order == "before");
                let listen = || tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).unwrap();
                let early = before.then(listen);
                std::mem::forget(builder().interval("1h").flush_on_signal().start().unwrap());
                let mut term = early.unwrap_or_else(listen);
                record(3);
                say("ready");
                term.recv().await;
                say("own");
                until_told();
                std::process::exit(9);
            });
        }
        "signal-hook" => {
            std::mem::forget(builder().interval("1h").flush_on_signal().start().unwrap());
            let mut signals = signal_hook::iterator::Signals::new([libc::SIGTERM]).unwrap();
            record(3);
            say("ready");
            signals.forever().next();
            say("own");
            until_told();
            std::process::exit(9);
        }
        "signal-ignored" => {
            // SAFETY: nobody else is here yet.
            unsafe { libc::signal(libc::SIGINT, libc::SIG_IGN) };
            signal(builder().flush_on_signal());
        }
        "signal-in-child" => {
            std::mem::forget(builder().interval("1h").flush_on_signal().start().unwrap());
            record(2);
            let child = fork(|| {
                record(3);
                say("ready");
                loop {
                    std::thread::park();
                }
            });
            let mut status = 0;
            // SAFETY: it only writes the status.
            unsafe { libc::waitpid(child, &mut status, 0) };
            say(&format!("child {}", libc::WTERMSIG(status)));
        }
        "prefork" => {
            let meters = builder().interval("50ms").start().unwrap();
            record(5);
            prefork(&meters);
        }
        "prefork-by-hand" => {
            let meters = builder().manual().start().unwrap();
            record(5);
            for n in 1..=3 {
                wait(fork(|| {
                    record(n);
                    assert!(meters.flush(PATIENCE).is_complete());
                    say(&n.to_string());
                    vanish();
                }));
            }
            assert!(meters.shutdown(PATIENCE).is_complete());
            say("5");
        }
        "prefork-expired" => {
            let meters = builder().manual().expire_after(2).start().unwrap();
            let windows = |n: usize| (0..n).for_each(|_| assert!(meters.flush(PATIENCE).is_complete()));
            let expired = || meters::snapshot().metric("Orders").series().count() == 0;
            record(5);
            windows(3);
            assert!(expired());
            for n in 1..=2 {
                wait(fork(|| {
                    // It comes back here, expires, and comes back once more.
                    record(n);
                    windows(3);
                    assert!(expired());
                    record(1);
                    assert_eq!(meters::snapshot().counter("Orders"), n + 1);
                    windows(1);
                    say(&(n + 1).to_string());
                    vanish();
                }));
            }
            assert!(expired());
            record(2);
            assert_eq!(meters::snapshot().counter("Orders"), 7);
            assert!(meters.shutdown(PATIENCE).is_complete());
            say("7");
        }
        "prefork-own-client" => {
            let url = std::env::var("CW").unwrap();
            let config = aws_sdk_cloudwatch::Config::builder()
                .behavior_version(aws_sdk_cloudwatch::config::BehaviorVersion::latest())
                .region(aws_sdk_cloudwatch::config::Region::new("us-east-1"))
                .endpoint_url(url)
                .credentials_provider(aws_sdk_cloudwatch::config::Credentials::new("a", "b", None, None, "test"))
                .http_client(aws_smithy_http_client::Builder::new().build_http())
                .build();
            let client = aws_sdk_cloudwatch::Client::from_conf(config);
            let meters = meters::namespace("Life").client(client).pid_dimension("Pid").interval("1h").start().unwrap();
            record(4);
            // A connection that the children inherit.
            assert!(meters.flush(PATIENCE).is_complete());
            record(1);
            for n in 1..=3 {
                wait(fork(|| {
                    record(n);
                    let report = meters.flush(PATIENCE);
                    assert!(report.is_complete() && report.ambiguous == 0, "{report}");
                    say(&n.to_string());
                    vanish();
                }));
            }
            assert!(meters.shutdown(PATIENCE).is_complete());
            say("5");
        }
        "start-in-children" => {
            record(5);
            for n in 1..=2 {
                wait(fork(|| {
                    let meters = builder().interval("1h").start().unwrap();
                    record(n);
                    assert!(meters.shutdown(PATIENCE).is_complete());
                    say(&n.to_string());
                    vanish();
                }));
            }
            // What was recorded before the first start is the parent's still.
            let meters = builder().start().unwrap();
            assert!(meters.shutdown(PATIENCE).is_complete());
            say("5");
        }
        "nested" => {
            std::mem::forget(builder().interval("1h").start().unwrap());
            record(4);
            let child = fork(|| {
                record(3);
                // Its child records nothing before it forks itself.
                wait(fork(|| {
                    wait(fork(|| {
                        record(2);
                        say("2");
                    }))
                }));
                wait(fork(|| {
                    record(1);
                    say("1");
                }));
                say("3");
            });
            wait(child);
            say("4");
        }
        "silent" => {
            std::mem::forget(builder().interval("1h").start().unwrap());
            record(4);
            let child = fork(|| {
                let threads = std::fs::read_dir("/proc/self/task").unwrap().count();
                assert_eq!(threads, 1, "nothing was recorded, and so there is nothing to do");
            });
            wait(child);
            say("4");
        }
        "exec" => {
            std::mem::forget(builder().interval("1h").start().unwrap());
            record(4);
            for _ in 0..5 {
                // SAFETY: a program that does nothing.
                wait(fork(|| unsafe {
                    libc::execl(c"/bin/true".as_ptr(), c"true".as_ptr(), std::ptr::null::<libc::c_char>());
                }));
            }
            say("4");
        }
        "recover" => {
            let report = builder().manual().start().unwrap().shutdown(PATIENCE);
            say(&report.to_string());
            assert!(report.is_complete(), "{report}");
        }
        "spool-in-children" => spool_in_children(&builder().interval("1h").start().unwrap()),
        "spool-in-children-by-hand" => spool_in_children(&builder().manual().start().unwrap()),
        "busy" => busy(),
        scene => crate::hindered::play(scene),
    }
}

fn signal(builder: Builder) {
    std::mem::forget(builder.interval("1h").start().unwrap());
    record(3);
    say("ready");
    loop {
        until_told();
        std::thread::park();
    }
}
