//! What the current thread owns: its shards and cells, found by the number of their series.

#![allow(unsafe_code)]

use std::cell::RefCell;

use super::list::List;
use super::shard::Shard;
use super::tally::{Cell, Tally};
use super::track::Track;
use crate::fork;

thread_local! {
    static SHARDS: List<Option<&'static Shard>> = const { List::new() };
    static CELLS: List<Option<&'static Cell>> = const { List::new() };
    static OWNED: Owned = const { Owned { shards: RefCell::new(Vec::new()), cells: RefCell::new(Vec::new()) } };
}

/// The same once more, with what each belongs to: what has to be given back when the thread ends.
struct Owned {
    shards: RefCell<Vec<(&'static Shard, &'static Track)>>,
    cells: RefCell<Vec<(&'static Cell, &'static Tally)>>,
}

/// Number 0 is nobody's: a series without shards has it, and finds none.
pub(super) const NO_ID: u32 = 0;

/// This thread's shard of a series; `None` where it has none, or the thread is past owning anything.
#[inline]
pub(super) fn shard(id: u32) -> Option<&'static Shard> {
    // SAFETY: copying a reference calls nothing.
    SHARDS.with(|list| unsafe { list.look(id, |shard| *shard) }).flatten()
}

/// This thread's cell of a tally.
#[inline]
pub(super) fn cell(id: u32) -> Option<&'static Cell> {
    // SAFETY: copying a reference calls nothing.
    CELLS.with(|list| unsafe { list.look(id, |cell| *cell) }).flatten()
}

/// Gives this thread a shard; false where the thread is ending.
pub(super) fn adopt_shard(id: u32, shard: &'static Shard, track: &'static Track) -> bool {
    let owned = OWNED.try_with(|owned| own(&owned.shards, (shard, track))).unwrap_or(false);
    if owned {
        SHARDS.with(|list| put(list, id, shard));
    }
    owned
}

/// Gives this thread a cell; false as with [`adopt_shard`].
pub(super) fn adopt_cell(id: u32, cell: &'static Cell, tally: &'static Tally) -> bool {
    let owned = OWNED.try_with(|owned| own(&owned.cells, (cell, tally))).unwrap_or(false);
    if owned {
        CELLS.with(|list| put(list, id, cell));
    }
    owned
}

/// In a child of `fork`: this thread owns nothing, and what its parent's threads owned is nobody's. Nothing is freed or
/// waited for.
pub(super) fn part() {
    SHARDS.with(List::abandon);
    CELLS.with(List::abandon);
}

fn own<B>(list: &RefCell<Vec<B>>, both: B) -> bool {
    list.try_borrow_mut().map(|mut list| list.push(both)).is_ok()
}

fn put<T>(list: &List<Option<&'static T>>, id: u32, thing: &'static T) {
    let place = id as usize;
    list.edit(|list| {
        if list.len() <= place {
            list.resize(place + 1, None);
        }
        list[place] = Some(thing);
    });
}

impl Drop for Owned {
    fn drop(&mut self) {
        if fork::is_untouched() {
            // What it holds is the parent's, and nothing shall begin here because a thread ends.
            return;
        }
        // From here on this thread owns nothing: later destructors that record take the slow way.
        SHARDS.with(List::clear);
        CELLS.with(List::clear);
        // Nothing that the thread recorded ends with it.
        for (shard, track) in self.shards.take() {
            track.retire(shard);
        }
        for (cell, tally) in self.cells.take() {
            tally.retire(cell);
        }
    }
}
