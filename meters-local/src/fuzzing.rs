//! What `fuzz/` reaches for; only there under `--cfg fuzzing`, and in the tests of this crate.

use crate::body::{self, Wire};
use crate::operation;
use crate::protocol::{Protocol, Value, cbor};
use crate::server::{Server, Shared};
use std::time::{Duration, SystemTime};

#[cfg(test)]
mod tests;

/// A receiver without a socket, whose clock stands still.
pub struct Receiver(Shared);

impl Receiver {
    /// One that holds at most that many bytes.
    #[must_use]
    pub fn new(max_stored_bytes: usize) -> Self {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        Self(Server::builder().max_stored_bytes(max_stored_bytes).clock(move || now).shared())
    }

    /// Treats a request as one that came over the wire, and says whether it was taken.
    ///
    /// # Panics
    /// If what is said about it cannot be written or read again.
    pub fn request(&self, protocol: Protocol, operation: &str, coding: Option<&str>, body: &[u8]) -> bool {
        let (_, body) = body::inflate(Wire { bytes: body.to_vec(), len: body.len() }, coding);
        let Ok(request) = body.and_then(|body| protocol.decode(&body)) else {
            return false;
        };
        assert!(protocol.decode(&protocol.encode(&request)).is_ok(), "what was read can be written and read again");
        match operation::run(operation, protocol, &request, &self.0, self.0.now()) {
            Ok(done) => {
                assert!(protocol.decode(&protocol.encode(&done.output)).is_ok());
                true
            }
            Err(error) => {
                assert!((400..500).contains(&error.kind.status), "{error:?}");
                assert!(!error.message.is_empty());
                false
            }
        }
    }
}

/// Reads CBOR, and what is read once more from its own writing.
///
/// # Panics
/// If the two differ.
pub fn cbor_round_trip(bytes: &[u8]) {
    if let Ok(value) = cbor::decode(bytes) {
        let again: Result<Value, _> = cbor::decode(&cbor::encode(&value));
        // By their texts: NaN is not equal to itself.
        assert_eq!(format!("{again:?}"), format!("{:?}", Ok::<_, &str>(value)));
    }
}
