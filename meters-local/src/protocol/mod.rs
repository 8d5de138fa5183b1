//! The two protocols, decoded to and encoded from one tree.

pub(crate) mod cbor;
pub(crate) mod input;
pub(crate) mod json;
#[cfg(test)]
mod tests;

use crate::error::{self, AwsError};
use hyper::http::request::Parts;

/// A protocol in which CloudWatch can be spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// Smithy RPC v2 with CBOR bodies: aws-sdk-cloudwatch 1.100 and later, and the SDKs for Go and Java.
    Cbor,
    /// AWS JSON 1.0: boto3 and the AWS CLI 2.
    Json,
}

/// The tree between the protocols and the operations.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    /// Seconds since 1970.
    Timestamp(f64),
    Text(String),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
}

impl Value {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A map from name and value pairs.
    pub(crate) fn map<const N: usize>(members: [(&str, Value); N]) -> Self {
        Self::Map(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The member `name` of a map, unless it is null.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        let Self::Map(members) = self else {
            return None;
        };
        members.iter().find(|(key, _)| key == name).map(|(_, value)| value).filter(|value| **value != Self::Null)
    }
}

/// The service name in paths and targets.
const SERVICE: &str = "GraniteServiceVersion20100801";

impl Protocol {
    /// The content type of requests and answers.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Cbor => "application/cbor",
            Self::Json => "application/x-amz-json-1.0",
        }
    }

    /// Reads a body. An empty one is a request without members.
    pub(crate) fn decode(self, body: &[u8]) -> Result<Value, AwsError> {
        if body.is_empty() {
            return Ok(Value::Map(Vec::new()));
        }
        match self {
            Self::Cbor => cbor::decode(body).map_err(str::to_owned),
            Self::Json => json::decode(body),
        }
        .map_err(|reason| AwsError::malformed(format_args!("The request body cannot be read: {reason}.")))
    }

    /// Writes a body.
    pub(crate) fn encode(self, value: &Value) -> Vec<u8> {
        match self {
            Self::Cbor => cbor::encode(value),
            Self::Json => json::encode(value),
        }
    }
}

/// The operation that a request calls, and in which protocol.
pub(crate) fn route(head: &Parts) -> Result<(Protocol, String), AwsError> {
    let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(target) = header("x-amz-target") {
        let operation = target.strip_prefix(SERVICE).and_then(|rest| rest.strip_prefix('.'));
        return operation.map(|name| (Protocol::Json, name.to_owned())).ok_or_else(|| unknown(target));
    }
    let path = head.uri.path();
    let mut steps = path.trim_start_matches('/').split('/');
    match (steps.next(), steps.next(), steps.next(), steps.next(), steps.next()) {
        (Some("service"), Some(SERVICE), Some("operation"), Some(operation), None) => {
            Ok((Protocol::Cbor, operation.to_owned()))
        }
        _ => Err(unknown(path)),
    }
}

fn unknown(what: &str) -> AwsError {
    AwsError::new(&error::UNKNOWN_OPERATION, format_args!("meters-local knows no operation at {what}."))
}

/// Refuses headers that the protocol does not allow.
pub(crate) fn check_headers(protocol: Protocol, head: &Parts) -> Result<(), AwsError> {
    let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    if protocol == Protocol::Cbor && header("smithy-protocol") != "rpc-v2-cbor" {
        return Err(AwsError::malformed("The header smithy-protocol must be rpc-v2-cbor."));
    }
    let content_type = header("content-type").split(';').next().unwrap_or("").trim();
    if content_type != protocol.content_type() {
        let message = format!("The content type must be {}, not {content_type:?}.", protocol.content_type());
        return Err(AwsError::new(&error::MEDIA_TYPE, message));
    }
    Ok(())
}
