//! The calls, and what their answers say.

use std::time::Duration;

use redis::Value;

use super::change::Change;
use crate::protocol::call::Call;
use crate::protocol::reply::{Reply, Strange};
use crate::protocol::scripts::Script;

static PUSH: Script = Script { name: "instrumentor/push", body: include_str!("lua/push.lua") };
static READ: Script = Script { name: "instrumentor/read", body: include_str!("lua/read.lua") };

#[cfg(test)]
pub(crate) static ALL: [&Script; 2] = [&PUSH, &READ];

/// Longer than anyone tries again.
const WRITER: Duration = Duration::from_secs(86_400);

/// Where a writer notes what it has done: not in the namespace, of which Python understands each field or fails, but in its
/// slot of a cluster, <https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags>.
fn writer_key(namespace: &str, writer: &str) -> Vec<u8> {
    let tag = namespace.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map(|(tag, _)| tag);
    let tag = tag.filter(|tag| !tag.is_empty()).unwrap_or(namespace);
    format!("meters:{{{tag}}}:writer:{writer}").into_bytes()
}

/// `there` is a field that must be there where nothing was forgotten; empty for none.
pub(super) fn push(namespace: &str, writer: &str, seq: u64, there: &str, changes: Vec<Change>) -> Call {
    let mut args = vec![seq.to_string().into(), WRITER.as_millis().to_string().into(), there.into()];
    for change in changes {
        args.extend([change.how.into(), change.field.into_bytes(), change.value.into_bytes()]);
    }
    Call { script: &PUSH, keys: vec![namespace.into(), writer_key(namespace, writer)], args }
}

pub(super) struct Pushed {
    pub(super) forgot: bool,
    /// The places of changes whose field holds no number.
    pub(super) refused: Vec<usize>,
}

pub(super) fn pushed(answer: Value) -> Result<Pushed, Strange> {
    let mut reply = Reply::new(answer)?;
    reply.number::<u8>()?;
    let forgot = reply.number::<u8>()? == 1;
    let mut list = reply.list()?;
    let mut refused = Vec::new();
    while !list.is_empty() {
        refused.push(list.number()?);
    }
    Ok(Pushed { forgot, refused })
}

/// The field that a change of a call is about.
pub(super) fn field(call: &Call, place: usize) -> String {
    call.args.get(4 + place * 3).map_or_else(String::new, |field| String::from_utf8_lossy(field).into_owned())
}

pub(super) fn read(namespace: &str) -> Call {
    Call { script: &READ, keys: vec![namespace.into()], args: Vec::new() }
}

/// A field, and what it holds.
type Entry = (Vec<u8>, Vec<u8>);

pub(super) fn fields(answer: Value) -> Result<Vec<Entry>, Strange> {
    let mut reply = Reply::new(answer)?;
    let mut fields = Vec::new();
    while !reply.is_empty() {
        fields.push((reply.bytes()?, reply.bytes()?));
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use meters_redis_tests::slot;

    use super::*;

    #[test]
    fn what_is_noted_lies_in_the_slot_of_the_namespace() {
        for namespace in ["shop", "{shop}:metrics", "a{b}c{d}", "a{b"] {
            let key = String::from_utf8(writer_key(namespace, "w")).unwrap();
            assert_eq!(slot(&key), slot(namespace), "{key}");
        }
        assert_eq!(writer_key("a{b}", "w"), b"meters:{b}:writer:w");
    }
}
