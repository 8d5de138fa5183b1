//! The calls, and what their answers say. Key names are those that ss-instrumentation has, without any of ours among them
//! but under the same prefix.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use redis::Value;

use crate::protocol::call::Call;
use crate::protocol::reply::{Reply, Strange};
use crate::protocol::scripts::Script;

static PUSH: Script = Script { name: "ss/push", body: include_str!("lua/push.lua") };
static DRAIN: Script = Script { name: "ss/drain", body: include_str!("lua/drain.lua") };
static END: Script = Script { name: "ss/end", body: include_str!("lua/end.lua") };

#[cfg(test)]
pub(crate) static ALL: [&Script; 3] = [&PUSH, &DRAIN, &END];

/// Longer than anyone tries again.
const WRITER: Duration = Duration::from_secs(86_400);
/// What ss-instrumentation's own flusher waits: what a period is taken to have been where nothing tells its start.
const PERIOD: Duration = Duration::from_secs(60);

fn key(name: &str) -> Vec<u8> {
    format!("ssinstr:meter:{name}").into_bytes()
}

fn text(value: impl ToString) -> Vec<u8> {
    value.to_string().into_bytes()
}

pub(super) fn push(writer: &str, seq: u64, batch: &[(String, i64)]) -> Call {
    let mut args = vec![text(seq), text(WRITER.as_millis())];
    args.extend(batch.iter().flat_map(|(field, events)| [field.clone().into_bytes(), text(events)]));
    Call { script: &PUSH, keys: vec![key("counts"), key("periodstart"), key(&format!("writer:{writer}"))], args }
}

pub(super) fn drain(id: &str, claim: Duration) -> Call {
    let keys = ["counts", "periodstart", "pending", "claim", "last"].map(key);
    Call { script: &DRAIN, keys: keys.into(), args: vec![text(id), text(claim.as_millis()), text(PERIOD.as_millis())] }
}

pub(super) fn end(id: &str, done: bool) -> Call {
    Call { script: &END, keys: ["pending", "claim"].map(key).into(), args: vec![text(id), text(u8::from(done))] }
}

/// The places of fields that took nothing.
pub(super) fn pushed(answer: Value) -> Result<Vec<usize>, Strange> {
    let mut reply = Reply::new(answer)?;
    reply.number::<u8>()?;
    let mut list = reply.list()?;
    let mut places = Vec::new();
    while !list.is_empty() {
        places.push(list.number()?);
    }
    Ok(places)
}

/// Counts taken out.
pub(super) struct Taken {
    pub(super) start: SystemTime,
    pub(super) end: SystemTime,
    pub(super) until: Instant,
    pub(super) attempt: u64,
    pub(super) counts: Vec<(Vec<u8>, Vec<u8>)>,
}

/// What a drain that was asked for at `asked` answered; none where there is nothing for who asked.
pub(super) fn drained(answer: Value, asked: Instant) -> Result<Option<Taken>, Strange> {
    let mut reply = Reply::new(answer)?;
    let now: u64 = reply.number()?;
    if reply.number::<i64>()? != 1 {
        return Ok(None);
    }
    let [start, end, deadline, attempt] = [reply.number()?, reply.number()?, reply.number()?, reply.number()?];
    let mut list = reply.list()?;
    let mut counts = Vec::new();
    while !list.is_empty() {
        counts.push((list.bytes()?, list.bytes()?));
    }
    let time = |micros| UNIX_EPOCH + Duration::from_micros(micros);
    let until = asked + Duration::from_micros(u64::saturating_sub(deadline, now));
    Ok(Some(Taken { start: time(start), end: time(end), until, attempt, counts }))
}

pub(super) fn ended(answer: Value) -> Result<bool, Strange> {
    Ok(Reply::new(answer)?.number::<u8>()? == 1)
}
