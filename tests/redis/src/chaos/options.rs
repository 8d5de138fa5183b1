//! What the command line says.

use std::time::Duration;

const USAGE: &str = "usage: chaos [--seconds S] [--seed SEED] [--mode always|everysec|failover|none] \
                     [--control naive|no-seq|no-barrier|no-watermark|no-fence] [--writers N] [--read-back yes|no]\n\
                     Without a mode, all of them at once; without --read-back, each mode with and without.";

/// How the server keeps what it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// On disk before it answers.
    Always,
    /// On disk once a second, and the power fails.
    Everysec,
    /// On a replica that lags, and takes over.
    Failover,
    /// Nowhere; but nothing else dies.
    None,
}

impl Mode {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Always, Self::Everysec, Self::Failover, Self::None];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Everysec => "everysec",
            Self::Failover => "failover",
            Self::None => "none",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

/// What is left out of the protocol, to see that the campaign notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Nothing.
    Off,
    /// Everything: windows are appended to a list, which is read and deleted.
    Naive,
    /// The check of sequence numbers.
    NoSeq,
    /// The wait until a claim is durable.
    NoBarrier,
    /// Keeping what was acknowledged.
    NoWatermark,
    /// With read-back, the wait until a request cannot arrive any more.
    NoFence,
}

impl Control {
    const ALL: [Self; 6] = [Self::Off, Self::Naive, Self::NoSeq, Self::NoBarrier, Self::NoWatermark, Self::NoFence];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Naive => "naive",
            Self::NoSeq => "no-seq",
            Self::NoBarrier => "no-barrier",
            Self::NoWatermark => "no-watermark",
            Self::NoFence => "no-fence",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|control| control.name() == name)
    }
}

/// One run.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long faults go on.
    pub seconds: Duration,
    /// What the dice follow from.
    pub seed: u64,
    /// One mode, or all.
    pub mode: Option<Mode>,
    /// What is left out.
    pub control: Control,
    /// Writers at a time.
    pub writers: usize,
    /// Whether requests that nobody heard of are looked up before they are sent again; nothing: both.
    pub read_back: Option<bool>,
}

impl Options {
    /// # Errors
    ///
    /// How to use it.
    pub fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let (seconds, control) = (Duration::from_secs(60), Control::Off);
        let mut options = Self { seconds, seed: 1, mode: None, control, writers: 6, read_back: None };
        while let Some(name) = arguments.next() {
            let value = arguments.next().ok_or(USAGE)?;
            let number = || value.parse::<u64>().map_err(|_| USAGE);
            match name.as_str() {
                "--seconds" => options.seconds = Duration::from_secs(number()?),
                "--seed" => options.seed = number()?,
                "--writers" => options.writers = number()?.clamp(1, 64) as usize,
                "--read-back" => {
                    options.read_back = Some(match value.as_str() {
                        "yes" => true,
                        "no" => false,
                        _ => return Err(USAGE.to_owned()),
                    });
                }
                "--mode" => options.mode = Some(Mode::parse(&value).ok_or(USAGE)?),
                "--control" => options.control = Control::parse(&value).ok_or(USAGE)?,
                _ => return Err(USAGE.to_owned()),
            }
        }
        Ok(options)
    }
}
