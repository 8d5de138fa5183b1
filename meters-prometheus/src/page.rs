//! A page, written bit by bit.

use std::borrow::Borrow;
use std::io;
use std::sync::Arc;

use meters_core::Snapshot;

use crate::config::Config;
use crate::format::{Format, Syntax};
use crate::order::{Family, Order};
use crate::view::View;
use crate::write::{Protobuf, Sheet, Text, run_of};

/// How much is written at once: no more than this, and what one series takes, is ever held.
const CHUNK: usize = 32 * 1024;

/// A page that is written as fast as it is read; made by [`Exposition::page`](crate::Exposition::page).
///
/// ```
/// use meters_core::Registry;
/// use meters_prometheus::{Exposition, Format};
/// let registry = Registry::new();
/// registry.counter("orders").register().inc(3);
/// let mut page = Exposition::new().page(registry.snapshot(), Format::TEXT);
/// let mut chunk = Vec::new();
/// while page.fill(&mut chunk) {
///     assert!(chunk.starts_with(b"# TYPE orders_total counter\norders_total 3\n"));
///     chunk.clear(); // after it was sent
/// }
/// ```
#[derive(Debug)]
#[must_use = "nothing is written until it is asked for"]
pub struct Page<S> {
    pub(crate) snapshot: S,
    pub(crate) order: Arc<Order>,
    pub(crate) views: Vec<View>,
    pub(crate) config: Arc<Config>,
    pub(crate) format: Format,
    pub(crate) created: Option<(u64, u32)>,
    /// The family, and the place in it, that comes next.
    pub(crate) family: usize,
    pub(crate) place: usize,
    pub(crate) ended: bool,
}

impl<S: Borrow<Snapshot>> Page<S> {
    /// In which format it is.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Appends the next part, of 32 KiB or a little more, to `out`; false where there is none.
    pub fn fill(&mut self, out: &mut Vec<u8>) -> bool {
        if self.ended {
            return false;
        }
        let (start, full) = (out.len(), out.len() + CHUNK);
        let sheet = Sheet {
            snapshot: self.snapshot.borrow(),
            order: &self.order,
            views: &self.views,
            config: &self.config,
            format: self.format,
            created: self.created,
        };
        while out.len() < full {
            let Some(family) = self.order.families.get(self.family) else {
                if matches!(self.format.kind, Syntax::OpenMetrics { .. }) {
                    out.extend_from_slice(b"# EOF\n");
                }
                self.ended = true;
                break;
            };
            self.place = match self.format.kind {
                Syntax::Protobuf => message(sheet, family, self.place, out, full),
                _ => text(sheet, family, self.place, out, full),
            };
            if self.place == sheet.group(family).places.len() {
                (self.family, self.place) = (self.family + 1, 0);
            }
        }
        out.len() > start
    }

    /// Writes all of it.
    ///
    /// # Errors
    /// Those of `to`.
    pub fn write_to(mut self, to: &mut (impl io::Write + ?Sized)) -> io::Result<()> {
        let mut chunk = Vec::with_capacity(2 * CHUNK);
        while self.fill(&mut chunk) {
            to.write_all(&chunk)?;
            chunk.clear();
        }
        Ok(())
    }
}

/// Writes series from `place` on, and says which comes next.
fn text(sheet: Sheet<'_>, family: &Family, mut place: usize, out: &mut Vec<u8>, mut full: usize) -> usize {
    let group = sheet.group(family);
    let mut text = Text::new(sheet, family);
    if place == 0 {
        text.head(out);
        // At place 0 it would be written again.
        full = full.max(out.len() + 1);
    }
    while place < group.places.len() && out.len() < full {
        let run = run_of(group, place);
        text.turn(run);
        while place < run.range.end && out.len() < full {
            text.samples(out, place);
            place += 1;
        }
    }
    place
}

/// The same. The length of a message stands before it: where it is too long to be kept, its series are written twice.
fn message(sheet: Sheet<'_>, family: &Family, mut place: usize, out: &mut Vec<u8>, mut full: usize) -> usize {
    let group = sheet.group(family);
    let mut message = Protobuf::new(sheet, family);
    if place == 0 {
        let (mut kept, mut length, mut at) = (Vec::new(), 0, 0);
        for run in &group.runs {
            message.turn(run);
            for place in run.range.clone() {
                if kept.len() > CHUNK {
                    length += kept.len();
                    kept.clear();
                    at = usize::MAX;
                }
                message.samples(&mut kept, place);
            }
        }
        message.head(out, length + kept.len());
        if at == 0 {
            out.append(&mut kept);
            at = group.places.len();
        }
        if at == group.places.len() {
            return at;
        }
        full = full.max(out.len() + 1); // As above.
    }
    while place < group.places.len() && out.len() < full {
        let run = run_of(group, place);
        message.turn(run);
        while place < run.range.end && out.len() < full {
            message.samples(out, place);
            place += 1;
        }
    }
    place
}
