//! What a machine is told of a call.

use redis::Value;

use crate::connection::{Doubt, Failure};
use crate::protocol::call::{Outcome, Trouble};

/// The outcome for the machine, and what to say of it.
pub(crate) fn outcome(result: Result<Value, Failure>) -> (Outcome, Option<Failure>) {
    match result {
        Ok(value) => (Outcome::Reply(value), None),
        Err(failure) => {
            let outcome = match failure.doubt {
                Doubt::Unknown => Outcome::Unknown,
                Doubt::Retry => Outcome::Failed(Trouble::Retry),
                Doubt::Configuration => Outcome::Failed(Trouble::Configuration),
            };
            (outcome, Some(failure))
        }
    }
}
