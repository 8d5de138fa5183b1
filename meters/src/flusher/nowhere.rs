//! Sends nothing, as others come and look: windows end all the same, which is how idle series expire.

use std::time::{Duration, SystemTime};

use meters_core::{Error, Reader};

use super::command::answer;
use super::thread::guarded;
use super::work::{Asked, Task, Work};
use super::{Command, Plan, boundary};
use crate::export::FlushReport;
use crate::said::Said;

pub(super) struct Nowhere {
    reader: Reader,
    said: Said,
}

impl Nowhere {
    pub(super) fn new(plan: &Plan) -> Self {
        Self { reader: plan.registry.reader_at(&plan.seat), said: plan.said.clone() }
    }

    /// There is nothing to do; says whether it was the last thing.
    fn do_it(&mut self, command: Command) -> bool {
        match command {
            Command::Flush { reply, .. } => answer(reply, FlushReport::default()),
            Command::Put { reply, .. } => answer(reply, Err(left_out())),
            Command::Shutdown { reply, .. } => {
                drop(self.reader.last_window());
                answer(reply, FlushReport::default());
                return true;
            }
        }
        false
    }
}

impl Work for Nowhere {
    fn serve<'a>(&'a mut self, command: Command, _: &'a mut Asked) -> Task<'a, bool> {
        Box::pin(async { self.do_it(command) })
    }

    fn refuse(&mut self, command: Command, _: &Error) -> bool {
        self.do_it(command)
    }

    fn tell_error(&self, error: &Error) {
        self.said.tell_error(error);
    }

    fn live<'a>(mut self: Box<Self>, asked: &'a mut Asked, interval: Duration) -> Task<'a, ()> {
        Box::pin(async move {
            loop {
                let command = tokio::select! {
                    biased;
                    command = asked.recv() => command,
                    () = boundary::reached(SystemTime::now, interval) => {
                        _ = guarded(async { drop(self.reader.window()) }).await;
                        continue;
                    }
                };
                if command.is_none_or(|command| self.do_it(command)) {
                    return;
                }
            }
        })
    }

    fn revive<'a>(mut self: Box<Self>, first: Option<Command>, asked: &'a mut Asked, every: Duration) -> Task<'a, ()> {
        if first.is_some_and(|command| self.do_it(command)) {
            return Box::pin(async {});
        }
        self.live(asked, every)
    }
}

fn left_out() -> Error {
    Error::configuration(
        "CloudWatch was left out by `without_cloudwatch()`: let a process that reports to it use `put_now`",
    )
}
