//! Every order in which few things can happen.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use stateright::{Checker, Model, Property};

use super::world::{Action, Faulty, Rules, World};

/// A world as the checker sees it.
#[derive(Clone)]
pub(super) struct Space(pub(super) Rules);

impl Model for Space {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(&self.0)]
    }

    fn actions(&self, state: &World, actions: &mut Vec<Action>) {
        actions.extend(state.actions(&self.0));
    }

    fn next_state(&self, last: &World, action: Action) -> Option<World> {
        if FULL.load(Relaxed) {
            return None;
        }
        let mut next = last.clone();
        next.apply(&self.0, action).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("reported once, or counted; nothing lost", |space: &Space, world: &World| {
            world.wrong(&space.0).is_none()
        })]
    }
}

pub(super) const DURABLE: Rules = Rules {
    writers: 1,
    windows: 1,
    reporters: 2,
    ticks: 3,
    faults: 1,
    faulty: Faulty::ALL,
    volatile: false,
    read_back: false,
    looks: false,
    retires: 0,
    broken: None,
};

/// Goes through all, and shows the way to what is wrong.
#[allow(clippy::print_stdout)]
fn holds(rules: Rules) {
    let started = std::time::Instant::now();
    let checker = Space(rules.clone()).checker().threads(2).spawn_bfs().join();
    println!("{rules:?}: {} states, {} seconds", checker.unique_state_count(), started.elapsed().as_secs());
    if let Some(path) = checker.discoveries().into_values().next() {
        let wrong = path.last_state().wrong(&rules);
        panic!("{wrong:?} after {:#?}", path.into_actions());
    }
}

/// Goes through as many as time and memory allow, those of few steps first.
#[allow(clippy::print_stdout)]
fn holds_as_far_as(rules: &Rules, minutes: u64) {
    let started = std::time::Instant::now();
    let checker = Space(rules.clone()).checker().threads(2).timeout(Duration::from_secs(60 * minutes));
    FULL.store(false, Relaxed);
    let done = AtomicBool::new(false);
    let checker = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Relaxed) {
                FULL.fetch_or(memory() > MOST, Relaxed);
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        let checker = checker.spawn_bfs().join();
        done.store(true, Relaxed);
        checker
    });
    let (states, depth, seconds) = (checker.unique_state_count(), checker.max_depth(), started.elapsed().as_secs());
    let (full, memory) = (FULL.swap(false, Relaxed), memory() >> 20);
    println!("{rules:?}: {states} states, {depth} steps deep, {seconds} seconds, {memory} MB, full: {full}");
    if let Some(path) = checker.discoveries().into_values().next() {
        let wrong = path.last_state().wrong(rules);
        panic!("{wrong:?} after {:#?}", path.into_actions());
    }
    assert!(states > 10_000, "that is not far");
}

/// Bytes of memory: with this much, nothing new is looked at.
const MOST: u64 = 7 << 30;

/// Whether it is used up.
static FULL: AtomicBool = AtomicBool::new(false);

/// What this process takes, where the system tells.
fn memory() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    pages.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4096
}

const MANY: Rules = Rules { writers: 2, windows: 2, ..DURABLE };

#[test]
#[ignore = "ten minutes and up to 8 GB"]
fn two_writers_two_windows_and_two_reporters_as_far_as_it_goes() {
    let minutes = std::env::var("METERS_MINUTES").ok().and_then(|minutes| minutes.parse().ok()).unwrap_or(5);
    holds_as_far_as(&MANY, minutes);
    holds_as_far_as(&Rules { read_back: true, ..MANY }, minutes);
}

#[test]
fn one_reporter_that_looks_up_and_one_fault() {
    holds(Rules { reporters: 1, read_back: true, ..DURABLE });
}

#[test]
fn two_reporters_and_all_goes_well() {
    holds(Rules { faults: 0, ..DURABLE });
}

#[test]
fn two_writers_with_two_windows_each_and_one_reporter() {
    holds(Rules { writers: 2, windows: 2, reporters: 1, ticks: 1, faults: 0, ..DURABLE });
}

#[test]
fn one_reporter_and_one_fault() {
    holds(Rules { reporters: 1, ..DURABLE });
}

#[test]
fn two_reporters_of_which_one_may_end_in_peace() {
    holds(Rules { faults: 0, ticks: 2, retires: 1, ..DURABLE });
}

#[test]
#[ignore = "a minute and a half; a quarter of that with --release"]
fn two_reporters_and_one_fault() {
    holds(DURABLE);
}
