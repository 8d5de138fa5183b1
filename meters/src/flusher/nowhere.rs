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

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use meters_core::{Namespace, Registry, Seat};

    use crate::flusher::{Flusher, Plan};

    use super::*;

    const GUARD: Duration = Duration::from_secs(60);

    fn plan() -> (Registry, Plan) {
        let registry = Registry::new();
        let said = Namespace::new("Shop").unwrap().into();
        let plan = Plan { registry: registry.clone(), said, seat: Seat::default(), cloudwatch: None, sharing: None };
        (registry, plan)
    }

    #[test]
    fn a_flush_has_nothing_to_send_and_a_shutdown_ends_it() {
        for interval in [None, Some(GUARD)] {
            let (registry, plan) = plan();
            let flusher = Flusher::start(plan, interval).unwrap();
            registry.counter("Orders").register().inc(1);
            for report in [flusher.flush(GUARD), flusher.shutdown(GUARD)] {
                assert!(report.is_complete() && !report.off && report.sent == 0, "{report}");
            }
            assert!(flusher.flush(GUARD).error.is_some(), "it is over");
        }
    }

    #[test]
    fn windows_end_and_with_them_what_is_idle() {
        let (registry, plan) = plan();
        registry.expire_after(2);
        registry.counter("Orders").register().inc(1);
        let _flusher = Flusher::start(plan, Some(Duration::from_millis(10))).unwrap();
        let begun = Instant::now();
        while registry.snapshot().iter().len() > 0 {
            assert!(begun.elapsed() < GUARD, "no window ends");
            std::thread::yield_now();
        }
    }

    #[test]
    #[cfg(feature = "cloudwatch")]
    fn a_datum_that_is_to_be_sent_at_once_is_told_that_cloudwatch_was_left_out() {
        let (_, plan) = plan();
        let flusher = std::sync::Arc::new(Flusher::start(plan, None).unwrap());
        let error = crate::PutNow::new(Some(flusher), "Orders", 1.0).send().unwrap_err();
        assert!(error.to_string().contains("`without_cloudwatch()`"), "{error}");
    }
}
