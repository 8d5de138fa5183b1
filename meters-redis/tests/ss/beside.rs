//! Threads that count as Python processes do, beside ours, while two flushers drain.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

use super::*;

const WRITERS: u64 = 4;
const EVENTS: u64 = 3_000;

/// What ss-instrumentation's storage does, command by command.
fn as_python(server: &Server, writer: u64) {
    let mut connection = server.connect().unwrap();
    let exists: bool = redis::cmd("EXISTS").arg(START).query(&mut connection).unwrap();
    if !exists {
        redis::cmd("SET").arg(START).arg("1795231309.961889").exec(&mut connection).unwrap();
    }
    for event in 0..EVENTS {
        let field = format!(r#"["m{}", [["k", "v"]]]"#, (writer + event) % 3);
        redis::cmd("HINCRBY").arg(COUNTS).arg(field).arg(1).exec(&mut connection).unwrap();
    }
}

async fn ours(server: &Server) {
    let meters = meters(&server.url());
    for event in 0..EVENTS {
        meters.mark(&format!("m{}", event % 3), &[("k", "v")], 1);
        if event % 10 == 0 {
            meters.push(deadline()).await.unwrap();
        }
    }
    meters.push(deadline()).await.unwrap();
}

/// Drains until nothing comes any more. Every fourth time its report fails, and every fifth it dies before it says so.
async fn flusher(server: &Server, ended: &AtomicBool) -> u64 {
    let mut meters = meters(&server.url());
    let (mut claims, mut reported) = (0, 0);
    loop {
        let last = ended.load(SeqCst);
        let Some(drained) = meters.drain(deadline()).await.unwrap() else {
            // Where the writers are done, only the other flusher can still hold something.
            if last && server.text(&["EXISTS", COUNTS, "ssinstr:meter:pending"]) == "0" {
                return reported;
            }
            continue;
        };
        claims += 1;
        if claims % 4 == 0 {
            assert!(meters.give_back(drained, deadline()).await.unwrap());
        } else if claims % 5 == 0 {
            drop(drained);
            // A new process; the time of the old one is over.
            meters = super::meters(&server.url());
            server.ask(&["HSET", CLAIM, "deadline", "0"]);
        } else {
            let events: u64 = events(&drained).values().sum();
            // Only the other's impatience may take it away, and then it is the other's to report.
            if meters.acknowledge(drained, deadline()).await.unwrap() {
                reported += events;
            }
        }
    }
}

#[test]
fn totals_are_exact_beside_python_and_two_flushers() {
    let server = Server::start();
    let ended = AtomicBool::new(false);
    let run = |work: &mut dyn FnMut(&tokio::runtime::Runtime)| {
        work(&tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap());
    };
    let reported: u64 = thread::scope(|scope| {
        let flushers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut reported = 0;
                    run(&mut |runtime| reported = runtime.block_on(flusher(&server, &ended)));
                    reported
                })
            })
            .collect();
        let mut writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                scope.spawn({
                    let server = &server;
                    move || as_python(server, writer)
                })
            })
            .collect();
        writers.push(scope.spawn(|| run(&mut |runtime| runtime.block_on(ours(&server)))));
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        ended.store(true, SeqCst);
        flushers.into_iter().map(|flusher| flusher.join().unwrap()).sum()
    });
    assert_eq!(reported, (WRITERS + 1) * EVENTS);
    assert_eq!(server.text(&["EXISTS", COUNTS, "ssinstr:meter:pending"]), "0");
}
