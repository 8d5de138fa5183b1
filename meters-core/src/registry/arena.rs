//! Room for series, which live as long as the process: in large pieces, without an allocator's overhead for each.

use std::mem::MaybeUninit;

use super::entry::Entry;

/// Entries of the first piece; each further one has twice as many, up to the last number.
const ENTRIES: (usize, usize) = (8, 1024);
/// Bytes of a piece for texts.
const TEXTS: (usize, usize) = (256, 32 * 1024);

/// Pieces that are being filled.
#[derive(Default)]
pub(super) struct Arena {
    entries: &'static mut [MaybeUninit<Entry>],
    texts: &'static mut [u8],
    /// How many pieces there were of each.
    pieces: (u32, u32),
}

impl Arena {
    /// Keeps an entry for ever.
    pub(super) fn entry(&mut self, entry: Entry) -> &'static Entry {
        let mut room = std::mem::take(&mut self.entries);
        if room.is_empty() {
            room = Box::leak(Box::new_uninit_slice(size(ENTRIES, &mut self.pieces.0)));
        }
        let Some((first, rest)) = room.split_first_mut() else { unreachable!("a piece has room") };
        self.entries = rest;
        first.write(entry)
    }

    /// Keeps a text for ever.
    pub(super) fn text(&mut self, text: &str) -> &'static str {
        let mut room = std::mem::take(&mut self.texts);
        if room.len() < text.len() {
            let size = size(TEXTS, &mut self.pieces.1).max(text.len());
            room = Box::leak(vec![0; size].into_boxed_slice());
        }
        let (first, rest) = room.split_at_mut(text.len());
        self.texts = rest;
        first.copy_from_slice(text.as_bytes());
        std::str::from_utf8(first).unwrap_or_default()
    }
}

fn size((first, most): (usize, usize), pieces: &mut u32) -> usize {
    *pieces += 1;
    (first << (*pieces - 1).min(20)).min(most)
}
