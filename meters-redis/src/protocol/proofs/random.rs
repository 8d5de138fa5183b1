//! Long random runs of more processes, after which all heals and everything must have been reported.

use std::fmt::Write;

use super::world::{Action, Broken, Faulty, Net, Rules, Sent, World};

pub(super) const MANY: Rules = Rules {
    writers: 2,
    windows: 3,
    reporters: 2,
    ticks: 12,
    faults: 5,
    faulty: Faulty::ALL,
    volatile: false,
    read_back: false,
    looks: true,
    retires: 0,
    broken: None,
};

/// The server keeps nothing, and is all that dies. Who leads goes on leading: another would not know what was reported.
pub(super) const VOLATILE: Rules = Rules {
    volatile: true,
    reporters: 1,
    faulty: Faulty { network: false, server: true, writers: false, reporters: false, cloud: false },
    ..MANY
};

pub(super) const READ_BACK: Rules = Rules { read_back: true, ..MANY };

/// As before, for a server that keeps nothing.
pub(super) const VOLATILE_READ_BACK: Rules = Rules { read_back: true, ..VOLATILE };

/// One run. What went wrong, and how.
pub(super) fn run(rules: &Rules, seed: u64) -> Result<(), String> {
    let mut dice = fastrand::Rng::with_seed(seed);
    let (mut world, mut trace) = (World::new(rules), String::new());
    let mut apply = |world: &mut World, action: Action| {
        let mut next = world.clone();
        if !next.apply(rules, action) {
            return Ok(false);
        }
        *world = next;
        let _ = writeln!(trace, "{:6} {action:?}", world.now);
        match world.wrong(rules) {
            Some(wrong) => Err(format!("seed {seed}: {wrong} after\n{trace}")),
            None => Ok(true),
        }
    };
    for _ in 0..150 {
        let actions = world.actions(rules);
        let Some(&action) = dice.choice(&actions) else { break };
        // Faults are many, and time is fast: most of what is drawn is drawn again.
        let rare = !matches!(
            action,
            Action::Record(_)
                | Action::Push(_, Net::Answered)
                | Action::Step(_, Net::Answered)
                | Action::Send(_, Sent::Answered)
        );
        if !rare || dice.u8(..) < 70 {
            apply(&mut world, action)?;
        }
    }
    // All heals.
    for _ in 0..20 {
        let (mut moved, mut moves) = (true, 0);
        while moved {
            moves += 1;
            if moves > 300 {
                return Err(format!("seed {seed}: no end after\n{}", world.now));
            }
            moved = apply(&mut world, Action::Arrive)? | apply(&mut world, Action::Land)?;
            for place in (0..rules.writers).filter(|place| world.writers[*place].alive).collect::<Vec<_>>() {
                moved |= apply(&mut world, Action::Push(place, Net::Answered))?;
            }
            for place in 0..rules.reporters {
                let send = world.reporters[place].may_send();
                let action = if world.reporters[place].retires() {
                    Action::Retire(place, Net::Answered)
                } else if send {
                    Action::Send(place, Sent::Answered)
                } else {
                    Action::Step(place, Net::Answered)
                };
                moved |= apply(&mut world, action)?;
            }
        }
        apply(&mut world, Action::Tick)?;
    }
    let left = world.unreported(rules);
    if left.is_empty() { Ok(()) } else { Err(format!("seed {seed}: {left:?} never reported after\n{trace}")) }
}

fn holds(rules: &Rules) {
    let runs = std::env::var("METERS_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(300);
    for seed in 0..runs {
        run(rules, seed).unwrap_or_else(|wrong| panic!("{wrong}"));
    }
}

/// Whether some run goes wrong in this way without a rule, and not with it.
fn breaks(rules: &Rules, broken: Broken, how: &str) -> bool {
    let without = Rules { broken: Some(broken), ..rules.clone() };
    let wrong =
        |seed| run(&without, seed).is_err_and(|wrong| wrong.lines().next().is_some_and(|line| line.contains(how)));
    (0..3000).find(|seed| wrong(*seed)).is_some_and(|seed| run(rules, seed).is_ok())
}

#[test]
fn everything_is_reported_once_or_counted() {
    holds(&MANY);
}

#[test]
fn everything_is_reported_once_or_counted_where_reporters_come_and_go() {
    holds(&Rules { retires: 3, ..MANY });
    holds(&Rules { retires: 3, ..READ_BACK });
}

#[test]
fn everything_is_reported_once_where_doubts_are_looked_up() {
    holds(&READ_BACK);
}

#[test]
fn a_server_that_keeps_nothing_may_die_alone() {
    holds(&VOLATILE);
    holds(&VOLATILE_READ_BACK);
}

#[test]
fn without_a_sequence_retries_count_twice() {
    assert!(breaks(&MANY, Broken::Sequence, "times, and nobody knows"));
}

#[test]
fn without_a_barrier_what_was_sent_comes_back() {
    assert!(breaks(&MANY, Broken::Barrier, "times, and nobody knows"));
}

#[test]
fn without_retention_what_a_server_forgets_is_lost() {
    assert!(breaks(&MANY, Broken::Retention, "lost"));
}

#[test]
fn without_a_watermark_what_a_server_loses_is_lost() {
    assert!(breaks(&VOLATILE, Broken::Watermark, "lost"));
}

#[test]
fn without_grace_a_frozen_owner_sends_once_more() {
    assert!(breaks(&READ_BACK, Broken::Grace, "times, and nobody knows"));
}

#[test]
fn without_the_fence_a_late_request_is_sent_once_more() {
    let faulty = Faulty { network: false, server: false, writers: false, reporters: false, cloud: true };
    assert!(breaks(&Rules { faulty, ..READ_BACK }, Broken::Fence, "times, and nobody knows"));
}

#[test]
fn without_memory_what_is_pushed_again_is_reported_again() {
    assert!(breaks(&VOLATILE, Broken::Memory, "times, and nobody knows"));
}
