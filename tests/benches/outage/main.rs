//! What recording costs while CloudWatch is well, refuses connections, or never answers, and where nobody sends at all.
//!
//! Each condition is a process of its own, that records ten thousand series in each of a hundred windows. All are sampled in
//! turns, so that a slow moment of the machine meets them all. In the end CloudWatch is well for all, and has to have
//! everything.
#![allow(unsafe_code, clippy::print_stdout, missing_docs)]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use meters_local::{Fault, Server};

mod rows;
mod stranger;

/// How much is measured.
struct Size {
    rounds: usize,
    series: u64,
    calls: u64,
    interval: &'static str,
}

const LONG: Size = Size { rounds: 103, series: 10_000, calls: 20_000, interval: "250ms" };
const SHORT: Size = Size { rounds: 8, series: 500, calls: 100, interval: "50ms" };
/// Nothing is warm yet.
const WARM_UP: usize = 3;

struct Condition {
    name: &'static str,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// Of each row.
    samples: Vec<Vec<f64>>,
    /// At the first round, and at the last.
    memory: Vec<f64>,
}

impl Condition {
    fn start(name: &'static str, endpoint: &str, size: &Size) -> Self {
        let (series, calls) = (size.series.to_string(), size.calls.to_string());
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--under", endpoint, size.interval, &series, &calls])
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env_remove("METERS")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { name, child, input, output, samples: vec![Vec::new(); rows::names().count()], memory: Vec::new() }
    }

    /// Tells it a word, and hears its answer: megabytes, and what else it says.
    fn ask(&mut self, word: &str) -> String {
        writeln!(self.input, "{word}").unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "{}: it ended", self.name);
        line.trim().to_owned()
    }

    fn turn(&mut self, counts: bool) {
        let answer = self.ask("turn");
        let mut numbers = answer.split(' ').map(|number| number.parse::<f64>().unwrap());
        let memory = numbers.next().unwrap();
        if counts {
            self.memory.push(memory);
            self.samples.iter_mut().zip(numbers).for_each(|(row, sample)| row.push(sample));
        }
    }

    /// Of a row, the least and the middle one.
    fn told(&self, row: usize) -> (f64, f64) {
        let mut samples = self.samples[row].clone();
        samples.sort_by(f64::total_cmp);
        (samples[0], samples[samples.len() / 2])
    }
}

/// All of what `series` were counted up to, by ones.
fn assert_delivered(condition: &mut Condition, cw: &Server, size: &Size) {
    let answer = condition.ask("end");
    println!("{:<16} complete, memory in MB, report: {answer}", condition.name);
    assert!(answer.starts_with("true "), "something was lost");
    let sum = cw.metric("Orders").sum().unwrap_or(0.0);
    assert_eq!((sum, cw.dropped_datums()), ((size.series * size.rounds as u64) as f64, 0), "{}", condition.name);
    assert!(condition.child.wait().unwrap().success());
}

fn receiver(port: u16) -> Server {
    Server::builder().port(port).max_stored_bytes(8 << 30).start().unwrap()
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let ["--under", endpoint, interval, series, calls] =
        arguments.iter().map(String::as_str).collect::<Vec<_>>()[1..]
    {
        return stranger::play(endpoint, interval, series.parse().unwrap(), calls.parse().unwrap());
    }
    let size = if arguments.iter().any(|argument| argument == "--test") { SHORT } else { LONG };
    let (well, hanging) = (receiver(0), receiver(0));
    hanging.faults().always(Fault::HangBeforeStoring);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut all = [
        Condition::start("no flusher", "", &size),
        Condition::start("well", &well.endpoint_url(), &size),
        Condition::start("refused", &format!("http://127.0.0.1:{port}"), &size),
        Condition::start("hanging", &hanging.endpoint_url(), &size),
    ];
    let interval = Duration::from_millis(size.interval.trim_end_matches("ms").parse().unwrap());
    let begin = Instant::now();
    for round in 0..size.rounds {
        // Who comes first after the end of a window changes, as windows end for all of them at once.
        (0..all.len()).for_each(|place| all[(place + round) % 4].turn(round >= WARM_UP));
        // A window for each round.
        std::thread::sleep((begin + interval * (round as u32 + 1)).saturating_duration_since(Instant::now()));
    }
    table(&all);
    println!(
        "\n{} rounds of {} series in {:.0?}; requests: well {}, hanging {}",
        size.rounds,
        size.series,
        begin.elapsed(),
        well.request_count(),
        hanging.request_count()
    );
    hanging.faults().clear();
    let refused = receiver(port);
    let [none, others @ ..] = &mut all;
    none.ask("end");
    for (condition, cw) in others.iter_mut().zip([&well, &refused, &hanging]) {
        let answers = cw.request_count();
        assert_delivered(condition, cw, &size);
        println!("{:<16} requests when it was well again: {}", "", cw.request_count() - answers);
    }
}

fn table(all: &[Condition]) {
    print!("\n{:<26}", "ns a record: min median");
    all.iter().for_each(|condition| print!("{:>18}", condition.name));
    println!("   | of no flusher, min / median");
    for (row, name) in rows::names().enumerate() {
        print!("{name:<26}");
        let told: Vec<_> = all.iter().map(|condition| condition.told(row)).collect();
        told.iter().for_each(|(min, median)| print!("{min:>9.2}{median:>9.2}"));
        print!("   |");
        told[1..].iter().for_each(|(min, median)| print!("  {:.2} / {:.2}", min / told[0].0, median / told[0].1));
        println!();
    }
    print!("{:<26}", "… of counter twice");
    println!();
    for (row, name) in rows::names().enumerate().skip(1) {
        print!("{name:<26}");
        for condition in all {
            let ((min, median), counter) = (condition.told(row), condition.told(0));
            print!("{:>9.2}{:>9.2}", min / counter.0, median / counter.1);
        }
        println!();
    }
    print!("{:<26}", "MB: first, last round");
    all.iter().for_each(|one| print!("{:>9.1}{:>9.1}", one.memory[0], one.memory[one.memory.len() - 1]));
    println!();
}
