//! What the command line says.

use std::time::Duration;

const USAGE: &str =
    "usage: meters-campaign [--schedules N | --seconds S] [--seed SEED] [--jobs JOBS] | --replay SCHEDULE";

/// How many schedules, from which seed, how many at once.
pub(crate) struct Options {
    schedules: u64,
    seconds: Option<Duration>,
    pub(crate) seed: u64,
    pub(crate) jobs: usize,
    replay: Option<u64>,
}

impl Options {
    pub(crate) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self { schedules: 1_000, seconds: None, seed: 1, jobs: 8, replay: None };
        while let Some(name) = arguments.next() {
            let number = arguments.next().and_then(|text| text.parse::<u64>().ok()).ok_or(USAGE)?;
            match name.as_str() {
                "--schedules" => options.schedules = number,
                "--seconds" => options.seconds = Some(Duration::from_secs(number)),
                "--seed" => options.seed = number,
                "--jobs" => options.jobs = number.clamp(1, 64) as usize,
                "--replay" => (options.replay, options.jobs) = (Some(number), 1),
                _ => return Err(USAGE.to_owned()),
            }
        }
        Ok(options)
    }

    /// The seed of the schedule with this number, if there is to be one.
    pub(crate) fn seed_of(&self, number: u64, elapsed: Duration) -> Option<u64> {
        if let Some(replay) = self.replay {
            return (number == 0).then_some(replay);
        }
        let more = self.seconds.map_or(number < self.schedules, |seconds| elapsed < seconds);
        // Short enough to be typed again, and all different within a run.
        more.then(|| self.seed.wrapping_mul(1_000_000).wrapping_add(number))
    }

    /// A schedule that is run again tells its steps.
    pub(crate) fn verbose(&self) -> bool {
        self.replay.is_some()
    }
}
