//! The naive way, as a control: what is recorded is appended to a list, again after an error, and whoever reports reads the
//! list and deletes it. The campaign must see what that loses and doubles.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::{Duration, Instant};

use meters_core::storage::{Claim, Drain, Fate, Health, Joined, Progress, Pushed, Storage, Task, Terms, Writer};
use meters_core::{Error, Value, Window};
use redis::{Connection, RedisResult};

use super::{content, times};

const LIST: &str = "naive";

/// Knows how to reach the server, and the seed of the campaign, from which the content of windows follows.
#[derive(Clone, Debug)]
pub(crate) struct Naive {
    pub(crate) url: String,
    pub(crate) seed: u64,
}

impl Storage for Naive {
    fn join(&self, _: Terms) -> Task<'_, Result<Joined, Error>> {
        let end = || Box::new(End { naive: self.clone(), waiting: Vec::new(), claims: 0, next: Instant::now() });
        let (writer, drain) = (end(), end());
        Box::pin(async { Ok(Joined::new(writer, Some(drain))) })
    }
}

#[derive(Debug)]
struct End {
    naive: Naive,
    /// Writer and number of windows.
    waiting: Vec<String>,
    claims: u64,
    next: Instant,
}

impl End {
    fn connect(&self) -> RedisResult<Connection> {
        let connection = redis::Client::open(self.naive.url.as_str())?.get_connection_with_timeout(times::RESPONSE)?;
        connection.set_read_timeout(Some(times::RESPONSE))?;
        connection.set_write_timeout(Some(times::RESPONSE))?;
        Ok(connection)
    }

    fn try_push(&self) -> RedisResult<()> {
        let mut connection = self.connect()?;
        redis::cmd("RPUSH").arg(LIST).arg(&self.waiting).query(&mut connection)
    }

    fn try_claim(&self) -> RedisResult<Vec<String>> {
        let mut connection = self.connect()?;
        let all = redis::cmd("LRANGE").arg(LIST).arg(0).arg(-1).query(&mut connection)?;
        () = redis::cmd("DEL").arg(LIST).query(&mut connection)?;
        Ok(all)
    }
}

impl Writer for End {
    fn take(&mut self, window: &Window) {
        for (series, value) in window.iter() {
            if let (Some(writer), Value::Values(numbers)) = (series.dimension("Writer"), value) {
                self.waiting.extend(numbers.exact().iter().map(|(number, _)| format!("{writer}:{number}")));
            }
        }
    }

    fn push(&mut self, _: Instant) -> Task<'_, Pushed> {
        if !self.waiting.is_empty() && self.try_push().is_ok() {
            self.waiting.clear();
        }
        let mut pushed = Pushed::default();
        pushed.requests = 1;
        Box::pin(async { pushed })
    }

    fn pending(&self) -> u64 {
        self.waiting.len() as u64
    }
}

impl Drain for End {
    fn claim(&mut self, _: Instant) -> Task<'_, Result<Option<Claim>, Error>> {
        if Instant::now() < self.next {
            return Box::pin(async { Ok(None) });
        }
        self.next = Instant::now() + times::PERIOD;
        let windows = self.try_claim().unwrap_or_default();
        let mut merged: BTreeMap<(u32, u32), u64> = BTreeMap::new();
        for window in &windows {
            let (writer, number) = window.split_once(':').unwrap();
            *merged.entry((writer.parse().unwrap(), number.parse().unwrap())).or_default() += 1;
        }
        let mut all: Option<Window> = None;
        for ((writer, number), times) in merged {
            for _ in 0..times {
                let window = content::window(self.naive.seed, writer, number, content::ended());
                match &mut all {
                    Some(all) => all.merge(&window),
                    None => all = Some(window),
                }
            }
        }
        self.claims += 1;
        let id = format!("{}-{}", std::process::id(), self.claims);
        Box::pin(async { Ok(all.map(|window| Claim::new(id, window))) })
    }

    fn next(&self) -> Instant {
        self.next
    }

    fn plan<'a>(&'a mut self, _: &'a Claim, _: u32, _: u64) -> Task<'a, Result<Progress, Error>> {
        Box::pin(async { Ok(Progress::default()) })
    }

    fn begin<'a>(&'a mut self, _: &'a Claim, _: Range<u32>, _: Duration) -> Task<'a, Result<bool, Error>> {
        Box::pin(async { Ok(true) })
    }

    fn end<'a>(&'a mut self, _: &'a Claim, _: Range<u32>, _: Fate) -> Task<'a, Result<(), Error>> {
        Box::pin(async { Ok(()) })
    }

    fn leave(&mut self, _: Claim) -> Task<'_, ()> {
        Box::pin(async {})
    }

    fn health(&self) -> Health {
        Health::default()
    }
}
