//! The roles in which this program starts itself.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use super::journal::Journal;
use super::options::{Control, Mode};
use super::reporter::{Failpoints, Reporter};
use super::storage::storage;
use super::times;
use super::workforce::{Kind, journal};
use super::writer::Writer;

/// What a process is started with.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) kind: Kind,
    pub(crate) number: u32,
    pub(crate) seed: u64,
    pub(crate) mode: Mode,
    pub(crate) control: Control,
    pub(crate) url: String,
    /// The port of the receiver.
    pub(crate) receiver: u16,
    /// After how many windows a writer ends by itself.
    pub(crate) most: u32,
    /// Whether a reporter looks requests up.
    pub(crate) read_back: bool,
    /// Whether a reporter does things to itself.
    pub(crate) failpoints: bool,
}

const ROLE: &str = "--role";

impl Part {
    pub(crate) fn arguments(&self, folder: &Path) -> Vec<String> {
        let kind = if self.kind == Kind::Writer { "writer" } else { "reporter" };
        let texts = [ROLE, kind, self.mode.name(), self.control.name(), &self.url].map(str::to_owned);
        let flags = [self.failpoints.into(), self.read_back.into()];
        let numbers = [self.number.into(), self.seed, self.receiver.into(), self.most.into(), flags[0], flags[1]];
        let numbers = numbers.map(|number: u64| number.to_string());
        texts.into_iter().chain(numbers).chain([folder.display().to_string()]).collect()
    }

    fn read(words: &[String]) -> Option<(Self, PathBuf)> {
        let [role, kind, mode, control, url, number, seed, receiver, most, failpoints, read_back, folder] = words
        else {
            return None;
        };
        let part = Self {
            kind: if kind == "writer" { Kind::Writer } else { Kind::Reporter },
            number: number.parse().ok()?,
            seed: seed.parse().ok()?,
            mode: Mode::parse(mode)?,
            control: Control::parse(control)?,
            url: url.clone(),
            receiver: receiver.parse().ok()?,
            most: most.parse().ok()?,
            failpoints: failpoints == "1",
            read_back: read_back == "1",
        };
        (role == ROLE).then(|| (part, folder.into()))
    }
}

/// Plays a role if the command line says so.
pub fn play(words: &[String]) -> Option<ExitCode> {
    let (part, folder) = Part::read(words)?;
    let (stop, calm) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(!part.failpoints)));
    let (stopping, calming) = (stop.clone(), calm.clone());
    // A byte calms; the end, which also comes when the campaign itself dies, asks to end.
    thread::spawn(move || {
        let mut stdin = std::io::stdin().lock();
        while stdin.read(&mut [0]).is_ok_and(|read| read == 1) {
            calming.store(true, SeqCst);
        }
        stopping.store(true, SeqCst);
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let storage = storage(&part.url, part.seed, part.mode, part.control);
    let mut journal = Journal::create(&journal(&folder, part.kind, part.number));
    let Part { number, seed, most, receiver, .. } = part;
    runtime.block_on(async {
        match part.kind {
            Kind::Writer => Writer { number, seed, most }.run(&*storage, &mut journal, &stop).await,
            Kind::Reporter => {
                let seed = seed ^ u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                let fence = if part.control == Control::NoFence { Duration::ZERO } else { times::READ_BACK };
                let read_back = part.read_back.then_some(fence);
                let reporter = Reporter { number, receiver, seed, failpoints: Failpoints::USUAL, read_back };
                reporter.run(&*storage, &mut journal, &stop, &calm).await;
            }
        }
    });
    Some(ExitCode::SUCCESS)
}
