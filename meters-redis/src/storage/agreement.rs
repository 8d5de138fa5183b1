//! What all processes of an application must mean alike, or they would spoil each other's periods.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use meters_core::Namespace;
use redis::Value;

use crate::connection::{Connection, Failure};
use crate::protocol::call::Call;
use crate::protocol::keys::Keys;
use crate::protocol::reply::{Reply, Strange};
use crate::protocol::scripts;

/// The Redis forgets it when nobody has reported for long, while others still push.
const AGAIN: Duration = Duration::from_secs(3600);

#[derive(Debug)]
pub(crate) struct Agreement {
    call: Call,
    application: String,
    ours: String,
    reached: Mutex<Option<Instant>>,
    holds: Duration,
}

impl Agreement {
    pub(crate) fn new(application: &str, namespace: &Namespace, period: Duration, shards: u16, keep: Duration) -> Self {
        let ours = format!("namespace={} period={}ms shards={shards}", namespace.as_str(), period.as_millis());
        let keys = vec![Keys::new(application, None).terms()];
        let args = vec![ours.clone().into_bytes(), keep.as_millis().to_string().into_bytes()];
        let call = Call { script: &scripts::CHECK, keys, args };
        Self { call, application: application.to_owned(), ours, reached: Mutex::default(), holds: AGAIN.min(keep / 4) }
    }

    /// Asks anew next time: the Redis has forgotten what all mean.
    pub(crate) fn forgotten(&self) {
        self.reached_at(|reached| *reached = None);
    }

    fn reached_at<T>(&self, with: impl FnOnce(&mut Option<Instant>) -> T) -> T {
        with(&mut self.reached.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Asks, unless that was done not long ago. The server's clock where it was asked now, in milliseconds since 1970.
    pub(crate) async fn reach(&self, connection: &mut Connection, deadline: Instant) -> Result<Option<u64>, Failure> {
        if self.reached_at(|reached| reached.is_some_and(|at| at.elapsed() < self.holds)) {
            return Ok(None);
        }
        let (same, now, theirs) = read(connection.call(&self.call, deadline).await?).map_err(|_| strange())?;
        if !same {
            return Err(Failure::configuration(format!(
                "the processes that share \"{}\" on {} have {theirs}, and this one {}: make them alike, or use another \
                 .application(…); once none of them runs any more, DEL {} lets others begin",
                self.application,
                connection.way().target,
                self.ours,
                String::from_utf8_lossy(&self.call.keys[0]),
            )));
        }
        self.reached_at(|reached| *reached = Some(Instant::now()));
        Ok(Some(now))
    }
}

fn read(answer: Value) -> Result<(bool, u64, String), Strange> {
    let mut reply = Reply::new(answer)?;
    Ok((reply.number::<u8>()? == 1, reply.number()?, reply.text()?))
}

/// An answer that none of our scripts gives.
#[cold]
pub(crate) fn strange() -> Failure {
    Failure::configuration(
        "the Redis answers what no script of this version does: does a proxy stand between, or a newer version of \
         meters share this application?",
    )
}
