//! Shutdowns with CloudWatch away, and kills at random moments: what is spooled is sent once, or told as lost.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use meters_local::{Fault, Server};

use crate::Folder;

/// A process that says nothing for so long never will.
const WATCHDOG: Duration = Duration::from_secs(60);

/// The short form, for every run of the tests.
#[test]
fn what_is_spooled_is_sent_once_whenever_processes_are_killed() {
    for mode in ["resend", "drop"] {
        println!("{mode} {:?}", campaign(20, 7, mode));
    }
}

/// `cargo test -p meters-tests --test spool -- --ignored --nocapture campaign`, with METERS_ROUNDS and METERS_SEED.
#[test]
#[ignore = "minutes: the long form of the campaign"]
fn campaign_in_its_long_form() {
    let said = |name, default| std::env::var(name).map_or(default, |text| text.parse().unwrap());
    let (rounds, seed) = (said("METERS_ROUNDS", 1_000), said("METERS_SEED", 1));
    for mode in ["resend", "drop"] {
        println!("{mode} {:#?}", campaign(rounds, seed, mode));
    }
}

/// What a campaign came to.
#[derive(Debug, Default)]
struct Figures {
    _rounds: u64,
    killed: u64,
    killed_before_start: u64,
    killed_before_shutdown: u64,
    killed_in_shutdown: u64,
    recorded: u64,
    /// Counted in reports.
    spooled: u64,
    told_as_lost: u64,
    told_as_ambiguous: u64,
    /// Seen at the receiver.
    arrived_once: u64,
    arrived_more_often: u64,
    /// Recorded by processes that were killed before they had written it down.
    gone_with_their_process: u64,
}

/// One process under way.
struct Running {
    child: Child,
    lines: Receiver<String>,
    name: String,
    count: u64,
}

/// What one process said until its end.
#[derive(Default)]
struct Said {
    started: bool,
    recorded: bool,
    /// sent, pending, refused, dropped, spooled, ambiguous
    report: Option<[u64; 6]>,
    /// Told to `on_error` of what was taken over from others and given up, perhaps by one that was killed before its report.
    given_up: u64,
    /// Of requests that were not answered, told when that was seen.
    doubted: u64,
}

fn run(
    (cw, folder, mode): (&Server, &Folder, &str),
    name: String,
    count: u64,
    timeout: u64,
    portion: usize,
) -> Running {
    let mut child = Command::new(env!("CARGO_BIN_EXE_spooler"))
        .env_clear()
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("SPOOLER_ENDPOINT", cw.endpoint_url())
        .env("SPOOLER_AMBIGUOUS", mode)
        .env("SPOOLER_PATH", folder.spool())
        .env("SPOOLER_NAME", &name)
        .env("SPOOLER_COUNT", count.to_string())
        .env("SPOOLER_TIMEOUT", timeout.to_string())
        .env("SPOOLER_PORTION", portion.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (said, lines) = channel();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| said.send(line)));
    Running { child, lines, name, count }
}

impl Running {
    /// Listens until the line `until`, or to the end.
    fn listen(&mut self, said: &mut Said, until: &str) {
        loop {
            let line = match self.lines.recv_timeout(WATCHDOG) {
                Ok(line) => line,
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return,
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                    self.child.kill().unwrap();
                    panic!("{} hangs", self.name);
                }
            };
            match line.split_once(' ').unwrap_or((&line, "")) {
                ("started", _) => said.started = true,
                ("recorded", _) => said.recorded = true,
                ("report", numbers) => {
                    let numbers: Vec<_> = numbers.split(' ').map(|number| number.parse().unwrap()).collect();
                    said.report = Some(numbers.try_into().unwrap());
                }
                ("doubted", count) => said.doubted += count.parse::<u64>().unwrap(),
                ("error", text) if text.contains("were given up: their requests") => {
                    let count = text.split(' ').next().unwrap();
                    said.given_up += count.parse::<u64>().unwrap();
                }
                _ => {}
            }
            if line == until {
                return;
            }
        }
    }

    /// Lets it go on for a random while from a random moment on, and kills it; or lets it end.
    fn fate(mut self, random: &mut fastrand::Rng, figures: &mut Figures) -> (String, u64, Said) {
        let mut said = Said::default();
        let phase = ["", "started", "recorded", "recorded", "never"][random.usize(..5)];
        if phase != "never" {
            if !phase.is_empty() {
                self.listen(&mut said, phase);
            }
            std::thread::sleep(Duration::from_micros(random.u64(..30_000)));
            self.child.kill().unwrap();
        }
        self.listen(&mut said, "");
        let status = self.child.wait().unwrap();
        // One that had ended before it was killed is none that was killed.
        if said.report.is_none() {
            assert_ne!(phase, "never", "{}: {status}", self.name);
            figures.killed += 1;
            figures.killed_before_start += u64::from(!said.started);
            figures.killed_before_shutdown += u64::from(said.started && !said.recorded);
            figures.killed_in_shutdown += u64::from(said.recorded);
        }
        (self.name, self.count, said)
    }
}

