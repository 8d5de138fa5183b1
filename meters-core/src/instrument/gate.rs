//! Whether a series takes records.

use crate::primitive::atomic::{AtomicU8, Ordering::Relaxed};

/// Why a series takes no records, if it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Gate {
    /// It does.
    Open,
    /// It is switched off, or its metric was unregistered.
    Shut,
    /// It alone was unregistered: whoever asks a family for it registers it again.
    Gone,
}

/// Where the gate stands. Asked on the slow way alone: threads find no shard and no cell of what is shut, so that what is
/// open pays nothing for it.
pub(crate) struct Gated(AtomicU8);

impl Gated {
    pub(crate) fn new() -> Self {
        Self(AtomicU8::new(Gate::Open as u8))
    }

    #[inline]
    pub(crate) fn is_shut(&self) -> bool {
        self.0.load(Relaxed) != Gate::Open as u8
    }

    pub(crate) fn stands(&self) -> Gate {
        match self.0.load(Relaxed) {
            0 => Gate::Open,
            1 => Gate::Shut,
            _ => Gate::Gone,
        }
    }

    #[inline]
    pub(crate) fn is_gone(&self) -> bool {
        self.0.load(Relaxed) == Gate::Gone as u8
    }

    /// Says whether it was shut.
    pub(crate) fn turn(&self, gate: Gate) -> bool {
        self.0.swap(gate as u8, Relaxed) != Gate::Open as u8
    }
}
