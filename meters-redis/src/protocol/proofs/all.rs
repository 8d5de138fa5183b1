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
    broken: None,
};

/// Goes through all, and shows the way to what is wrong.
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
fn one_window_and_one_fault() {
    holds(DURABLE);
}

#[test]
fn probe() {
    let env = |name: &str, or: u64| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(or);
    let rules = Rules { faults: env("F", 0) as u8, ticks: env("T", 3), reporters: env("R", 2) as usize, ..DURABLE };
    for depth in [10, 15, 20, 25, 30, 40, 50] {
        let started = std::time::Instant::now();
        let checker = Space(rules.clone())
            .checker()
            .threads(2)
            .target_max_depth(depth)
            .target_state_count(100_000)
            .spawn_bfs()
            .join();
        println!(
            "{depth}: {} {} {}ms {}",
            checker.unique_state_count(),
            checker.state_count(),
            started.elapsed().as_millis(),
            checker.max_depth()
        );
        if started.elapsed().as_secs() > 10 {
            break;
        }
    }
}
