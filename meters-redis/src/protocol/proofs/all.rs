//! Every order in which few things can happen.

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
