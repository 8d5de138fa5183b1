//! What the current thread owns: its shards and cells, found by the number of their series.

#![allow(unsafe_code)]

use std::cell::RefCell;
use std::sync::atomic::{AtomicU32, Ordering::Acquire, Ordering::Release};

use super::list::List;
use super::shard::Shard;
use super::tally::{Cell, Tally};
use super::track::Track;
use crate::fork;

thread_local! {
    static SHARDS: List<Option<&'static Shard>> = const { List::new() };
    static CELLS: List<Option<&'static Cell>> = const { List::new() };
    static OWNED: Owned = const { Owned::new() };
}

/// The same once more, with what each belongs to: what has to be given back when the thread ends, or the series is idle.
struct Owned {
    shards: RefCell<Vec<Own<Shard, Track>>>,
    cells: RefCell<Vec<Own<Cell, Tally>>>,
    /// [`COOLED`] when this thread last looked which of them are idle.
    swept: std::cell::Cell<u32>,
}

/// One thing, the series that it belongs to, and the number of that.
struct Own<T: 'static, S: 'static> {
    id: u32,
    thing: &'static T,
    series: &'static S,
}

/// How often a series cooled in this process, so that threads look at what they own only where it may matter.
static COOLED: AtomicU32 = AtomicU32::new(0);

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
pub(super) fn adopt_shard(id: u32, thing: &'static Shard, series: &'static Track) -> bool {
    let owned = OWNED.try_with(|owned| own(&owned.shards, Own { id, thing, series })).unwrap_or(false);
    if owned {
        SHARDS.with(|list| put(list, id, thing));
    }
    owned
}

/// Gives this thread a cell; false as with [`adopt_shard`].
pub(super) fn adopt_cell(id: u32, thing: &'static Cell, series: &'static Tally) -> bool {
    let owned = OWNED.try_with(|owned| own(&owned.cells, Own { id, thing, series })).unwrap_or(false);
    if owned {
        CELLS.with(|list| put(list, id, thing));
    }
    owned
}

/// A series cooled.
pub(super) fn cooled() {
    COOLED.fetch_add(1, Release);
}

/// What a thread gives back at once, at the most: a thousand of them would take it milliseconds.
const AT_ONCE: usize = 16;

/// Gives back what this thread owns of series that cooled. Called where it has just taken something, and so pays anyway.
pub(super) fn sweep() {
    // Whoever is inside may hold the very lock that is wanted here: only an allocator that records asks then.
    if fork::is_inside() {
        return;
    }
    let cooled = COOLED.load(Acquire);
    let idle = OWNED.try_with(|owned| {
        let looks = owned.swept.get() != cooled;
        looks.then(|| {
            let shards = disown(&owned.shards, |own| own.series.is_cool() && !own.thing.is_writing());
            let cells = disown(&owned.cells, |own| own.series.is_cool());
            if shards.len().max(cells.len()) < AT_ONCE {
                owned.swept.set(cooled);
            }
            (shards, cells)
        })
    });
    let Ok(Some((shards, cells))) = idle else { return };
    // Not found by this thread any more before another one may be given it.
    SHARDS.with(|list| remove(list, &shards));
    CELLS.with(|list| remove(list, &cells));
    shards.into_iter().for_each(|own| own.series.retire(own.thing));
    cells.into_iter().for_each(|own| own.series.retire(own.thing));
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

/// Some of those that are `idle`; none where an allocator asks that was called from here.
fn disown<T, S>(list: &RefCell<Vec<Own<T, S>>>, idle: impl Fn(&Own<T, S>) -> bool) -> Vec<Own<T, S>> {
    let Ok(mut list) = list.try_borrow_mut() else { return Vec::new() };
    list.extract_if(.., |own| idle(own)).take(AT_ONCE).collect()
}

fn remove<T, S>(list: &List<Option<&'static T>>, owned: &[Own<T, S>]) {
    list.edit(|list| {
        for Own { id, thing, .. } in owned {
            // In a child of `fork` its place may be another's.
            if let Some(place) = list.get_mut(*id as usize).filter(|at| at.is_some_and(|at| std::ptr::eq(at, *thing))) {
                *place = None;
            }
        }
    });
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

impl Owned {
    const fn new() -> Self {
        Self { shards: RefCell::new(Vec::new()), cells: RefCell::new(Vec::new()), swept: std::cell::Cell::new(0) }
    }
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
        self.shards.take().into_iter().for_each(|own| own.series.retire(own.thing));
        self.cells.take().into_iter().for_each(|own| own.series.retire(own.thing));
    }
}
