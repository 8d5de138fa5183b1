//! Bodies: read with a bound, inflated with a bound, and answered whole or cut short.

use crate::error::{self, AwsError};
use crate::limits::MAX_REQUEST_BYTES;
use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll};

/// Bytes kept of a body as sent; gzip makes what cannot be compressed a little larger.
const MAX_WIRE_BYTES: usize = MAX_REQUEST_BYTES + 64 * 1024;

/// Bytes of which the size is still counted, before or after inflation, to name it in the refusal.
const MAX_COUNTED_BYTES: usize = 64 * 1024 * 1024;

/// A body as sent.
pub(crate) struct Wire {
    pub(crate) bytes: Vec<u8>,
    /// How many bytes came, kept or not.
    pub(crate) len: usize,
}

/// Reads a body, or its first `stop` bytes. None if the client goes away or sends without end.
pub(crate) async fn read(mut body: Incoming, stop: Option<usize>) -> Option<Wire> {
    let mut wire = Wire { bytes: Vec::new(), len: 0 };
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.ok()?.into_data() else {
            continue;
        };
        wire.len += data.len();
        let room = MAX_WIRE_BYTES - wire.bytes.len();
        wire.bytes.extend_from_slice(&data[..data.len().min(room)]);
        if wire.len > MAX_COUNTED_BYTES {
            return None;
        }
        if stop.is_some_and(|stop| wire.len >= stop) {
            break;
        }
    }
    Some(wire)
}

/// The body before compression, and its length, which is known also of one that is too long.
pub(crate) fn inflate(wire: Wire, coding: Option<&str>) -> (usize, Result<Vec<u8>, AwsError>) {
    match coding {
        None | Some("" | "identity") => {
            let body = bounded(wire.len, wire.bytes);
            (wire.len, body)
        }
        Some(coding) if coding.eq_ignore_ascii_case("gzip") => gunzip(wire),
        Some(coding) => {
            let message = format!("The content encoding {coding} is not supported.");
            (wire.len, Err(AwsError::new(&error::MEDIA_TYPE, message)))
        }
    }
}

fn gunzip(wire: Wire) -> (usize, Result<Vec<u8>, AwsError>) {
    if wire.len > wire.bytes.len() {
        // What was not kept cannot be inflated, and gzip never makes it this much longer.
        return (wire.len, Err(too_large(wire.len)));
    }
    let mut decoder = MultiGzDecoder::new(wire.bytes.as_slice());
    let mut body = Vec::new();
    let read = decoder.by_ref().take(MAX_REQUEST_BYTES as u64).read_to_end(&mut body);
    let beyond =
        read.and_then(|_| io::copy(&mut decoder.take((MAX_COUNTED_BYTES - MAX_REQUEST_BYTES) as u64), &mut io::sink()));
    match beyond {
        Ok(beyond) => {
            let len = body.len() + beyond as usize;
            (len, bounded(len, body))
        }
        Err(error) => (body.len(), Err(AwsError::malformed(format_args!("The body is not gzip: {error}.")))),
    }
}

fn bounded(len: usize, body: Vec<u8>) -> Result<Vec<u8>, AwsError> {
    if len > MAX_REQUEST_BYTES { Err(too_large(len)) } else { Ok(body) }
}

fn too_large(len: usize) -> AwsError {
    AwsError::new(&error::TOO_LARGE, format_args!("Request size {len} exceeded {MAX_REQUEST_BYTES} bytes"))
}

/// The body of an answer.
#[derive(Debug)]
pub(crate) enum Answer {
    Whole(Option<Bytes>),
    /// Ends in an error after these bytes, which makes hyper close the connection.
    Cut(Option<Bytes>),
    /// As [`Answer::Cut`], once the bytes had the chance to be flushed.
    Broken,
}

impl Answer {
    pub(crate) fn whole(body: impl Into<Bytes>) -> Self {
        Self::Whole(Some(body.into()))
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match &mut *self {
            Self::Whole(body) => {
                Poll::Ready(body.take().filter(|body| !body.is_empty()).map(|body| Ok(Frame::data(body))))
            }
            Self::Cut(body) => match body.take() {
                Some(body) => Poll::Ready(Some(Ok(Frame::data(body)))),
                None => {
                    // hyper flushes when a body is pending, and would lose the bytes if it failed at once.
                    *self = Self::Broken;
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
            },
            Self::Broken => Poll::Ready(Some(Err(io::Error::other("cut short, as scripted")))),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => SizeHint::with_exact(body.as_ref().map_or(0, |body| body.len() as u64)),
            Self::Cut(_) | Self::Broken => SizeHint::default(),
        }
    }
}
