//! What can happen, and how likely it is in each mode.

use super::options::{Control, Mode};

/// Something that happens to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    KillWriter,
    KillReporter,
    FreezeWriter,
    FreezeReporter,
    KillRedis,
    LosePower,
    FailOver,
    FlushScripts,
    KillClients,
    OutOfMemory,
    ReadOnly,
    BlackHole,
}

impl Fault {
    /// How often, in relation to others.
    fn weight(self, mode: Mode, control: Control) -> u32 {
        use Fault::{FailOver, KillRedis, LosePower};
        if mode == Mode::None {
            return u32::from(self == KillRedis);
        }
        // A reporter that lives remembers what it has reported, and hides that the barrier is not there.
        let bare = if control == Control::NoBarrier { 5 } else { 1 };
        match self {
            Self::KillWriter => 8,
            Self::KillReporter => 5 * bare,
            Self::FreezeWriter => 2,
            Self::FreezeReporter => 4,
            KillRedis if mode == Mode::Always => 5,
            KillRedis if mode == Mode::Everysec => 2,
            LosePower if mode == Mode::Everysec => 4 * bare,
            FailOver if mode == Mode::Failover => 5 * bare,
            KillRedis | LosePower | FailOver => 0,
            Self::FlushScripts => 6,
            Self::KillClients => 5,
            Self::OutOfMemory => 2,
            // A replica of nobody cannot be followed.
            Self::ReadOnly => {
                if mode == Mode::Failover {
                    0
                } else {
                    2
                }
            }
            Self::BlackHole => 4,
        }
    }

    const ALL: [Self; 12] = [
        Self::KillWriter,
        Self::KillReporter,
        Self::FreezeWriter,
        Self::FreezeReporter,
        Self::KillRedis,
        Self::LosePower,
        Self::FailOver,
        Self::FlushScripts,
        Self::KillClients,
        Self::OutOfMemory,
        Self::ReadOnly,
        Self::BlackHole,
    ];

    pub(crate) fn draw(mode: Mode, control: Control, dice: &mut fastrand::Rng) -> Self {
        let mut drawn = dice.u32(0..Self::ALL.iter().map(|fault| fault.weight(mode, control)).sum());
        for fault in Self::ALL {
            match drawn.checked_sub(fault.weight(mode, control)) {
                Some(rest) => drawn = rest,
                None => return fault,
            }
        }
        unreachable!("less than the sum of all weights")
    }

    /// Milliseconds between two, at the least and at the most.
    pub(crate) fn pause(mode: Mode) -> std::ops::Range<u64> {
        if mode == Mode::None { 4_000..12_000 } else { 100..700 }
    }

    /// What it is called in the table.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::KillWriter => "writers killed",
            Self::KillReporter => "reporters killed",
            Self::FreezeWriter => "writers frozen",
            Self::FreezeReporter => "reporters frozen",
            Self::KillRedis => "Redis killed",
            Self::LosePower => "power lost",
            Self::FailOver => "failovers",
            Self::FlushScripts => "scripts flushed",
            Self::KillClients => "clients cut off by Redis",
            Self::OutOfMemory => "out of memory",
            Self::ReadOnly => "read only",
            Self::BlackHole => "black holes",
        }
    }
}
