//! Series of which nothing was recorded for many windows: they leave snapshots and give back their place in the limit of
//! their metric, and come back as soon as something is recorded.

use super::Registry;
use super::entry::Entry;
use crate::model::{Series, Value};

/// Windows after which an idle series expires: a day of minutes.
pub(super) const WINDOWS: u32 = 1440;

/// When each series moved last, in sealed windows.
#[derive(Default)]
pub(super) struct Idle {
    /// The number of the window that was sealed last. It wraps: only differences count.
    window: u32,
    /// By place.
    moved: Vec<u32>,
}

impl Idle {
    /// Seals a window of all series, and sees which of them expire or come back. Called by one reader at a time, which alone
    /// changes what is expired.
    ///
    /// What is recorded while a series expires lies in its instrument as ever: the next window tells it, and takes the series
    /// back.
    pub(super) fn seal(&mut self, registry: &Registry) -> Vec<(Series, Value)> {
        let (entries, marks) = registry.series();
        let after = registry.expires_after();
        // What came since the last window has had none yet.
        self.moved.resize(entries.len(), self.window);
        self.window = self.window.wrapping_add(1);
        let (mut idle, mut back) = (Vec::new(), Vec::new());
        let mut items = Vec::with_capacity(entries.len() - marks.iter().filter(|mark| mark.expired).count());
        for (place, (entry, moved)) in entries.iter().zip(&mut self.moved).enumerate() {
            let mark = marks[place];
            if mark.shut {
                // What it recorded before it was shut, and what was under way then.
                items.extend(entry.seal().filter(|_| !mark.internal).map(|value| (entry.series(), value)));
                // It does not grow old meanwhile.
                *moved = self.window;
                continue;
            }
            if let Some(value) = entry.seal() {
                *moved = self.window;
                if !mark.internal {
                    items.push((entry.series(), value));
                }
                if mark.expired {
                    back.push(place);
                }
                continue;
            }
            let windows = self.window.wrapping_sub(*moved);
            // A thread that asks for a series, or samples its calls, may heat one that is expired: it cools again.
            let due = || !mark.expired || windows.is_multiple_of(after) && entry.is_hot();
            if after > 0 && windows >= after && due() {
                idle.push(place);
            }
        }
        turn(registry, &entries, idle, &back);
        items
    }
}

fn turn(registry: &Registry, entries: &[&'static Entry], mut idle: Vec<usize>, back: &[usize]) {
    if idle.is_empty() && back.is_empty() {
        return;
    }
    let mut index = registry.index();
    back.iter().for_each(|place| index.readmit(*place));
    idle.retain(|place| index.expire(*place));
    drop(index);
    idle.into_iter().for_each(|place| entries[place].cool());
}
