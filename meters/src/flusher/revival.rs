//! The thread in a child of `fork`, whose parent had connected: so the child will be. Until it is, windows end as ever, and
//! wait within the bounds of all that waits; a shutdown keeps or counts them.

use std::time::Duration;

use meters_core::Error;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::thread::{block_on, drain, runtime, spawn};
use super::{Command, Plan, work};

/// How long a child that could not connect waits before it tries again, at first and at the most.
pub(super) const RECONNECT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// Starts the thread.
pub(super) fn revived(plan: Plan, interval: Duration) -> Result<UnboundedSender<Command>, Error> {
    let (commands, mut asked) = unbounded_channel();
    spawn(move || {
        let mut engine = work::later(plan);
        let mut command = None;
        loop {
            let error = match runtime() {
                Ok(runtime) => {
                    return block_on(runtime, async {
                        engine.revive(command, &mut asked, interval).await;
                        drain(asked).await;
                    });
                }
                Err(error) => error,
            };
            // Whoever asks has it tried again, and is told.
            match command.take() {
                Some(command) => {
                    if engine.refuse(command, &error) {
                        return;
                    }
                }
                None => engine.tell_error(&error),
            }
            command = asked.blocking_recv();
            if command.is_none() {
                return;
            }
        }
    })?;
    Ok(commands)
}
