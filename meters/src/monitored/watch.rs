//! One call, from its first poll on.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use meters_core::clock::{self, Moment};
use meters_core::{Counter, Ended};

use crate::metric::{Handle, Watched};

/// How far it is.
pub(super) enum Watch<H: Handle> {
    Unpolled(H),
    Future(H::Async),
    Stream(Streaming<H>),
    Done,
}

/// A stream between its first poll and its end.
pub(super) struct Streaming<H: Handle> {
    call: H::Async,
    handle: H,
    start: Moment,
    /// That there was an item.
    any: bool,
    /// What counts its items, once there was one.
    items: Option<Counter>,
    errors: bool,
    /// That the last item was an error.
    broken: bool,
}

/// Dropped, it ends the call: where it is done, and where its poll unwinds, as who caught the panic may keep the future
/// for long. Forgotten where the call goes on.
struct Last<'w, H: Handle>(&'w mut Watch<H>);

impl<H: Handle> Drop for Last<'_, H> {
    fn drop(&mut self) {
        // Its end is known, whatever its last item was.
        if let Watch::Stream(streaming) = self.0 {
            streaming.broken = false;
        }
        *self.0 = Watch::Done;
    }
}

impl<H: Handle> Watch<H> {
    pub(super) fn new(handle: H) -> Self {
        Self::Unpolled(handle)
    }

    /// Polls a future once.
    pub(super) fn future<F: Future>(
        &mut self,
        mut future: Pin<&mut F>,
        mut rule: impl FnMut(&F::Output) -> Ended,
        context: &mut Context<'_>,
    ) -> Poll<F::Output> {
        if let Self::Unpolled(handle) = self {
            *self = Self::Future(handle.enter_async());
        }
        let last = Last(self);
        let Self::Future(call) = &*last.0 else {
            std::mem::forget(last);
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
            drop(last);
        } else {
            std::mem::forget(last);
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
        if let Self::Unpolled(handle) = self {
            *self = Self::Stream(Streaming::enter(*handle));
        }
        let last = Last(self);
        let Self::Stream(streaming) = &mut *last.0 else {
            std::mem::forget(last);
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
                drop(last);
            }
            Poll::Ready((_, Some(ended))) => {
                streaming.item(*ended);
                std::mem::forget(last);
            }
            Poll::Pending => std::mem::forget(last),
        }
        polled.map(|(item, _)| item)
    }
}

impl<H: Handle> Streaming<H> {
    fn enter(handle: H) -> Self {
        let call = handle.enter_async();
        Self { call, handle, start: clock::now(), any: false, items: None, errors: false, broken: false }
    }

    fn item(&mut self, ended: Ended) {
        if !self.any {
            self.any = true;
            self.items = self.handle.first_item(self.start);
        }
        if let Some(items) = self.items {
            items.inc(1);
        }
        self.broken = ended != Ended::Ok;
        self.errors |= self.broken;
    }

    fn end(&mut self) {
        self.call.finish(if self.errors { Ended::Error } else { Ended::Ok });
    }
}

impl<H: Handle> Drop for Streaming<H> {
    fn drop(&mut self) {
        // Who stops at an error never asks for the end.
        if self.broken {
            self.call.finish(Ended::Error);
        }
    }
}
