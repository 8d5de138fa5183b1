//! What code below a call says of it: it belongs to the innermost call that is under way, of this task and of no other.
//!
//! A thread counts how deep in calls it is, and keeps what was said with the depth at which it was. A plain call takes what
//! is its own when it ends. The call of a future is under way only while it is polled, and takes what is its own with it
//! after each poll: whoever runs on the thread next finds nothing, and wherever the future goes on, it has its own.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use crate::model::{DimensionValue, Dimensions};

/// A dimension that became known while the call was under way.
pub(super) type Late = (&'static str, Cow<'static, str>);

/// No destructor, so that looking at it asks nothing.
struct Task {
    depth: Cell<u32>,
    /// The depth of what was said last; 0 where there is nothing.
    said: Cell<u32>,
}

thread_local! {
    static TASK: Task = const { Task { depth: Cell::new(0), said: Cell::new(0) } };
    static SAID: RefCell<Vec<(u32, Late)>> = const { RefCell::new(Vec::new()) };
}

/// A call begins, or goes on.
#[inline]
pub(super) fn enter() {
    TASK.with(|task| task.depth.set(task.depth.get().wrapping_add(1)));
}

/// It ends, or pauses. Whether something was said of it, which is then to be [`taken`].
#[inline]
#[must_use]
pub(super) fn leave() -> bool {
    TASK.with(|task| {
        let depth = task.depth.get();
        task.depth.set(depth.wrapping_sub(1));
        task.said.get() == depth
    })
}

/// What was said of the call that was left just now.
#[cold]
#[inline(never)]
pub(super) fn taken() -> Vec<Late> {
    let left = TASK.with(|task| task.depth.get()).wrapping_add(1);
    let take = |said: &RefCell<Vec<(u32, Late)>>| {
        let mut said = said.borrow_mut();
        let first = said.partition_point(|(depth, _)| *depth < left);
        let own = said.drain(first..).map(|(_, late)| late).collect();
        TASK.with(|task| task.said.set(said.last().map_or(0, |(depth, _)| *depth)));
        own
    };
    SAID.try_with(take).unwrap_or_default()
}

/// Gives the innermost call that is under way a dimension, which may be one it has already: the last word counts. False
/// where nothing was kept: no call is under way, or 30 other names were said of it, which is what CloudWatch takes.
///
/// The call is that of this task: an annotated function further up on the stack, or the future that is being polled. It
/// keeps what was said across awaits and threads; other tasks, also those spawned from here, never see it. What is said
/// becomes part of the series under which the call is reported in the end.
///
/// Below a plain function is all that its thread runs until it returns: also the tasks that a `block_on` in it drives, where
/// they are in no call of their own. What the destructors of a cancelled future say goes to the call around it.
///
/// ```
/// # use meters_core as meters;
/// fn classify(order: &str) {
///     meters::dimension("TypeOfRequest", if order.is_empty() { "empty" } else { "full" });
/// }
/// classify("outside of any call"); // does nothing
/// ```
pub fn dimension(name: &'static str, value: impl DimensionValue) -> bool {
    let depth = TASK.with(|task| task.depth.get());
    if depth == 0 {
        return false;
    }
    let late = (name, text(&value));
    let keep = |said: &RefCell<Vec<(u32, Late)>>| {
        // Borrowed only by an allocator that comes back here.
        let kept = said.try_borrow_mut().is_ok_and(|mut said| note(&mut said, depth, late));
        if kept {
            TASK.with(|task| task.said.set(depth));
        }
        kept
    };
    SAID.try_with(keep).unwrap_or(false)
}

/// In place of what was said before of the same name: a call may say it in a loop, and for as long as it likes.
fn note(said: &mut Vec<(u32, Late)>, depth: u32, late: Late) -> bool {
    let first = said.partition_point(|(of, _)| *of < depth);
    match said[first..].iter().position(|(_, (name, _))| *name == late.0) {
        Some(place) => said[first + place].1 = late,
        None if said.len() - first < Dimensions::MAX => said.push((depth, late)),
        None => return false,
    }
    true
}

/// The value's text: without an allocation where the type knows all its values.
pub(super) fn text<V: DimensionValue + ?Sized>(value: &V) -> Cow<'static, str> {
    match V::VALUES.get(value.index()) {
        Some(known) => Cow::Borrowed(known),
        None => Cow::Owned(value.with_str(str::to_owned)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_again_takes_no_more_room() {
        let mut said = Vec::new();
        for number in 0..100 {
            note(&mut said, 1, ("Kind", Cow::Owned(number.to_string())));
            note(&mut said, 1, ("Size", Cow::Borrowed("small")));
        }
        note(&mut said, 2, ("Kind", Cow::Borrowed("inner")));
        let told: Vec<_> = said.iter().map(|(depth, (name, value))| (*depth, *name, &**value)).collect();
        assert_eq!(told, [(1, "Kind", "99"), (1, "Size", "small"), (2, "Kind", "inner")]);
        let names: Vec<&'static str> = (1..=31).map(|number| &*format!("N{number}").leak()).collect();
        let kept: Vec<bool> = names.iter().map(|name| note(&mut said, 3, (name, Cow::Borrowed("x")))).collect();
        assert_eq!((kept.iter().filter(|kept| **kept).count(), kept[30]), (30, false));
    }
}
