//! What `src/instrument/local.rs` does, with an end of the thread that is said and not left to destructors.

use std::cell::RefCell;

use super::shard::Shard;
use super::tally::{Cell, Tally};
use super::track::Track;

pub(super) const NO_ID: u32 = 0;

#[derive(Default)]
struct Owned {
    shards: Vec<(u32, &'static Shard, &'static Track)>,
    cells: Vec<(u32, &'static Cell, &'static Tally)>,
    ended: bool,
}

loom::thread_local! {
    static OWNED: RefCell<Owned> = RefCell::new(Owned::default());
}

pub(super) fn shard(id: u32) -> Option<&'static Shard> {
    OWNED.with(|owned| owned.borrow().shards.iter().find(|one| one.0 == id).map(|one| one.1))
}

pub(super) fn cell(id: u32) -> Option<&'static Cell> {
    OWNED.with(|owned| owned.borrow().cells.iter().find(|one| one.0 == id).map(|one| one.1))
}

pub(super) fn adopt_shard(id: u32, shard: &'static Shard, track: &'static Track) -> bool {
    OWNED.with(|owned| {
        let mut owned = owned.borrow_mut();
        let alive = !owned.ended;
        if alive {
            owned.shards.push((id, shard, track));
        }
        alive
    })
}

pub(super) fn adopt_cell(id: u32, cell: &'static Cell, tally: &'static Tally) -> bool {
    OWNED.with(|owned| {
        let mut owned = owned.borrow_mut();
        let alive = !owned.ended;
        if alive {
            owned.cells.push((id, cell, tally));
        }
        alive
    })
}

pub(super) fn cooled() {}

/// As the original, but that it looks each time.
pub(crate) fn sweep() {
    let (shards, cells): (Vec<_>, Vec<_>) = OWNED.with(|owned| {
        let mut owned = owned.borrow_mut();
        let shards = owned.shards.extract_if(.., |(_, shard, track)| track.is_cool() && !shard.is_writing()).collect();
        (shards, owned.cells.extract_if(.., |(_, _, tally)| tally.is_cool()).collect())
    });
    shards.into_iter().for_each(|(_, shard, track)| track.retire(shard));
    cells.into_iter().for_each(|(_, cell, tally)| tally.retire(cell));
}

/// The thread ends here; what it records from now on takes the slow way.
pub(crate) fn end_thread() {
    let (shards, cells) = OWNED.with(|owned| {
        let mut owned = owned.borrow_mut();
        owned.ended = true;
        (std::mem::take(&mut owned.shards), std::mem::take(&mut owned.cells))
    });
    for (_, shard, track) in shards {
        track.retire(shard);
    }
    for (_, cell, tally) in cells {
        tally.retire(cell);
    }
}
