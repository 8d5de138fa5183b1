//! What of a claim is to be sent, and sending it.

use std::net::Ipv4Addr;
use std::ops::Range;

use meters_core::storage::{Marker, Marks, Progress};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::held::Held;
use super::request;
use super::times;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Added,
    /// For certain not added.
    Refused,
    Unknown,
}

/// FNV-1a over all lines.
pub(crate) fn fingerprint(lines: &[(String, Held)]) -> u64 {
    let bytes = lines.iter().flat_map(|(series, held)| format!("{series}\t{}\n", held.line()).into_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// What is not done yet, in parts of at most `most`. What is doubtful is sent again, in parts of its own.
pub(crate) fn requests(of: u32, progress: &Progress, most: u32) -> Vec<Range<u32>> {
    let mut bounds: Vec<u32> = (0..of).step_by(most as usize).chain([of]).collect();
    bounds.extend(progress.done.iter().chain(&progress.doubtful).flat_map(|range| [range.start, range.end]));
    bounds.sort_unstable();
    bounds.dedup();
    let parts = bounds.windows(2).map(|pair| pair[0]..pair[1]);
    parts.filter(|part| progress.changed || !progress.done.iter().any(|done| done.contains(&part.start))).collect()
}

pub(crate) async fn send(port: u16, request: &[u8]) -> Sent {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else {
        return Sent::Refused;
    };
    let answer = async {
        stream.write_all(request).await?;
        let mut status = [0; 3];
        stream.read_exact(&mut status).await?;
        if &status == b"200" {
            // Says that it was heard.
            stream.write_all(b"!").await?;
        }
        std::io::Result::Ok(status)
    };
    match timeout(times::REQUEST, answer).await {
        Ok(Ok(status)) if &status == b"200" => Sent::Added,
        Ok(Ok(_)) => Sent::Refused,
        _ => Sent::Unknown,
    }
}

/// The marks of a claim; none where there was no answer.
pub(crate) async fn look(port: u16, marker: &Marker) -> Option<Marks> {
    let answer = async {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok()?;
        stream.write_all(&request::look(marker.first)).await.ok()?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await.ok()?;
        let mut numbers = text.strip_prefix("200 ")?.split(' ').map(|word| word.parse::<f64>().unwrap());
        let mut marks = Marks::default();
        for second in 0..Marker::SECONDS {
            marks.add(second, numbers.next()?, numbers.next()?);
        }
        Some(marks)
    };
    timeout(times::REQUEST, answer).await.ok()?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_is_not_sent_again() {
        assert_eq!(requests(10, &Progress::default(), 4), [0..4, 4..8, 8..10]);
        let mut progress = Progress::default();
        (progress.done, progress.doubtful) = (vec![0..3, 6..8], std::iter::once(4..5).collect());
        assert_eq!(requests(10, &progress, 4), [3..4, 4..5, 5..6, 8..10]);
        assert_eq!(requests(0, &Progress::default(), 4), []);
    }
}
