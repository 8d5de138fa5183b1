//! What the answers say.

use std::ops::Range;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redis::Value;

use super::{Agreed, ClaimStatus, Counts, ShardStatus};
use crate::protocol::reply::{Reply, Strange};

/// What the script tells.
pub(super) struct Seen {
    pub(super) terms: Option<Agreed>,
    pub(super) shard: ShardStatus,
    /// Starts of open periods.
    pub(super) periods: Vec<u64>,
    /// Names of claims, and the starts of their periods.
    pub(super) claims: Vec<(String, u64)>,
}

impl Seen {
    pub(super) fn read(answer: Value) -> Result<Self, Strange> {
        let mut reply = Reply::new(answer)?;
        let now = time(reply.number()?);
        // `<when>-<who>`.
        let since = reply.text()?.split('-').next().and_then(|when| when.parse().ok()).map(time);
        let newest: u64 = reply.number()?;
        let (leader, terms) = (reply.text()?, reply.text()?);
        let (open, claimed) = (reply.number()?, reply.number()?);
        let (mut listed, mut taken) = (reply.list()?, reply.list()?);
        let (mut periods, mut claims) = (Vec::new(), Vec::new());
        while !listed.is_empty() {
            periods.push(listed.number()?);
        }
        while !taken.is_empty() {
            claims.push((taken.text()?, taken.number()?));
        }
        let (mut told, mut counts) = (reply.list()?, Counts::default());
        while !told.is_empty() {
            let (name, number) = (told.text()?, told.number()?);
            match &*name {
                "lost" => counts.lost = number,
                "expired" => counts.expired = number,
                "damaged" => counts.damaged = number,
                "again" => counts.again = number,
                "replayed" => counts.replayed = number,
                _ => {}
            }
        }
        let shard = ShardStatus {
            now,
            since,
            newest: (newest > 0).then(|| time(newest)),
            leader: Some(leader).filter(|leader| !leader.is_empty()),
            open,
            claimed,
            periods: Vec::new(),
            claims: Vec::new(),
            writers: Vec::new(),
            counts,
        };
        Ok(Self { terms: agreed(&terms), shard, periods, claims })
    }
}

/// As `Agreement` writes it. A namespace may hold spaces.
pub(in crate::storage) fn agreed(text: &str) -> Option<Agreed> {
    let (rest, shards) = text.rsplit_once(" shards=")?;
    let (namespace, period) = rest.rsplit_once(" period=")?;
    Some(Agreed {
        namespace: namespace.strip_prefix("namespace=")?.to_owned(),
        period: Duration::from_millis(period.strip_suffix("ms")?.parse().ok()?),
        shards: shards.parse().ok()?,
    })
}

/// None for a claim that is gone.
pub(super) fn claim(id: String, period: u64, fields: Vec<(Vec<u8>, Vec<u8>)>) -> Option<ClaimStatus> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut claim = ClaimStatus {
        id,
        period: time(period),
        owner: String::new(),
        deadline: UNIX_EPOCH,
        attempt: 1,
        late: false,
        datums: None,
        done: 0,
        unanswered: 0,
        doubtful: false,
        batches: 0,
        bytes: None,
    };
    for (name, value) in &fields {
        let (name, value) = (text(name), text(value));
        match &*name {
            "owner" => claim.owner = value,
            "deadline" => claim.deadline = value.parse().map_or(UNIX_EPOCH, time),
            "attempt" => claim.attempt = value.parse().unwrap_or(1),
            "late" => claim.late = value == "1",
            "plan" => claim.datums = value.split(':').next().and_then(|datums| datums.parse().ok()),
            "doubt" | "mixed" => claim.doubtful |= value == "1",
            _ if is_note(&name, 'a') => claim.done += range(&value).len() as u32,
            _ if is_note(&name, 's') => claim.unanswered += range(&value).len() as u32,
            _ => {}
        }
    }
    (!claim.owner.is_empty()).then_some(claim)
}

fn is_note(name: &str, kind: char) -> bool {
    name.strip_prefix(kind).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn range(text: &str) -> Range<u32> {
    let ends = text.split_once('-').and_then(|(start, end)| Some(start.parse().ok()?..end.parse().ok()?));
    ends.unwrap_or(0..0)
}

/// The server's milliseconds.
pub(super) fn time(millis: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_millis(millis)).unwrap_or(UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_read_as_they_are_written() {
        let agreed = agreed("namespace=My Shop period=3 period=60000ms shards=4").unwrap();
        assert_eq!((&*agreed.namespace, agreed.period.as_secs(), agreed.shards), ("My Shop period=3", 60, 4));
        for strange in ["", "namespace=Shop", "namespace=Shop period=60s shards=1", "Shop period=1ms shards=1"] {
            assert_eq!(super::agreed(strange), None);
        }
    }

    #[test]
    fn notes_of_a_claim_are_counted_by_datums() {
        let fields =
            [("owner", "web"), ("plan", "2500:ff"), ("a1.1", "0-1000"), ("s1.2", "1000-2000"), ("server", "x")];
        let bytes = |text: &str| text.as_bytes().to_vec();
        let fields = fields.map(|(name, value)| (bytes(name), bytes(value)));
        let claim = claim("b".into(), 7, fields.into()).unwrap();
        assert_eq!((claim.datums, claim.done, claim.unanswered), (Some(2500), 1000, 1000));
        assert!(super::claim("b".into(), 7, Vec::new()).is_none(), "it was finished meanwhile");
    }
}
