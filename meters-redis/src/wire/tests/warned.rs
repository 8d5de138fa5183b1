//! What is told of entries that do not fit together.

use std::fmt;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span;

use super::*;

#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push_str(&format!("{}={value:?} ", field.name()));
    }
}

impl tracing::Subscriber for Told {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        let mut fields = Fields(String::new());
        event.record(&mut fields);
        self.0.lock().unwrap().push(fields.0);
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[test]
fn processes_that_count_by_different_buckets_are_told_of_once_a_metric() {
    let told = Told::default();
    let entry = |name: &str, bounds: &[f64]| {
        let mut waits = Distribution::with_buckets(1.0, &Buckets::explicit(bounds.iter().copied()).unwrap());
        waits.record(0.5);
        let item = (series(name, Kind::Histogram, Unit::None, &[]), Value::Histogram(Box::new(waits)));
        encode(&window(0, vec![item]))
    };
    tracing::subscriber::with_default(told.clone(), || {
        for _ in 0..3 {
            _ = merged(&[entry("WarnedSame", &[1.0, 2.0]), entry("WarnedSame", &[1.0, 2.0])]);
            _ = merged(&[entry("WarnedOther", &[1.0, 2.0]), entry("WarnedOther", &[2.0])]);
            _ = merged(&[entry("WarnedElse", &[1.0]), entry("WarnedElse", &[2.0])]);
        }
    });
    let told = told.0.lock().unwrap();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("metric=\"WarnedOther\"") && told[0].contains("different buckets"), "{told:?}");
    assert!(told[1].contains("metric=\"WarnedElse\""), "{told:?}");
}
