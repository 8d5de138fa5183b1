//! A handle of a family that one place in the source asks for again and again, by the names of the labels.

use std::sync::OnceLock;
use std::sync::atomic::Ordering::Relaxed;

use super::{Family, Key, Part, Shape, handle, site};
use crate::fork;
use crate::registry::entry::Entry;
use crate::registry::register::Handle;
use crate::registry::values::Values;

/// The static behind an attribute that reports to a family, with the labels that it names.
#[doc(hidden)]
pub struct MemberSite {
    labels: &'static [&'static str],
    way: OnceLock<Way>,
}

/// How the series of the family that was met first is found.
struct Way {
    shape: &'static Shape,
    key: Key,
    /// The site names all labels, each once, and no others.
    fits: bool,
}

impl MemberSite {
    /// A site that names these labels.
    pub const fn new(labels: &'static [&'static str]) -> Self {
        Self { labels, way: OnceLock::new() }
    }

    /// The handle of these values, in the order of the site. A label that it does not name is `_`, and one that the family does
    /// not have is left out, with one warning.
    #[inline]
    pub fn of<H: Handle, V: Values>(&'static self, family: &Family<H>, values: V) -> H {
        let way = fork::once(&self.way, || Way::new(family.0, self.labels));
        let is_met = std::ptr::eq(way.shape, family.0) && way.fits;
        let found = if is_met { way.key.find(&values) } else { None };
        match found {
            Some(entry) if !entry.gate().is_gone() => handle(entry, None),
            found => {
                let entry = self.meet(family.0, &values);
                if is_met && found.is_none() {
                    way.key.remember(&values, entry);
                }
                handle(entry, found.is_none().then_some(&family.0.registry))
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn meet<V: Values>(&self, shape: &'static Shape, values: &V) -> &'static Entry {
        if !fits(shape, self.labels) && !shape.warned.swap(true, Relaxed) {
            let (metric, labels, named) = (&*shape.metric.name, &shape.labels, self.labels);
            tracing::warn!(metric, ?labels, ?named, "an attribute names other labels than the metric has");
        }
        let mut given = Vec::new();
        values.copy_to(&mut given);
        let value = |label: &String| {
            let nth = self.labels.iter().position(|named| named == label);
            nth.and_then(|nth| given.get(nth)).cloned().unwrap_or_default()
        };
        shape.entry(shape.labels.iter().map(value).collect())
    }
}

impl Way {
    fn new(shape: &'static Shape, labels: &[&str]) -> Self {
        let keys = shape.metric.keys.iter().zip(&shape.fixed);
        let parts = keys.map(|(key, fixed)| match fixed {
            Some(value) => Part::Fixed(value.len()),
            None => Part::Dynamic(labels.iter().position(|label| **label == **key).unwrap_or_default()),
        });
        Self { shape, key: Key::new(site::next_table(), parts.collect()), fits: fits(shape, labels) }
    }
}

fn fits(shape: &Shape, labels: &[&str]) -> bool {
    shape.labels.len() == labels.len() && shape.labels.iter().all(|label| labels.contains(&label.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;

    #[test]
    fn what_a_thread_has_met_it_finds_without_the_registry() {
        static SITE: MemberSite = MemberSite::new(&["method", "code"]);
        let registry = Registry::new();
        let family = registry.counter("Met").dimension("Shop", "north").labels(["code", "method"]).family().unwrap();
        let values = ("GET", (&200_u16, ()));
        SITE.of(&family, values).inc(1);
        let way = SITE.way.get().unwrap();
        let met = way.key.find(&values).map(|entry| entry.values);
        assert_eq!(met, Some("north\u{1f}200\u{1f}GET"));
        assert!(way.key.find(&("200", (&"GET", ()))).is_none(), "other values");
    }
}
