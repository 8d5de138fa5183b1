//! What waits to be pushed.

use std::fmt;

use meters_core::Window;

use crate::protocol::writer::Delta;
use crate::wire;

/// About what a series takes: its values, a few buckets, and its place.
const SERIES: usize = 256;

#[derive(Clone)]
pub(crate) struct Batch(pub(crate) Window);

impl Delta for Batch {
    fn merge(&mut self, younger: Self) {
        self.0.append(&younger.0);
    }

    fn series(&self) -> u64 {
        self.0.iter().len() as u64
    }

    fn bytes(&self) -> usize {
        self.0.iter().len() * SERIES
    }

    fn encode(&self) -> Vec<u8> {
        wire::encode(&self.0)
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batch({} series)", self.series())
    }
}
