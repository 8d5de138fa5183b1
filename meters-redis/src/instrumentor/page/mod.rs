//! From the fields of a hash to a page for Prometheus.

mod entry;
mod family;
mod figure;
mod render;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};

use self::entry::Part;
use self::family::{Family, Sample};
use self::figure::Figure;
use super::metric::Kind;

/// All metrics of one namespace at one moment.
///
/// What a stranger wrote into the hash and no page can hold is [left out and counted](Self::skipped): fields that are none of
/// instrumentor's, that are no UTF-8, numbers that are none or NaN, parts that the type of the metric does not have, names
/// that another metric's lines have.
///
/// ```
/// use meters_redis::instrumentor::Page;
///
/// let page = Page::read([
///     ("hits:t:", "c"), ("hits:d:", "All hits."), ("hits::url=\"http://x:80\"", "7"), ("strange", "field"),
/// ]);
/// assert_eq!(page.to_string(), "# HELP hits All hits.\n# TYPE hits counter\nhits{url=\"http://x:80\"} 7\n");
/// assert_eq!(page.skipped(), 1);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Page {
    families: Vec<Family>,
    skipped: usize,
}

impl Page {
    /// The media type to serve it with.
    pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

    /// The page of these fields and what they hold, as `HGETALL` gives them.
    pub fn read<F: AsRef<[u8]>, V: AsRef<[u8]>>(fields: impl IntoIterator<Item = (F, V)>) -> Self {
        let mut page = Self::default();
        let (mut families, mut entries) = (BTreeMap::<String, Family>::new(), Vec::new());
        for (field, value) in fields {
            match (std::str::from_utf8(field.as_ref()), std::str::from_utf8(value.as_ref())) {
                (Ok(field), Ok(value)) => entries.push((field.to_owned(), value.to_owned())),
                _ => page.skipped += 1,
            }
        }
        entries.sort_unstable();
        for (field, value) in &entries {
            let took = entry::parse(field).is_some_and(|(name, part, labels)| {
                // With its colon, as Python sorts: `foo1` before `foo` before `foo_bar`.
                let family = families.entry(format!("{name}:")).or_default();
                name.clone_into(&mut family.name);
                take(family, part, labels, value)
            });
            page.skipped += usize::from(!took);
        }
        let mut names = HashSet::new();
        for mut family in families.into_values() {
            page.skipped += family.settle();
            if family.samples.is_empty() && family.kind.is_none() {
                continue;
            }
            if family.names().iter().any(|name| names.contains(name)) {
                page.skipped += family.samples.len();
                continue;
            }
            names.extend(family.names());
            page.families.push(family);
        }
        page
    }

    /// How many fields say nothing that a page can hold.
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    /// The text that `instrumentor.exposition.ExpositionClient.expose()` gives, byte for byte: buckets in the order of their
    /// text, a blank line after each metric. Where theirs is no page that Prometheus reads (a colon in a value, a type that
    /// is missing, quotes that are not escaped) this is one.
    pub fn as_python(&self) -> String {
        render::as_python(&self.families)
    }
}

/// False where it says nothing.
fn take(family: &mut Family, part: Part, labels: &str, value: &str) -> bool {
    match part {
        Part::Type => match Kind::of(value) {
            Some(kind) if labels.is_empty() => family.kind = Some(kind),
            _ => return false,
        },
        Part::Description if labels.is_empty() => family.help = Some(entry::help(value)),
        Part::Description => return false,
        _ => match (entry::labels(labels), Figure::read(value)) {
            (Some(labels), Some(figure)) => family.samples.push(Sample { part, labels, figure }),
            _ => return false,
        },
    }
    true
}
