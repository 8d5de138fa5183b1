//! What the shell is told to do, and what it tells of it.

use std::time::Duration;

use meters_core::storage::Progress;

use super::super::call::Call;
use super::Found;

/// What the shell does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Makes a call, and tells what came of it: [`Drain::heard`].
    Call(Call),
    /// Waits until the server cannot forget what it has done so far, as its mode demands, and tells [`Drain::settled`].
    /// Where it waits for what one connection wrote (`WAIT`, `WAITAOF`), it makes this call on it first.
    Barrier { bid: String, fence: Call },
    /// Asks for the fields of this hash, then for the values that [`Drain::wanted`] names, in that order; then tells
    /// [`Drain::ready`]: the claim is the user's. Where a value is missing it tells [`Drain::vanished`].
    Fetch { bid: String, batch: Vec<u8> },
    /// Gives the user a claim again that was left with [`Left::Keep`].
    Again(String),
    /// Nothing to do before this moment.
    Idle(Duration),
}

/// What an outcome means for the shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Go on at once.
    Next,
    /// Go on after a while, on a new connection if the outcome was unknown.
    Later,
    /// Somebody has to mend something. Go on after a while: it may be mended.
    Misconfigured,
    /// The answer to [`Drain::plan`].
    Planned(Progress),
    /// The answer to [`Drain::begin`]: whether the request may leave.
    Begun(bool),
    /// The answer to [`Drain::totals`].
    Found(Found),
    /// The answer to [`Drain::keep`]: whether the totals are replaced, or had changed meanwhile.
    Kept(bool),
    /// The claim is not this process's any more.
    Lost,
}

/// What becomes of a claim that the user leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// The server has it.
    Forget,
    /// Nobody else has it: the shell keeps its window, and gives it again on [`Step::Again`].
    Keep,
}

/// What a claim consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// The fields to fetch, in the order to merge them in.
    pub(crate) fields: Vec<Vec<u8>>,
    /// Fields that no writer makes.
    pub(crate) damaged: u32,
    /// How many processes pushed.
    pub(crate) writers: u32,
    /// The period, and whether a part of it was claimed before.
    pub(crate) period: u64,
    pub(crate) late: bool,
    /// The first of the seconds for the marks of its requests; 0 for none.
    pub(crate) mark: u64,
}
