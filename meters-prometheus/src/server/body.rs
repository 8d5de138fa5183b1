//! What is sent: a short text, or a page that is made as it is taken.

use std::convert::Infallible;
use std::io::Write;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::{Frame, SizeHint};
use meters_core::Snapshot;
use tokio::sync::OwnedSemaphorePermit;

use crate::Page;

/// Sent at once where it is compressed: what a page is made in would come down to a few kilobytes.
const COMPRESSED: usize = 16 * 1024;

pub(super) enum Body {
    Text(Option<Bytes>),
    Page(Box<Paged>),
    /// A page that nobody is sent: it was only asked what it would be.
    Unsent,
}

pub(super) struct Paged {
    page: Page<Snapshot>,
    gzip: Option<GzEncoder<Vec<u8>>>,
    part: Vec<u8>,
    ended: bool,
    /// There are not many pages at a time.
    _room: OwnedSemaphorePermit,
}

impl Body {
    pub(super) fn text(text: Bytes) -> Self {
        Self::Text(Some(text))
    }

    pub(super) fn page(page: Page<Snapshot>, gzip: bool, room: OwnedSemaphorePermit) -> Self {
        let gzip = gzip.then(|| GzEncoder::new(Vec::new(), Compression::fast()));
        Self::Page(Box::new(Paged { page, gzip, part: Vec::new(), ended: false, _room: room }))
    }
}

impl Paged {
    fn next(&mut self) -> Option<Vec<u8>> {
        if self.ended {
            return None;
        }
        let Some(gzip) = &mut self.gzip else {
            let mut part = Vec::with_capacity(self.part.capacity());
            self.ended = !self.page.fill(&mut part);
            // The next one is likely to be as long.
            self.part.reserve(part.len());
            return (!self.ended).then_some(part);
        };
        while gzip.get_ref().len() < COMPRESSED {
            self.part.clear();
            if !self.page.fill(&mut self.part) {
                self.ended = true;
                // Writing to memory does not fail.
                return self.gzip.take().and_then(|gzip| gzip.finish().ok());
            }
            _ = gzip.write_all(&self.part);
        }
        Some(std::mem::take(gzip.get_mut()))
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = match &mut *self {
            Self::Text(text) => text.take(),
            Self::Page(page) => page.next().map(Bytes::from),
            Self::Unsent => None,
        };
        Poll::Ready(next.map(|part| Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Text(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Text(text) => SizeHint::with_exact(text.as_ref().map_or(0, |text| text.len() as u64)),
            Self::Page(_) | Self::Unsent => SizeHint::default(),
        }
    }
}
