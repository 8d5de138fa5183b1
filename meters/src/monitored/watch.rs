//! One call, from its first poll on.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use meters_core::clock::{self, Moment};
use meters_core::{AsyncCall, Counter, Ended, Monitor};

/// How far it is.
pub(super) enum Watch {
    Unpolled(Monitor),
    Future(AsyncCall),
    Stream(Streaming),
    Done,
}

/// A stream between its first poll and its end.
pub(super) struct Streaming {
    call: AsyncCall,
    monitor: Monitor,
    start: Moment,
    /// What counts its items, once there was one.
    items: Option<Counter>,
    errors: bool,
    /// That the last item was an error.
    broken: bool,
}

/// Ends the call where its poll unwinds: who caught the panic may keep the future for long.
struct Unwinding<'w>(&'w mut Watch);

impl Drop for Unwinding<'_> {
    fn drop(&mut self) {
        if let Watch::Stream(streaming) = self.0 {
            streaming.broken = false;
        }
        *self.0 = Watch::Done;
    }
}

impl Watch {
    pub(super) fn new(monitor: Monitor) -> Self {
        Self::Unpolled(monitor)
    }

    /// Polls a future once.
    pub(super) fn future<F: Future>(
        &mut self,
        mut future: Pin<&mut F>,
        mut rule: impl FnMut(&F::Output) -> Ended,
        context: &mut Context<'_>,
    ) -> Poll<F::Output> {
        if let Self::Unpolled(monitor) = self {
            *self = Self::Future(monitor.enter_async());
        }
        let watching = Unwinding(self);
        let Self::Future(call) = &*watching.0 else {
            std::mem::forget(watching);
            return future.poll(context);
        };
        // Judged while it is polled: a rule that panics is a panic of the call.
        let judged = poll_fn(|context| {
            let output = ready!(future.as_mut().poll(context));
            let ended = rule(&output);
            Poll::Ready((output, ended))
        });
        let polled = call.poll(pin!(judged), context);
        if let Poll::Ready((_, ended)) = &polled {
            call.finish(*ended);
            drop(watching);
        } else {
            std::mem::forget(watching);
        }
        polled.map(|(output, _)| output)
    }

    /// Polls a stream once.
    pub(super) fn stream<S: Stream>(
        &mut self,
        mut stream: Pin<&mut S>,
        mut rule: impl FnMut(&S::Item) -> Ended,
        context: &mut Context<'_>,
    ) -> Poll<Option<S::Item>> {
        if let Self::Unpolled(monitor) = self {
            *self = Self::Stream(Streaming::enter(*monitor));
        }
        let watching = Unwinding(self);
        let Self::Stream(streaming) = &mut *watching.0 else {
            std::mem::forget(watching);
            return stream.poll_next(context);
        };
        let judged = poll_fn(|context| {
            let item = ready!(stream.as_mut().poll_next(context));
            let ended = item.as_ref().map(&mut rule);
            Poll::Ready((item, ended))
        });
        let polled = streaming.call.poll(pin!(judged), context);
        match &polled {
            Poll::Ready((_, None)) => {
                streaming.end();
                drop(watching);
            }
            Poll::Ready((_, Some(ended))) => {
                streaming.item(*ended);
                std::mem::forget(watching);
            }
            Poll::Pending => std::mem::forget(watching),
        }
        polled.map(|(item, _)| item)
    }
}

impl Streaming {
    fn enter(monitor: Monitor) -> Self {
        let call = monitor.enter_async();
        Self { call, monitor, start: clock::now(), items: None, errors: false, broken: false }
    }

    fn item(&mut self, ended: Ended) {
        let items = self.items.get_or_insert_with(|| {
            let waited = Duration::from_nanos(self.start.nanoseconds());
            self.monitor.time_to_first().observe_duration(waited);
            self.monitor.items()
        });
        items.inc(1);
        self.broken = ended != Ended::Ok;
        self.errors |= self.broken;
    }

    fn end(&mut self) {
        self.broken = false;
        self.call.finish(if self.errors { Ended::Error } else { Ended::Ok });
    }
}

impl Drop for Streaming {
    fn drop(&mut self) {
        // Who stops at an error never asks for the end.
        if self.broken {
            self.call.finish(Ended::Error);
        }
    }
}
