//! Which batches were reported: a server that lost everything gets them again from their writers.

use std::collections::{BTreeMap, VecDeque};

use super::super::keys::Field;

/// Numbers by writer, as ranges; the writers that were first are forgotten when there are too many.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Merged {
    writers: BTreeMap<String, Vec<(u64, u64)>>,
    order: VecDeque<String>,
}

impl Merged {
    pub(super) fn insert(&mut self, field: &Field, most: usize) {
        if !self.writers.contains_key(&field.writer) {
            self.order.push_back(field.writer.clone());
        }
        let ranges = self.writers.entry(field.writer.clone()).or_default();
        let (mut low, mut high) = (field.seq, field.seq);
        ranges.retain(|&(from, to)| {
            let meets = from <= high.saturating_add(1) && low <= to.saturating_add(1);
            if meets {
                (low, high) = (low.min(from), high.max(to));
            }
            !meets
        });
        ranges.push((low, high));
        while self.order.len() > most {
            self.order.pop_front().map(|first| self.writers.remove(&first));
        }
    }

    pub(super) fn has(&self, field: &Field) -> bool {
        let ranges = self.writers.get(&field.writer);
        ranges.is_some_and(|ranges| ranges.iter().any(|&(from, to)| (from..=to).contains(&field.seq)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_remembered_by_writer_and_first_ones_forgotten() {
        let field = |writer: &str, seq| Field { writer: writer.into(), seq };
        let mut merged = Merged::default();
        for (writer, seq) in [("a", 1), ("a", 3), ("b", 1), ("a", 2)] {
            merged.insert(&field(writer, seq), 2);
        }
        assert_eq!(merged.writers["a"], [(1, 3)]);
        assert!(merged.has(&field("b", 1)) && !merged.has(&field("b", 2)) && !merged.has(&field("c", 1)));
        merged.insert(&field("c", 9), 2);
        let mut none = Merged::default();
        none.insert(&field("a", 1), 0);
        assert_eq!(none, Merged::default());
        assert!(!merged.has(&field("a", 1)) && merged.has(&field("b", 1)) && merged.has(&field("c", 9)));
    }
}
