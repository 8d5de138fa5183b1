//! A process that records and pushes.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

use meters_core::Namespace;
use meters_core::storage::{Storage, Terms};

use super::journal::Journal;
use super::{content, now, times};

/// What a writer is told.
#[derive(Clone, Copy, Debug)]
pub struct Writer {
    /// Which one it is: no two are alike, also not one and the one that takes its place.
    pub number: u32,
    /// What its windows follow from.
    pub seed: u64,
    /// Ends by itself after this many windows.
    pub most: u32,
}

/// How long a writer that was asked to end goes on trying to push.
const ENDING: Duration = Duration::from_secs(60);

impl Writer {
    /// Takes a window each [`times::FLUSH`] and pushes it, until `stop`; then goes on pushing until nothing is left.
    pub async fn run(self, storage: &dyn Storage, journal: &mut Journal, stop: &AtomicBool) {
        let namespace = Namespace::new("Chaos").unwrap();
        let mut joined = match storage.join(Terms::new(namespace, times::PERIOD, false)).await {
            Ok(joined) => joined,
            Err(error) => return journal.say(&format!("refused {}", one_word(&error))),
        };
        let (mut next, mut ending) = (tokio::time::Instant::now(), None::<Instant>);
        for number in 0.. {
            let last = stop.load(SeqCst) || number >= self.most;
            if !last {
                journal.say(&format!("take {number} {}", now()));
                joined.writer.take(&content::window(self.seed, self.number, number, content::ended()));
            }
            let begun = now();
            let pushed = joined.writer.push(Instant::now() + times::PERIOD).await;
            let pending = joined.writer.pending();
            journal.say(&format!("push {number} {begun} {} {pending} {} {}", now(), pushed.lost, pushed.requests));
            if let Some(error) = &pushed.error {
                journal.say(&format!("trouble {}", one_word(error)));
            }
            let health = joined.writer.health();
            journal.say(&format!("health {} {} {}", health.duplicates, health.gaps, health.replayed));
            if last {
                let until = *ending.get_or_insert_with(|| Instant::now() + ENDING);
                if pending == 0 || Instant::now() > until {
                    return journal.say(&format!("end {pending}"));
                }
            }
            next = (next + times::FLUSH).max(tokio::time::Instant::now());
            tokio::time::sleep_until(next).await;
        }
    }
}

pub(crate) fn one_word(error: &impl std::fmt::Display) -> String {
    error.to_string().replace(char::is_whitespace, "_")
}
