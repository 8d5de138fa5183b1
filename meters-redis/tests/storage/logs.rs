//! All that is said by way of `tracing`.

use std::fmt::{Debug, Write};
use std::sync::{Mutex, Once};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

static SAID: Mutex<String> = Mutex::new(String::new());
static LISTEN: Once = Once::new();

/// One for all tests: those that come and go may miss something.
pub(crate) fn listen() {
    LISTEN.call_once(|| tracing::subscriber::set_global_default(Listener).unwrap());
}

/// What was said so far, by all tests; a line for each event.
pub(crate) fn said() -> String {
    SAID.lock().unwrap().clone()
}

struct Listener;

impl Subscriber for Listener {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        let mut said = SAID.lock().unwrap();
        writeln!(said, "{}", line.0.replace('\n', " ")).unwrap();
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}
