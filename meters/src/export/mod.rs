//! Exporters send or render what was recorded; what came of it is told here, in the same words for all of them.

use std::fmt;
use std::time::Duration;

use meters_core::Error;

#[cfg(feature = "cloudwatch")]
pub(crate) mod cloudwatch;
#[cfg(not(feature = "cloudwatch"))]
#[path = "absent.rs"]
pub(crate) mod cloudwatch;

#[cfg(feature = "cloudwatch")]
pub use cloudwatch::{Ambiguous, Refused, read_spool};

/// What a flush sent, and what it did not: every datum is in exactly one of `sent`, `pending`, `refused`, `dropped` and
/// `spooled`. What an earlier process left in the spool is counted by the one that sends it.
///
/// Where several processes share a [storage](crate::Builder::storage), what this one recorded is series in exactly one of
/// `pushed`, `pending`, `refused` and `dropped`; beside it, what this process reported for all is datums in `sent`, `refused`
/// and `dropped`. Of those, what CloudWatch did not take is not `pending` here: it stays in the storage.
///
/// ```
/// let report = meters::FlushReport::default();
/// assert!(report.is_complete());
/// assert_eq!(report.to_string(), "sent 0 datums in 0 requests (0 B), nothing pending");
/// ```
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct FlushReport {
    /// Datums that CloudWatch took.
    pub sent: u64,
    /// Datums that wait for the next flush.
    pub pending: u64,
    /// Datums that CloudWatch does not take, whoever found it out.
    pub refused: u64,
    /// Datums given up, and lost: the queue was full, they were too old, or their fate was not known and so it was wished.
    pub dropped: u64,
    /// Series that were handed to the storage which several processes share, each counted once a period, for whichever of them
    /// reports; none without a storage. What this process sent for all is in [`sent`](Self::sent).
    pub pushed: u64,
    /// Datums that a shutdown wrote to the spool, for the next start to send; none without [`Builder::spool`].
    ///
    #[cfg_attr(feature = "cloudwatch", doc = "[`Builder::spool`]: crate::Builder::spool")]
    #[cfg_attr(not(feature = "cloudwatch"), doc = include_str!("../elsewhere/cloudwatch.md"))]
    pub spooled: u64,
    /// Datums whose request left and was not answered: sent again, they may be counted twice. None that were
    /// looked up ([`Builder::read_back`]).
    ///
    #[cfg_attr(feature = "cloudwatch", doc = "[`Builder::read_back`]: crate::Builder::read_back")]
    #[cfg_attr(not(feature = "cloudwatch"), doc = include_str!("../elsewhere/cloudwatch.md"))]
    ///
    /// [PutMetricData](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html) has no
    /// token by which CloudWatch could tell a repetition.
    pub ambiguous: u64,
    /// Requests made, each of which AWS bills.
    pub requests: u64,
    /// Bytes of the requests that CloudWatch took, before compression.
    pub bytes: u64,
    /// How long it took.
    pub took: Duration,
    /// Exporting is switched off, and nothing else is told here: see [`Builder::start`](crate::Builder::start).
    pub off: bool,
    /// Why something is still pending, or was dropped.
    pub error: Option<Error>,
}

impl FlushReport {
    /// Whether all that was recorded reached CloudWatch, or the storage that several processes share: nothing is left, and
    /// nothing went wrong for good.
    pub fn is_complete(&self) -> bool {
        self.error.is_none() && self.pending + self.refused + self.dropped + self.spooled == 0
    }

    /// Nothing comes after this: of what is pending, so much was `kept`, and the rest is given up.
    pub(crate) fn conclude(&mut self, kept: u64) {
        self.dropped += std::mem::take(&mut self.pending) - kept;
        self.spooled += kept;
    }

    /// Adds what a `later` flush of the same exporter says: what is pending, and why, is as the later one has it.
    ///
    /// ```
    /// let mut first = meters::FlushReport::default();
    /// first.sent = 3;
    /// first.pending = 2;
    /// let mut later = meters::FlushReport::default();
    /// later.sent = 2;
    /// first.merge(later);
    /// assert_eq!((first.sent, first.pending), (5, 0));
    /// ```
    pub fn merge(&mut self, later: FlushReport) {
        self.sent += later.sent;
        self.pending = later.pending;
        self.refused += later.refused;
        self.dropped += later.dropped;
        self.spooled += later.spooled;
        self.pushed += later.pushed;
        self.ambiguous += later.ambiguous;
        self.requests += later.requests;
        self.bytes += later.bytes;
        self.took += later.took;
        self.off = later.off;
        self.error = later.error;
    }
}

impl fmt::Display for FlushReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.off {
            return f.write_str("exporting is switched off");
        }
        // What was lost is what has to be seen, however much else there is to say.
        let mut error = self.error.as_ref();
        if self.dropped > 0 {
            write!(f, "LOST: {} dropped", counted(self.dropped, "datum"))?;
            if let Some(error) = error.take() {
                write!(f, " ({error})")?;
            }
            f.write_str("; ")?;
        }
        let (sent, requests) = (counted(self.sent, "datum"), counted(self.requests, "request"));
        write!(f, "sent {sent} in {requests} ({})", Bytes(self.bytes))?;
        match self.pending {
            0 => f.write_str(", nothing pending")?,
            pending => write!(f, ", {} pending", grouped(pending))?,
        }
        let rest = [
            (self.pushed, "series pushed"),
            (self.spooled, "spooled"),
            (self.refused, "refused"),
            (self.ambiguous, "perhaps counted twice"),
        ];
        for (number, what) in rest.into_iter().filter(|(number, _)| *number > 0) {
            write!(f, ", {} {what}", grouped(number))?;
        }
        match error {
            Some(error) => write!(f, ": {error}"),
            None => Ok(()),
        }
    }
}

fn counted(number: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// A number with a comma after each three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes @ 0..1_000 => write!(f, "{bytes} B"),
            bytes @ 1_000..1_000_000 => write!(f, "{:.0} kB", bytes as f64 / 1e3),
            bytes => write!(f, "{:.1} MB", bytes as f64 / 1e6),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_says_what_was_sent_and_what_was_not() {
        let mut report = FlushReport { sent: 1_204, requests: 2, bytes: 118_400, ..FlushReport::default() };
        assert_eq!(report.to_string(), "sent 1,204 datums in 2 requests (118 kB), nothing pending");
        report.merge(FlushReport {
            pending: 1_000_000,
            refused: 1,
            ambiguous: 20,
            error: Some(Error::timeout("wait longer")),
            ..FlushReport::default()
        });
        assert_eq!(
            report.to_string(),
            "sent 1,204 datums in 2 requests (118 kB), 1,000,000 pending, 1 refused, 20 perhaps counted twice: wait longer"
        );
        assert!(!report.is_complete());
        let lost = FlushReport {
            dropped: 12,
            refused: 1,
            error: Some(Error::export("no connection")),
            ..FlushReport::default()
        };
        let said =
            "LOST: 12 datums dropped (no connection); sent 0 datums in 0 requests (0 B), nothing pending, 1 refused";
        assert_eq!(lost.to_string(), said);
        let one = FlushReport { sent: 1, requests: 1, bytes: 2_340_000, ..FlushReport::default() };
        assert_eq!(one.to_string(), "sent 1 datum in 1 request (2.3 MB), nothing pending");
    }
}
