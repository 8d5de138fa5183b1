//! Levels of one gauge in several processes, and what they come to.

use meters_core::Across;

use super::damaged::Flaw;

/// Which process pushed, and until when its window lasted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pushed {
    /// Processes are numbered as they come.
    pub(super) writer: u64,
    /// Milliseconds of the Unix epoch, by its own clock.
    pub(super) end: u64,
}

/// How a mode is written down.
pub(super) fn number(across: Option<Across>) -> u8 {
    match across {
        Some(Across::Last) => 1,
        Some(Across::Sum) => 2,
        Some(Across::Min) => 3,
        Some(Across::Max) => 4,
        _ => 0,
    }
}

pub(super) fn mode(number: u8) -> Result<Option<Across>, Flaw> {
    Ok(match number {
        0 => None,
        1 => Some(Across::Last),
        2 => Some(Across::Sum),
        3 => Some(Across::Min),
        4 => Some(Across::Max),
        _ => return Err("a mode that no gauge has"),
    })
}

/// What the levels come to, by whichever mode: which it is may be said by one process and not by another. The first that says
/// it is heard.
#[derive(Debug)]
pub(super) struct Levels {
    mode: Option<Across>,
    /// The process that is being read, and its newest level.
    now: Option<(Pushed, f64)>,
    last: (u64, f64),
    sum: Sum,
    min: f64,
    max: f64,
}

impl Default for Levels {
    fn default() -> Self {
        let (min, max) = (f64::INFINITY, f64::NEG_INFINITY);
        Self { mode: None, now: None, last: (0, 0.0), sum: Sum::default(), min, max }
    }
}

impl Levels {
    pub(super) fn add(&mut self, mode: Option<Across>, level: f64, pushed: Pushed) {
        self.mode = self.mode.or(mode);
        match &mut self.now {
            // Batches of a process come in the order in which it made them.
            Some((now, newest)) if now.writer == pushed.writer => (*now, *newest) = (pushed, level),
            now => {
                let before = now.replace((pushed, level));
                self.settle(before);
            }
        }
    }

    fn settle(&mut self, of: Option<(Pushed, f64)>) {
        if let Some((Pushed { end, .. }, level)) = of {
            if end >= self.last.0 {
                self.last = (end, level);
            }
            self.sum.add(level);
            self.min = self.min.min(level);
            self.max = self.max.max(level);
        }
    }

    pub(super) fn finish(mut self) -> f64 {
        let now = self.now.take();
        self.settle(now);
        match self.mode.unwrap_or_default() {
            Across::Sum => self.sum.value(),
            Across::Min => self.min,
            Across::Max => self.max,
            _ => self.last.1,
        }
    }
}

/// A sum and what it lacks, after [Knuth, TAOCP vol. 2, 4.2.2](https://www-cs-faculty.stanford.edu/~knuth/taocp.html).
#[derive(Debug, Default)]
pub(super) struct Sum {
    high: f64,
    low: f64,
}

impl Sum {
    pub(super) fn add(&mut self, value: f64) {
        let total = self.high + value;
        let back = total - self.high;
        self.low += (self.high - (total - back)) + (value - back);
        self.high = total;
    }

    pub(super) fn value(&self) -> f64 {
        self.high + self.low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (writer, end, level)
    fn come(mode: Option<Across>, pushed: &[(u64, u64, f64)]) -> f64 {
        let mut levels = Levels::default();
        for (place, &(writer, end, level)) in pushed.iter().enumerate() {
            // Said by one of them, whoever it is.
            levels.add(mode.filter(|_| place == pushed.len() / 2), level, Pushed { writer, end });
        }
        levels.finish()
    }

    #[test]
    fn the_newest_level_of_each_process_counts() {
        let pushed = [(1, 60, 5.0), (1, 70, 1.0), (2, 90, 8.0), (3, 80, -2.0), (3, 85, 4.0)];
        assert_eq!(come(None, &pushed), 8.0);
        assert_eq!(come(Some(Across::Last), &pushed), 8.0);
        assert_eq!(come(Some(Across::Sum), &pushed), 13.0);
        assert_eq!(come(Some(Across::Min), &pushed), 1.0);
        assert_eq!(come(Some(Across::Max), &pushed), 8.0);
    }

    #[test]
    fn of_the_same_end_the_later_process_is_the_last_and_a_clock_set_back_is_no_older_level() {
        assert_eq!(come(None, &[(1, 60, 5.0), (2, 60, 6.0)]), 6.0);
        assert_eq!(come(None, &[(1, 60, 5.0), (1, 50, 6.0)]), 6.0);
    }

    #[test]
    fn what_small_levels_add_is_not_lost_in_large_ones() {
        let pushed = [(1, 1, 1e17), (2, 1, 1.0), (3, 1, 1.0), (4, 1, -1e17)];
        assert_eq!(come(Some(Across::Sum), &pushed), 2.0);
    }

    #[test]
    fn modes_are_read_as_they_are_written() {
        for across in [None, Some(Across::Last), Some(Across::Sum), Some(Across::Min), Some(Across::Max)] {
            assert_eq!(mode(number(across)), Ok(across));
        }
        assert!(mode(5).is_err());
    }
}
