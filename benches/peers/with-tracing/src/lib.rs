//! A layer that times each span from its making to its close, and counts the events of level error that `err` makes.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use stage::Seen;
use tracing::span::{Attributes, Id};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

static CALLS: AtomicU64 = AtomicU64::new(0);
static ERRORS: AtomicU64 = AtomicU64::new(0);
static NANOSECONDS: AtomicU64 = AtomicU64::new(0);

struct Clock;

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Clock {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).expect("it was just made");
        span.extensions_mut().insert(Instant::now());
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() == Level::ERROR {
            ERRORS.fetch_add(1, Relaxed);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).expect("it is closed only now");
        let extensions = span.extensions();
        let start: &Instant = extensions.get().expect("each span has one");
        NANOSECONDS.fetch_add(start.elapsed().as_nanos() as u64, Relaxed);
        CALLS.fetch_add(1, Relaxed);
    }
}

/// Runs it, and prints what was recorded.
pub fn observe(shape: fn()) {
    tracing_subscriber::registry().with(Clock).init();
    shape();
    let (calls, errors) = (CALLS.load(Relaxed), Some(ERRORS.load(Relaxed)));
    Seen { calls, errors, nanoseconds: NANOSECONDS.load(Relaxed), ..Seen::default() }.print();
}
