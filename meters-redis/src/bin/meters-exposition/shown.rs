//! One namespace, as it is shown.

use std::time::Duration;

use meters_core::Snapshot;
use meters_redis::{RedisStorage, SharedTotals};

use crate::{complain, line};

pub(crate) struct Shown {
    pub(crate) name: String,
    totals: SharedTotals,
    /// Its series carry its name, for they are not alone.
    labelled: bool,
    /// What was last complained of.
    trouble: Option<String>,
}

impl Shown {
    pub(crate) fn new(storage: &RedisStorage, name: &str, labelled: bool) -> Self {
        Self { name: name.to_owned(), totals: storage.totals(name), labelled, trouble: None }
    }

    /// Its totals; none where they are not to be had, which is told once.
    pub(crate) async fn read(&mut self, timeout: Duration) -> Option<Snapshot> {
        match self.totals.read(timeout).await {
            Ok(read) => {
                if self.trouble.take().is_some() {
                    complain(&format!("{}: is read again", self.name));
                }
                Some(if self.labelled { self.with_name(&read) } else { read })
            }
            Err(error) => {
                let trouble = line(&error);
                if self.trouble.as_ref() != Some(&trouble) {
                    complain(&format!("{}: {trouble}", self.name));
                    self.trouble = Some(trouble);
                }
                None
            }
        }
    }

    fn with_name(&self, read: &Snapshot) -> Snapshot {
        let items = read.iter().map(|(series, value)| (series.with("namespace", &self.name), value.clone())).collect();
        Snapshot::from_parts(read.taken(), read.age(), items)
    }
}
