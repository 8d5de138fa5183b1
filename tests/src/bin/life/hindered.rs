//! Lives in which something is in the way: what others do with signals and forks, and what the system does not give.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use meters::{FlushReport, Meters};

use super::scenes::{PATIENCE, builder, fork, record, say, until_told, vanish, wait};

pub(crate) fn play(scene: &str) {
    match scene {
        "signal-awaited" => signal_awaited(),
        "handlers-of-forks" => handlers_of_forks(),
        "abort" => ended_by(|| std::process::abort()),
        "_exit" => ended_by(|| vanish()),
        "killed" => {
            // SAFETY: it ends this process.
            ended_by(|| unsafe { _ = libc::kill(libc::getpid(), libc::SIGKILL) });
        }
        "executed" => {
            // SAFETY: a program that does nothing.
            ended_by(|| unsafe {
                libc::execl(c"/bin/true".as_ptr(), c"true".as_ptr(), std::ptr::null::<libc::c_char>());
            });
        }
        "orphan" => {
            let meters = builder().interval("1h").start().unwrap();
            // From then on it has taken what there is in the spool.
            assert!(meters.flush(PATIENCE).pending > 0);
            fork(|| {
                say("ready");
                until_told();
                vanish();
            });
            std::thread::park();
        }
        "fork-during-shutdown" => fork_during_shutdown(),
        "silent-exit" => silent_exit(),
        "unconnected-child" => unconnected_child(&builder().interval("1h").start().unwrap()),
        "unconnected-child-by-hand" => unconnected_child(&builder().manual().start().unwrap()),
        "no-files" => no_files(&builder().interval("1h").start().unwrap()),
        "no-files-by-hand" => no_files(&builder().manual().start().unwrap()),
        "no-files-at-start" => {
            without_files(|| {
                for by_hand in [true, false] {
                    let builder = if by_hand { builder().manual() } else { builder() };
                    say(&builder.start().unwrap_err().to_string());
                }
            });
        }
        scene => panic!("no such scene: {scene}"),
    }
}

/// Ends at once, with two records that were not sent.
fn ended_by(end: impl FnOnce()) {
    let meters = builder().interval("1h").start().unwrap();
    record(3);
    assert!(meters.flush(PATIENCE).is_complete());
    record(2);
    end();
}

/// Blocks a signal to wait for it, when our threads are there already.
fn signal_awaited() {
    let meters = builder().interval("1h").start().unwrap();
    record(3);
    let mut awaited = std::mem::MaybeUninit::uninit();
    let mut signal = 0;
    // SAFETY: the set is filled before it is used. Nobody waits yet when the signal comes.
    unsafe {
        libc::sigemptyset(awaited.as_mut_ptr());
        libc::sigaddset(awaited.as_mut_ptr(), libc::SIGTERM);
        libc::pthread_sigmask(libc::SIG_BLOCK, awaited.as_ptr(), std::ptr::null_mut());
        libc::kill(libc::getpid(), libc::SIGTERM);
        libc::sigwait(awaited.as_ptr(), &mut signal);
    }
    assert!(meters.shutdown(PATIENCE).is_complete());
    say(&signal.to_string());
}

extern "C" fn record_one() {
    record(1);
}

/// Others were told of forks before us, and record.
fn handlers_of_forks() {
    // SAFETY: functions of this program.
    unsafe { libc::pthread_atfork(Some(record_one), Some(record_one), None) };
    let meters = builder().interval("1h").start().unwrap();
    wait(fork(|| {
        record(2);
        say("2");
    }));
    assert!(meters.shutdown(PATIENCE).is_complete());
    say("2");
}

fn fork_during_shutdown() {
    let meters = builder().interval("1h").start().unwrap();
    record(2);
    std::thread::scope(|scope| {
        scope.spawn(|| meters.shutdown(PATIENCE));
        // It is under way.
        until_told();
        wait(fork(|| {
            record(1);
            let report = meters.shutdown(PATIENCE);
            assert!(report.error.is_none(), "{report}");
        }));
    });
    say("2");
}

static SILENT: AtomicBool = AtomicBool::new(false);

extern "C" fn count_threads() {
    if SILENT.load(SeqCst) && std::fs::read_dir("/proc/self/task").unwrap().count() > 1 {
        // SAFETY: ends the process.
        unsafe { libc::_exit(9) };
    }
}

/// A child that recorded nothing exits.
fn silent_exit() {
    // Before us, and so called after us. SAFETY: a function of this program.
    unsafe { libc::atexit(count_threads) };
    std::mem::forget(builder().interval("1h").start().unwrap());
    record(4);
    wait(fork(|| SILENT.store(true, SeqCst)));
    say("4");
}

fn told(report: &FlushReport) -> String {
    let FlushReport { sent, pending, spooled, dropped, .. } = report;
    format!("sent {sent} pending {pending} spooled {spooled} dropped {dropped} {}", report.error.is_some())
}

/// A child that finds no credentials, as its parent did.
fn unconnected_child(meters: &Meters) {
    // SAFETY: nobody else looks at the environment now.
    unsafe { std::env::remove_var("AWS_ACCESS_KEY_ID") };
    wait(fork(|| {
        meters::put("Puts", 1.0);
        let flushed = meters.flush(PATIENCE);
        meters::put("Puts", 1.0);
        let ended = meters.shutdown(PATIENCE);
        say(&format!("{}, {}", told(&flushed), told(&ended)));
    }));
}

/// Does something while no file, and nothing like one, can be opened.
fn without_files(work: impl FnOnce()) {
    let limit = |most: libc::rlim_t| {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: the one only writes to it, the other only reads it.
        unsafe {
            libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit);
            let before = std::mem::replace(&mut limit.rlim_cur, most);
            assert_eq!(libc::setrlimit(libc::RLIMIT_NOFILE, &limit), 0);
            before
        }
    };
    let before = limit(3);
    work();
    limit(before);
}

/// A child that has no runtime until there are files again.
fn no_files(meters: &Meters) {
    wait(fork(|| {
        meters::put("Puts", 1.0);
        let mut flushed = FlushReport::default();
        without_files(|| flushed = meters.flush(PATIENCE));
        let ended = meters.shutdown(PATIENCE);
        say(&format!("{}, {}", told(&flushed), told(&ended)));
    }));
}
