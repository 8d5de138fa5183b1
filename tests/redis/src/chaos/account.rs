//! What processes told of themselves, read back.

use std::collections::BTreeMap;
use std::path::Path;

use super::journal;

/// What was acknowledged between these times, in microseconds since 1970, may have been forgotten at the second of them.
#[derive(Clone, Copy, Debug)]
pub struct Rollback {
    /// What came before is safe.
    pub from: u64,
    /// When the server died.
    pub to: u64,
}

/// Everything up to a window was acknowledged by a push that began and ended at these times.
#[derive(Clone, Copy, Debug)]
struct Ack {
    number: u32,
    begun: u64,
    ended: u64,
}

/// What one writer did.
#[derive(Clone, Debug, Default)]
pub struct WriterLog {
    pub(crate) number: u32,
    /// How many windows it took.
    pub(crate) taken: u32,
    acks: Vec<Ack>,
    /// It ended by itself, with this much unpushed.
    pub(crate) ended: Option<u64>,
    /// What the storage itself says is lost.
    pub(crate) lost: u64,
    /// Duplicates, gaps, replayed.
    pub(crate) health: [u64; 3],
}

impl WriterLog {
    /// From its journal.
    pub fn read(number: u32, path: &Path, told: &mut Told) -> Self {
        let mut log = Self { number, ..Self::default() };
        for line in journal::read(path) {
            let value = |place: usize| line.get(place).and_then(|word| word.parse::<u64>().ok()).unwrap_or(0);
            match line[0].as_str() {
                "take" => log.taken = value(1) as u32 + 1,
                "push" => {
                    log.lost += value(5);
                    // One that asked nothing of the server was told nothing.
                    if value(4) == 0 && value(6) > 0 {
                        log.acks.push(Ack { number: log.taken - 1, begun: value(2), ended: value(3) });
                    }
                }
                "health" => log.health = [value(1), value(2), value(3)],
                "end" => log.ended = Some(value(1)),
                _ => told.hear(&line),
            }
        }
        log
    }

    /// Whether this window was ever acknowledged.
    pub(crate) fn acked(&self, number: u32) -> bool {
        self.acks.iter().any(|ack| ack.number >= number)
    }

    /// Whether the server may have forgotten this acknowledged window after it was pushed for the last time: then nobody
    /// who lives has it.
    pub(crate) fn may_be_gone(&self, number: u32, rollbacks: &[Rollback]) -> bool {
        let Some(mut last) = self.acks.iter().find(|ack| ack.number >= number) else {
            return false;
        };
        for rollback in rollbacks {
            if last.ended < rollback.from || last.begun > rollback.to {
                continue;
            }
            // It hears of the gap, and pushes again, with the first push that works.
            match self.acks.iter().find(|ack| ack.begun > rollback.to) {
                Some(again) => last = again,
                None => return true,
            }
        }
        false
    }
}

/// Other things that processes told, counted; and what must never be told.
#[derive(Clone, Debug, Default)]
pub struct Told {
    pub(crate) counts: BTreeMap<String, u64>,
    pub(crate) troubles: BTreeMap<String, u64>,
    pub(crate) broken: Vec<String>,
    /// When the storage said that it had noted a request: by reporter, claim and first datum.
    pub(crate) noted: BTreeMap<(u32, String, u32), u64>,
}

impl Told {
    /// From the journal of a reporter.
    pub fn read(&mut self, path: &Path) {
        let mut taken_over = 0;
        for line in journal::read(path) {
            match line[0].as_str() {
                "health" => taken_over = line[1].parse().unwrap_or(0),
                "claim" if line.get(3).is_some_and(|damaged| damaged != "0") => self.broken.push(line.join(" ")),
                "noted" => {
                    let number = |place: usize| line[place].parse::<u64>().unwrap_or(0);
                    self.noted.insert((number(1) as u32, line[2].clone(), number(3) as u32), number(4));
                }
                _ => self.hear(&line),
            }
        }
        *self.counts.entry("taken over".to_owned()).or_default() += taken_over;
    }

    fn hear(&mut self, line: &[String]) {
        match line[0].as_str() {
            "refused" | "changed" => self.broken.push(line.join(" ")),
            "trouble" => {
                // Numbers differ from one to the next.
                let trouble = line[1].replace('_', " ").replace(|c: char| c.is_ascii_digit(), "");
                *self.troubles.entry(trouble).or_default() += 1;
            }
            what => *self.counts.entry(what.to_owned()).or_default() += 1,
        }
    }

    pub(crate) fn count(&self, what: &str) -> u64 {
        self.counts.get(what).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_pushed_again_after_a_rollback_is_not_gone() {
        let ack = |number, begun| Ack { number, begun, ended: begun + 10 };
        let mut log = WriterLog { acks: vec![ack(3, 100), ack(5, 200)], ..WriterLog::default() };
        assert!(log.acked(5) && !log.acked(6));
        let rollback = |from, to| [Rollback { from, to }];
        assert!(!log.may_be_gone(6, &rollback(0, 1000)), "it was never acknowledged");
        assert!(log.may_be_gone(5, &rollback(150, 1000)));
        assert!(!log.may_be_gone(3, &rollback(150, 1000)), "it was safe by then");
        assert!(!log.may_be_gone(3, &rollback(90, 150)), "it was pushed again at 200");
        assert!(log.may_be_gone(3, &[rollback(90, 150), rollback(190, 300)].concat()), "and forgotten again");
        log.acks.push(ack(5, 400));
        assert!(!log.may_be_gone(3, &[rollback(90, 150), rollback(190, 300)].concat()));
    }
}
