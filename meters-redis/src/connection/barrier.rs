//! Waits until a server cannot forget what was written to it. Logs and replicas are prefixes of history: what was written
//! before the fence is as safe as the fence.

use std::time::{Duration, Instant};

use redis::{Cmd, Value};

use super::{Aof, Connection, Doubt, Failure, Server};
use crate::protocol::call::Call;

/// A log that is written once a second may be two late, <https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/>.
const LATE: Duration = Duration::from_millis(2500);
/// How long a server is asked to wait at a time.
const SLICE: Duration = Duration::from_millis(500);
/// For less, it is not worth while to ask. (And 0 means for ever.)
const SHORTEST: Duration = Duration::from_millis(20);

/// What has to happen before something written is safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Barrier {
    log: Log,
    replicas: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Log {
    /// Written before the answer, or never.
    Ready,
    /// The server can say.
    Asked,
    /// It cannot.
    Slept,
}

impl Barrier {
    /// For this server, and at least so many replicas, or all that follow it now.
    pub(crate) fn of(server: &Server, replicas: Option<u32>) -> Self {
        let log = match server.aof {
            Aof::Off | Aof::No | Aof::Always => Log::Ready,
            // Where the server was not asked, WAITAOF may not be permitted either.
            Aof::EverySecond if server.version >= (7, 2) && !server.reticent => Log::Asked,
            Aof::EverySecond => Log::Slept,
        };
        Self { log, replicas: replicas.unwrap_or(server.replicas) }
    }

    /// False where time ran out first. What is to be safe was written before `since`; `fence` writes something behind it, on
    /// the server that was met.
    pub(crate) async fn pass(
        self,
        connection: &mut Connection,
        fence: &Call,
        since: Instant,
        deadline: Instant,
    ) -> Result<bool, Failure> {
        let logged = match self.log {
            Log::Ready => true,
            Log::Slept => slept(since, deadline).await,
            Log::Asked => {
                match reached(connection, fence, |slice| wait("WAITAOF", &[1, 0], slice), 1, deadline).await {
                    // Not every user may ask: the rights that metrics need name no command that only newer servers know.
                    Err(failure) if failure.doubt == Doubt::Configuration => slept(since, deadline).await,
                    answer => answer?,
                }
            }
        };
        let copied = |slice| wait("WAIT", &[self.replicas], slice);
        Ok(logged && (self.replicas == 0 || reached(connection, fence, copied, self.replicas, deadline).await?))
    }
}

async fn slept(since: Instant, deadline: Instant) -> bool {
    let end = since + LATE;
    tokio::time::sleep_until(end.min(deadline).into()).await;
    end <= deadline
}

async fn reached(
    connection: &mut Connection,
    fence: &Call,
    wait: impl Fn(Duration) -> Cmd,
    wanted: u32,
    deadline: Instant,
) -> Result<bool, Failure> {
    // A server waits for what this very connection wrote.
    connection.call_here(fence, deadline).await?;
    loop {
        // Leaves time for the answer.
        let slice = SLICE.min(deadline.saturating_duration_since(Instant::now()) / 2);
        if slice < SHORTEST {
            return Ok(false);
        }
        let limit = slice + connection.way().limits.response;
        let answer = connection.ask(wait(slice), limit, deadline).await?;
        if count(&answer) >= i64::from(wanted) {
            return Ok(true);
        }
    }
}

fn wait(name: &str, counts: &[u32], slice: Duration) -> Cmd {
    let mut command = Cmd::new();
    command.arg(name).arg(counts).arg(slice.as_millis() as u64);
    command
}

/// WAIT tells how many replicas have it; WAITAOF first whether the log has.
fn count(answer: &Value) -> i64 {
    match answer {
        Value::Int(count) => *count,
        Value::Array(counts) => counts.first().map_or(0, count),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(version: (u32, u32), aof: Aof, replicas: u32) -> Server {
        Server { version, run: String::new(), aof, replicas, eviction: None, reticent: false }
    }

    #[test]
    fn each_mode_has_its_barrier() {
        let of = |version, aof, replicas| Barrier::of(&server(version, aof, replicas), None);
        assert_eq!(of((7, 0), Aof::Always, 0), Barrier { log: Log::Ready, replicas: 0 });
        assert_eq!(of((7, 0), Aof::EverySecond, 2), Barrier { log: Log::Slept, replicas: 2 });
        assert_eq!(of((7, 2), Aof::EverySecond, 0), Barrier { log: Log::Asked, replicas: 0 });
        assert_eq!(of((8, 0), Aof::Off, 1), Barrier { log: Log::Ready, replicas: 1 });
        let reticent = Server { reticent: true, ..server((8, 0), Aof::EverySecond, 0) };
        assert_eq!(Barrier::of(&reticent, Some(3)), Barrier { log: Log::Slept, replicas: 3 });
    }
}
