//! Every order in which few things can happen.

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
    let checker = checker.target_state_count(MOST).spawn_bfs().join();
    let (states, depth, seconds) = (checker.unique_state_count(), checker.max_depth(), started.elapsed().as_secs());
    let all = if checker.is_done() { "all" } else { "not all" };
    println!("{rules:?}: {states} states, {all}, {depth} steps deep, {seconds} seconds, {}", memory());
    if let Some(path) = checker.discoveries().into_values().next() {
        let wrong = path.last_state().wrong(rules);
        panic!("{wrong:?} after {:#?}", path.into_actions());
    }
    assert!(states > 10_000, "that is not far");
}

/// States that were made, the same ones counted again: with more, they might not fit into 8 GB.
const MOST: usize = 40_000_000;

/// The most that this process ever took, where the system tells.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default().replace('\t', " ")
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
    holds(Rules { faults: 0, retires: 1, ..DURABLE });
}

#[test]
#[ignore = "a minute and a half; a quarter of that with --release"]
fn two_reporters_and_one_fault() {
    holds(DURABLE);
}