/// What CloudWatch is like in this round.
fn weather(cw: &Server, random: &mut fastrand::Rng) {
    cw.faults().clear();
    match random.u32(..10) {
        0..4 => {}
        4..7 => _ = cw.faults().always(Fault::AccessDenied),
        7 => _ = cw.faults().push(Fault::Pass).push(Fault::Pass).always(Fault::ServiceUnavailable),
        8 => _ = cw.faults().push(Fault::Pass).push(Fault::ResetAfterStoring).push(Fault::Reset),
        _ => _ = cw.faults().push(Fault::Pass).push(Fault::HangAfterStoring),
    }
}

/// With what is ambiguous sent again, or dropped.
fn campaign(rounds: u64, seed: u64, mode: &'static str) -> Figures {
    let cw = Server::builder().max_stored_bytes(1 << 30).start().unwrap();
    let (folder, mut random) = (Folder::new(), fastrand::Rng::with_seed(seed));
    let mut figures = Figures { _rounds: rounds, ..Figures::default() };
    // How many each recorded, and whether it lived to tell.
    let mut processes = Vec::new();
    let note = |figures: &mut Figures, (name, count, said): (String, u64, Said)| {
        if let Some([sent, pending, refused, dropped, spooled, ambiguous]) = said.report {
            assert_eq!((pending, refused), (0, 0), "{name}");
            // What it took over from others is in its report, too.
            assert!(sent + dropped + spooled >= count, "{name} does not account for all");
            figures.spooled += spooled;
            figures.told_as_lost += dropped;
            figures.told_as_ambiguous += ambiguous;
        } else {
            figures.told_as_lost += said.given_up;
            figures.told_as_ambiguous += said.given_up.max(said.doubted);
        }
        (name, if said.recorded { count } else { 0 }, said.report.is_some())
    };
    for round in 0..rounds {
        weather(&cw, &mut random);
        let alone = random.u32(..3) > 0;
        let mut begin = |number: usize| {
            let (count, timeout, portion) = (random.u64(1..120), random.u64(20..400), random.usize(1..40));
            run((&cw, &folder, mode), format!("{round}-{number}"), count, timeout, portion)
        };
        let (one, other) = (begin(0), (!alone).then(|| begin(1)));
        let ended = one.fate(&mut random, &mut figures);
        processes.push(note(&mut figures, ended));
        if let Some(other) = other {
            let ended = other.fate(&mut random, &mut figures);
            processes.push(note(&mut figures, ended));
        }
    }
    // The last one finds CloudWatch as it should be, and sends all that is there.
    cw.faults().clear();
    let mut last = run((&cw, &folder, mode), "last".to_owned(), 1, 60_000, 1_000);
    let mut said = Said::default();
    last.listen(&mut said, "");
    assert!(last.child.wait().unwrap().success());
    assert_eq!(said.report.map(|numbers| numbers[4]), Some(0), "nothing is left");
    processes.push(note(&mut figures, (last.name, last.count, said)));
    assert_eq!(folder.names(), [""; 0], "all files are done with");

    let mut arrived: HashMap<String, u64> = HashMap::new();
    for datum in cw.datums() {
        *arrived.entry(datum.name).or_default() += 1;
    }
    assert_eq!(cw.dropped_datums(), 0);
    let mut missing_though_told = 0;
    for (name, count, told) in &processes {
        figures.recorded += count;
        for number in 0..*count {
            match (arrived.get(&format!("{name}-{number}")), told) {
                (Some(1), _) => figures.arrived_once += 1,
                (Some(_), _) => figures.arrived_more_often += 1,
                (None, true) => missing_though_told += 1,
                (None, false) => figures.gone_with_their_process += 1,
            }
        }
    }
    let doubled: u64 = arrived.values().map(|times| times - 1).sum();
    assert!(missing_though_told <= figures.told_as_lost, "{missing_though_told} are missing: {figures:#?}");
    assert!(doubled <= figures.told_as_ambiguous, "{doubled} came again: {figures:#?}");
    assert!(mode == "resend" || doubled == 0, "{doubled} came again: {figures:#?}");
    figures
}
