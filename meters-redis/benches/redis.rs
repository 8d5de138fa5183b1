//! What shared metrics cost a Redis: a push beside the naive way, in turns, and the drain of a period. Needs `redis-server`.
//! `--test` runs each once, and small.
#![allow(missing_docs, clippy::print_stdout)]

mod load;

use std::time::{Duration, Instant, SystemTime};

use meters_core::Namespace;
use meters_core::storage::{Drain, Joined, Storage, Terms, Writer};
use meters_redis::RedisStorage;
use meters_redis_tests::Server;

use self::load::{Of, item, window};

const MINUTE: Duration = Duration::from_secs(60);

fn deadline() -> Instant {
    Instant::now() + MINUTE
}

/// What the server's main thread used so far, in microseconds: with reading, parsing and answering.
fn used(server: &Server) -> f64 {
    let seconds = |name: &str| server.info(name).and_then(|text| text.parse::<f64>().ok());
    let of = |kind: &str| {
        seconds(&format!("used_cpu_{kind}_main_thread")).or_else(|| seconds(&format!("used_cpu_{kind}"))).unwrap()
    };
    1e6 * (of("user") + of("sys"))
}

/// What the server says that a call of the command took, without reading and answering it.
fn called(server: &Server, command: &str) -> Option<f64> {
    let line = server.info(&format!("cmdstat_{command}"))?;
    line.split(',').find_map(|part| part.strip_prefix("usec_per_call=")?.parse().ok())
}

fn join(runtime: &tokio::runtime::Runtime, server: &Server, application: &str, reports: bool) -> Joined {
    let storage = RedisStorage::builder(&server.url())
        .application(application)
        .lease(Duration::from_millis(50))
        .grace(Duration::from_millis(1))
        .connect_timeout(MINUTE)
        .response_timeout(MINUTE)
        .build();
    runtime.block_on(storage.join(Terms::new(Namespace::new("Bench").unwrap(), MINUTE, reports))).unwrap()
}

fn push(runtime: &tokio::runtime::Runtime, writer: &mut dyn Writer) -> u64 {
    let pushed = runtime.block_on(writer.push(deadline()));
    assert!(pushed.error.is_none() && pushed.pending == 0 && pushed.lost == 0, "{pushed:?}");
    pushed.bytes
}

#[derive(Clone, Copy)]
enum Way {
    /// As the storage pushes.
    Push(Of),
    /// A pipeline of HINCRBY, seven fields a series; in MULTI and EXEC, too.
    Fields { transaction: bool },
}

/// What one round of pushes came to.
struct Round {
    seconds: f64,
    cpu: f64,
    call: Option<f64>,
    bytes: f64,
}

const FIELDS: [&str; 7] = ["count", "errors", "sum", "b17", "b18", "b19", "b20"];

fn round(runtime: &tokio::runtime::Runtime, server: &Server, way: Way, series: usize, pushes: usize) -> Round {
    server.ask(&["FLUSHALL"]);
    match way {
        Way::Push(kind) => {
            let mut writer = join(runtime, server, "Bench", false).writer;
            let window = window(kind, series, SystemTime::now());
            let mut one = || {
                writer.take(&window);
                push(runtime, &mut *writer)
            };
            measure(server, pushes, Some("evalsha"), &mut one)
        }
        Way::Fields { transaction } => {
            let mut connection = redis::Client::open(server.url()).unwrap().get_connection().unwrap();
            let names: Vec<String> = (0..series).map(|place| text(&item(Of::Mixed, place).0)).collect();
            let mut one = || {
                let mut pipe = redis::pipe();
                if transaction {
                    pipe.atomic();
                }
                for name in &names {
                    for field in FIELDS {
                        pipe.cmd("HINCRBY").arg("bench").arg(format!("{name}:{field}")).arg(1).ignore();
                    }
                }
                let bytes = pipe.get_packed_pipeline().len() as u64;
                pipe.query::<()>(&mut connection).unwrap();
                bytes
            };
            measure(server, pushes, None, &mut one)
        }
    }
}

fn text(series: &meters_core::Series) -> String {
    let mut text = series.name().to_owned();
    series.dimensions().for_each(|(key, value)| text += &format!("|{key}={value}"));
    text
}

fn measure(server: &Server, pushes: usize, command: Option<&str>, one: &mut dyn FnMut() -> u64) -> Round {
    // The first makes the connection, and loads the script.
    one();
    server.ask(&["CONFIG", "RESETSTAT"]);
    let (before, start) = (used(server), Instant::now());
    let bytes: u64 = (0..pushes).map(|_| one()).sum();
    let (seconds, cpu) = (start.elapsed().as_secs_f64(), used(server) - before);
    let pushes = pushes as f64;
    let call = command.and_then(|command| called(server, command));
    Round { seconds: seconds / pushes, cpu: cpu / pushes, call, bytes: bytes as f64 / pushes }
}

