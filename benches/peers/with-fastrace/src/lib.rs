//! A reporter that adds up the spans below one root.

use std::sync::Mutex;

use fastrace::Span;
use fastrace::collector::{Config, Reporter, SpanContext, SpanRecord};
use stage::Seen;

static RECORDS: Mutex<Vec<SpanRecord>> = Mutex::new(Vec::new());

struct Keep;

impl Reporter for Keep {
    fn report(&mut self, spans: Vec<SpanRecord>) {
        RECORDS.lock().unwrap().extend(spans);
    }
}

/// Runs it, and prints what was recorded.
pub fn observe(shape: fn()) {
    fastrace::set_reporter(Keep, Config::default());
    {
        let root = Span::root("root", SpanContext::random());
        let _parent = root.set_local_parent();
        shape();
    }
    fastrace::flush();
    let records = RECORDS.lock().unwrap();
    let below = records.iter().filter(|record| record.name != "root");
    let (calls, nanoseconds) = below.fold((0, 0), |(calls, sum), record| (calls + 1, sum + record.duration_ns));
    Seen { calls, nanoseconds, ..Seen::default() }.print();
}
