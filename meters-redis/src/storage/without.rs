//! Parts of the protocol that can be left out, so that tests see that they would notice. Nothing is exact without them.

use std::time::Instant;

use redis::Value;

use super::name::unheard_of;
use super::outcome::outcome;
use crate::connection::{Connection, Failure};
use crate::protocol::call::{Call, Outcome};

/// A part of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Without {
    /// The check of sequence numbers: each try is a batch of its own.
    Sequence,
    /// The wait until the server cannot forget a claim.
    Barrier,
    /// The batches that a writer keeps for a server that forgets.
    Retention,
}

/// Makes a call of a writer. A push is one of a writer that nobody knows, and the server takes it whether or not it has the
/// batch; the machine is told that its own number is the last one.
pub(crate) async fn without_check(
    connection: &mut Connection,
    mut call: Call,
    deadline: Instant,
) -> (Outcome, Option<Failure>) {
    if call.args.len() < 7 {
        return outcome(connection.call(&call, deadline).await);
    }
    let (name, seq) = (unheard_of(), call.args[0].clone());
    call.keys[0].extend(name.bytes());
    call.args[6] = name.into_bytes();
    (call.args[0], call.args[1]) = (b"1".to_vec(), b"0".to_vec());
    let answer = connection.call(&call, deadline).await.map(|value| match value {
        Value::Array(mut parts) if parts.len() > 1 => {
            parts[1] = Value::BulkString(seq);
            Value::Array(parts)
        }
        other => other,
    });
    outcome(answer)
}
