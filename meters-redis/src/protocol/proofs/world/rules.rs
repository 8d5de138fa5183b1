//! What there is, and what may go wrong.

use std::time::Duration;

use super::super::super::settings::Settings;
use super::UNIT;

/// What there is, what may happen, and which rule is broken.
#[derive(Clone, Debug)]
pub(in super::super) struct Rules {
    pub(in super::super) writers: usize,
    /// Windows that each writer records.
    pub(in super::super) windows: u8,
    pub(in super::super) reporters: usize,
    /// Steps of time.
    pub(in super::super) ticks: u64,
    /// Things that go wrong.
    pub(in super::super) faults: u8,
    pub(in super::super) faulty: Faulty,
    /// The server keeps nothing on disk: what goes wrong with it is the loss of all.
    pub(in super::super) volatile: bool,
    /// After a doubt CloudWatch is asked; otherwise it is sent again, and counted.
    pub(in super::super) read_back: bool,
    /// Writers with nothing to push ask whether it is still stored.
    pub(in super::super) looks: bool,
    /// Ends of reporters in peace.
    pub(in super::super) retires: u8,
    pub(in super::super) broken: Option<Broken>,
}

/// What may go wrong.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Faulty {
    pub(in super::super) network: bool,
    pub(in super::super) server: bool,
    pub(in super::super) writers: bool,
    pub(in super::super) reporters: bool,
    pub(in super::super) cloud: bool,
}

impl Faulty {
    pub(in super::super) const ALL: Self =
        Self { network: true, server: true, writers: true, reporters: true, cloud: true };
}

/// A rule that is left out, to see that it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Broken {
    /// The server takes each push for a new one.
    Sequence,
    /// Requests leave before the claim is durable.
    Barrier,
    /// Writers drop what is stored at once.
    Retention,
    /// Writers drop what is stored before it is reported.
    Watermark,
    /// Claims are taken over while their owner's request may arrive.
    Grace,
    /// CloudWatch is asked while the request may arrive.
    Fence,
    /// Reporters forget what they merged in other claims.
    Memory,
}

impl Rules {
    pub(in super::super) fn settings(&self) -> Settings {
        let unit = Duration::from_millis(UNIT);
        let broken = |which| self.broken == Some(which);
        let long = 1000 * unit;
        Settings {
            period: unit,
            grace: Duration::ZERO,
            claim: unit,
            takeover: if broken(Broken::Grace) { Duration::ZERO } else { unit },
            read_back: self.read_back.then_some(if broken(Broken::Fence) {
                Duration::ZERO
            } else {
                unit + unit / 1000
            }),
            lease: unit,
            tick: Duration::from_millis(1),
            writer_ttl: long,
            bucket_ttl: long,
            retention: if broken(Broken::Retention) { Duration::ZERO } else { unit / 2 },
            look: if self.looks { unit } else { long },
            remember: long,
            remembered_writers: if broken(Broken::Memory) { 0 } else { 100 },
            retained_bytes: if broken(Broken::Retention) { 0 } else { 1 << 20 },
            queue_periods: 2,
            ..Settings::default()
        }
    }
}
