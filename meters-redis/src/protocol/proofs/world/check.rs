//! What must always be so.

use super::super::super::keys::Keys;
use super::{Rules, World};

impl World {
    /// What is wrong, if something is.
    pub(in super::super) fn wrong(&self, rules: &Rules) -> Option<String> {
        for (event, told) in self.told.iter().enumerate() {
            // Where doubts are looked up and nothing is forgotten for good, not even counted.
            if told.times > 1 && (!told.counted || rules.read_back && !rules.volatile) {
                return Some(format!("event {event} was reported {} times, and nobody knows", told.times));
            }
            if told.times == 0 && self.is_lost(rules, event as u8) {
                return Some(format!("event {event} is lost"));
            }
        }
        None
    }

    fn is_lost(&self, rules: &Rules, event: u8) -> bool {
        let place = usize::from(event / rules.windows);
        let writer = &self.writers[place];
        if event % rules.windows >= writer.recorded {
            return false;
        }
        if !writer.alive && (self.forgot || !writer.stored.contains(&event)) {
            return false;
        }
        if self.reporters.iter().any(|reporter| reporter.has(event)) {
            return false;
        }
        let keys = Keys::new("s", None);
        let last = self.server.data.number(&keys.writer(&format!("w{place}")));
        let kept = if writer.alive { writer.machine.kept() } else { Default::default() };
        let waits = |(seq, body): &(u64, Vec<u8>)| body.contains(&event) && (*seq == 0 || *seq > last);
        !kept.iter().any(waits) && !self.server.data.finds(&keys, event)
    }

    /// Events of a writer that are known to be stored.
    pub(super) fn stored(&self, place: usize) -> Vec<u8> {
        let machine = &self.writers[place].machine;
        let confirmed = machine.confirmed();
        let kept = machine.kept();
        let windows = self.told.len() / self.writers.len();
        let own = (place * windows) as u8..(place * windows) as u8 + self.writers[place].recorded;
        own.filter(|event| !kept.iter().any(|(seq, body)| body.contains(event) && (*seq == 0 || *seq > confirmed)))
            .collect()
    }

    /// Whether all that is recorded by the living is reported.
    pub(in super::super) fn unreported(&self, rules: &Rules) -> Vec<usize> {
        let due = |event: &usize| {
            let writer = &self.writers[event / usize::from(rules.windows)];
            writer.alive && (event % usize::from(rules.windows)) < usize::from(writer.recorded)
        };
        (0..self.told.len()).filter(due).filter(|event| self.told[*event].times == 0).collect()
    }
}
