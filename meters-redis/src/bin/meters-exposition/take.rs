//! Takes out periods where nothing reports them to CloudWatch: each is added to the totals, and done with.

use std::future::pending;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use meters_core::storage::{Drain, Storage, Terms};
use meters_core::{Error, Namespace};
use tokio::time::sleep_until;

use crate::arguments::Options;
use crate::{complain, line};

/// How long after an error, or where no process has been yet, it is tried again.
const AGAIN: Duration = Duration::from_secs(5);
/// For one period.
const PATIENCE: Duration = Duration::from_secs(60);

/// All namespaces, for ever, where it is wished.
pub(crate) async fn all(options: &Options) {
    if options.take {
        join_all(options.namespaces.iter().map(|name| one(options, name))).await;
    }
    pending().await
}

async fn one(options: &Options, name: &str) {
    let mut told = None;
    loop {
        match take(options, name).await {
            Ok(()) => told = None,
            Err(error) => {
                let trouble = line(&error);
                if told.as_ref() != Some(&trouble) {
                    complain(&format!("{name}: {trouble}"));
                    told = Some(trouble);
                }
            }
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// Takes until there is an error; not at all where no process has been here yet.
async fn take(options: &Options, name: &str) -> Result<(), Error> {
    let status = options.storage()?.build().status(name).await?;
    let Some(agreed) = status.terms else { return Ok(()) };
    let storage = options.storage()?.application(name).period(agreed.period).shards(agreed.shards).build();
    let terms = Terms::new(Namespace::new(agreed.namespace)?, agreed.period, true);
    let Some(mut drain) = storage.join(terms).await?.drain else { return Ok(()) };
    loop {
        while period(&mut *drain).await? {}
        sleep_until(drain.next().into()).await;
    }
}

/// One period; false where none is due.
async fn period(drain: &mut dyn Drain) -> Result<bool, Error> {
    let Some(claim) = drain.claim(Instant::now() + PATIENCE).await? else { return Ok(false) };
    let taken = match drain.keep(&claim).await {
        // There is nothing to send: with that, all of it is done.
        Ok(()) => drain.plan(&claim, 0, 0).await.map(|_| true),
        Err(error) => Err(error),
    };
    drain.leave(claim).await;
    taken
}
