//! A storage in memory, for one process: to see that the verdict is green where all is well, and red where it is not.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use meters_core::Error;
use meters_core::Window;
use meters_core::storage::{Claim, Drain, Fate, Health, Joined, Progress, Pushed, Storage, Task, Terms, Writer};

use super::{now, times};

/// What it does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing.
    None,
    /// One push in ten is acknowledged and forgotten.
    LosesPushes,
    /// One push in ten is applied twice.
    DoublesPushes,
    /// One claim in three is given out, and again under another name.
    DoublesClaims,
    /// A series of one push in ten is not there.
    LosesSeries,
    /// What was done of a claim is forgotten.
    ForgetsAcks,
}

/// The storage. Clones share what they hold.
#[derive(Clone, Debug)]
pub struct Fake {
    flaw: Flaw,
    held: Arc<Mutex<Held>>,
}

#[derive(Debug, Default)]
struct Held {
    open: BTreeMap<u64, Window>,
    pushes: u64,
    claims: u64,
    /// Left by their owner, or given out once too often.
    returned: Vec<(String, Window)>,
    done: BTreeMap<String, BTreeSet<u32>>,
    /// Claims that were given out, and of how many datums they are, once that is known.
    given: BTreeMap<String, Option<u32>>,
    /// Claims that their first owner has lost.
    lost: BTreeSet<String>,
}

impl Fake {
    /// One with this flaw.
    pub fn new(flaw: Flaw) -> Self {
        Self { flaw, held: Arc::default() }
    }

    /// Whether everything was claimed and is done.
    pub fn is_empty(&self) -> bool {
        let held = self.held.lock().unwrap();
        let done = |id: &String| held.done.get(id).map_or(0, BTreeSet::len) as u32;
        let all_done = held.given.iter().all(|(id, of)| *of == Some(done(id)));
        held.open.is_empty() && held.returned.is_empty() && all_done
    }
}

impl Storage for Fake {
    fn join(&self, _: Terms) -> Task<'_, Result<Joined, Error>> {
        let writer = Box::new(End { fake: self.clone(), taken: Vec::new() });
        let drain = Box::new(End { fake: self.clone(), taken: Vec::new() });
        Box::pin(async { Ok(Joined::new(writer, Some(drain))) })
    }
}

#[derive(Debug)]
struct End {
    fake: Fake,
    taken: Vec<Window>,
}

impl Writer for End {
    fn take(&mut self, window: &Window) {
        self.taken.push(window.clone());
    }

    fn push(&mut self, _: Instant) -> Task<'_, Pushed> {
        let mut held = self.fake.held.lock().unwrap();
        for window in self.taken.drain(..) {
            held.pushes += 1;
            let period = now() / times::PERIOD.as_micros() as u64;
            let (flaw, flawed) = (self.fake.flaw, held.pushes.is_multiple_of(10));
            let mut items: Vec<_> = window.iter().map(|(series, value)| (series.clone(), value.clone())).collect();
            match flaw {
                Flaw::LosesPushes if flawed => continue,
                Flaw::LosesSeries if flawed => _ = items.pop(),
                _ => {}
            }
            let window = Window::from_parts(window.start(), window.end(), window.elapsed(), items);
            for _ in 0..if flaw == Flaw::DoublesPushes && flawed { 2 } else { 1 } {
                match held.open.get_mut(&period) {
                    Some(open) => open.merge(&window),
                    None => _ = held.open.insert(period, window.clone()),
                }
            }
        }
        let mut pushed = Pushed::default();
        pushed.requests = 1;
        Box::pin(async { pushed })
    }

    fn pending(&self) -> u64 {
        self.taken.iter().map(|window| window.iter().len() as u64).sum()
    }
}

impl Drain for End {
    fn claim(&mut self, _: Instant) -> Task<'_, Result<Option<Claim>, Error>> {
        let mut held = self.fake.held.lock().unwrap();
        if let Some((id, window)) = held.returned.pop() {
            return Box::pin(async { Ok(Some(Claim::new(id, window))) });
        }
        let current = now() / times::PERIOD.as_micros() as u64;
        let due = held.open.first_key_value().map(|(period, _)| *period).filter(|period| *period < current);
        let claimed = due.and_then(|period| held.open.remove(&period)).map(|window| {
            held.claims += 1;
            let id = format!("b{}", held.claims);
            held.given.insert(id.clone(), None);
            if self.fake.flaw == Flaw::DoublesClaims && held.claims.is_multiple_of(3) {
                held.returned.push((format!("{id}-again"), window.clone()));
            }
            Claim::new(id, window)
        });
        Box::pin(async { Ok(claimed) })
    }

    fn next(&self) -> Instant {
        Instant::now() + Duration::from_millis(20)
    }

    fn plan<'a>(&'a mut self, claim: &'a Claim, of: u32, _: u64) -> Task<'a, Result<Progress, Error>> {
        let mut held = self.fake.held.lock().unwrap();
        held.given.insert(claim.id.clone(), Some(of));
        let mut progress = Progress::default();
        progress.done = held.done.get(&claim.id).into_iter().flatten().map(|&datum| datum..datum + 1).collect();
        Box::pin(async { Ok(progress) })
    }

    fn begin<'a>(&'a mut self, claim: &'a Claim, _: Range<u32>, _: Duration) -> Task<'a, Result<bool, Error>> {
        // Each claim's first owner loses it once, half way, so that progress is asked for.
        let mut held = self.fake.held.lock().unwrap();
        let halfway = held.done.entry(claim.id.clone()).or_default().len();
        let lost = halfway > 8 && held.lost.insert(claim.id.clone());
        Box::pin(async move { Ok(!lost) })
    }

    fn end<'a>(&'a mut self, claim: &'a Claim, datums: Range<u32>, fate: Fate) -> Task<'a, Result<(), Error>> {
        if fate == Fate::Done {
            self.fake.held.lock().unwrap().done.entry(claim.id.clone()).or_default().extend(datums);
        }
        Box::pin(async { Ok(()) })
    }

    fn leave(&mut self, claim: Claim) -> Task<'_, ()> {
        let mut held = self.fake.held.lock().unwrap();
        if self.fake.flaw == Flaw::ForgetsAcks {
            held.done.remove(&claim.id);
        }
        held.returned.push((claim.id, claim.window));
        Box::pin(async {})
    }

    fn health(&self) -> Health {
        Health::default()
    }
}