/// Least and median.
fn spread(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    (values[0], values[values.len() / 2])
}

fn pushes(runtime: &tokio::runtime::Runtime, server: &Server, quick: bool) {
    println!(
        "{:<34} {:>6} | pushes/s, 1 connection: best median | Redis CPU, us/push: min median | script, us: min median | KB/push",
        "", "series"
    );
    let ways = [
        ("push, mixed series", Way::Push(Of::Mixed)),
        ("push, calls of 20", Way::Push(Of::Calls(20))),
        ("HINCRBY x 7, pipeline", Way::Fields { transaction: false }),
        ("HINCRBY x 7, MULTI/EXEC", Way::Fields { transaction: true }),
    ];
    for series in [10, 100, 500, 1000] {
        let (rounds, pushes) = if quick { (1, 3) } else { (9, 20_000 / series.max(50)) };
        let mut all: Vec<Vec<Round>> = ways.iter().map(|_| Vec::new()).collect();
        for _ in 0..rounds {
            for ((_, way), all) in ways.iter().zip(&mut all) {
                all.push(round(runtime, server, *way, series, pushes));
            }
        }
        for ((name, _), all) in ways.iter().zip(all) {
            let seconds = spread(all.iter().map(|round| round.seconds));
            let cpu = spread(all.iter().map(|round| round.cpu));
            let script = match all[0].call {
                Some(_) => {
                    let (least, median) = spread(all.iter().filter_map(|round| round.call));
                    format!("{least:>15.1} {median:>6.1}")
                }
                None => format!("{:>15} {:>6}", "-", "-"),
            };
            println!(
                "{name:<34} {series:>6} | {:>28.0} {:>6.0} | {:>24.1} {:>6.1} | {script} | {:>7.1}",
                1.0 / seconds.0,
                1.0 / seconds.1,
                cpu.0,
                cpu.1,
                all[0].bytes / 1e3,
            );
        }
    }
}

fn drains(runtime: &tokio::runtime::Runtime, server: &Server, quick: bool) {
    let (writers, series, rounds) = if quick { (20, 200, 1) } else { (1000, 200, 21) };
    server.ask(&["FLUSHALL"]);
    // One minute for all, and long over.
    let end = SystemTime::now() - 5 * MINUTE;
    let mut bytes = 0;
    for _ in 0..writers {
        let mut writer = join(runtime, server, "Fill", false).writer;
        writer.take(&window(Of::Mixed, series, end));
        bytes += push(runtime, &mut *writer);
    }
    let period: Vec<String> = redis::from_redis_value(server.ask(&["ZRANGE", "m1:{Fill}:open", "0", "-1"])).unwrap();
    let [period] = &period[..] else { panic!("{period:?}") };
    let mut all = Vec::new();
    for round in 0..rounds {
        // A copy for an application of its own: nobody remembers having reported it.
        let application = format!("Drain{round}");
        server.ask(&["COPY", &format!("m1:{{Fill}}:o:{period}"), &format!("m1:{{{application}}}:o:{period}")]);
        let mut drain = join(runtime, server, &application, true).drain.unwrap();
        // Connects, and finds nothing yet.
        assert!(runtime.block_on(drain.claim(deadline())).unwrap().is_none());
        server.ask(&["ZADD", &format!("m1:{{{application}}}:open"), period, period]);
        all.push(claim(runtime, server, &mut *drain, writers, series));
        server.ask(&["UNLINK", &format!("m1:{{{application}}}:o:{period}")]);
    }
    let ((time, cpu), megabytes) = ((all.iter().map(|one| one.0), all.iter().map(|one| one.1)), bytes as f64 / 1e6);
    let (time, cpu) = (spread(time), spread(cpu));
    println!(
        "drain of {writers} writers x {series} series, {megabytes:.1} MB: {:.1} ms min, {:.1} ms median; Redis CPU {:.1} ms min, {:.1} ms median",
        time.0, time.1, cpu.0, cpu.1
    );
}

/// Milliseconds from asking to the merged window, and what they cost the server.
fn claim(
    runtime: &tokio::runtime::Runtime,
    server: &Server,
    drain: &mut dyn Drain,
    writers: u32,
    series: usize,
) -> (f64, f64) {
    loop {
        let (before, start) = (used(server), Instant::now());
        let claim = runtime.block_on(drain.claim(deadline())).unwrap();
        let time = start.elapsed().as_secs_f64() * 1e3;
        if let Some(claim) = claim {
            assert_eq!((claim.writers, claim.window.iter().len(), claim.damaged), (writers, series, 0));
            return (time, (used(server) - before) / 1e3);
        }
        runtime.block_on(async { tokio::time::sleep_until(drain.next().into()).await });
    }
}

fn main() {
    let quick = std::env::args().any(|argument| argument == "--test");
    fastrand::seed(1);
    let server = Server::start();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    pushes(&runtime, &server, quick);
    drains(&runtime, &server, quick);
}
